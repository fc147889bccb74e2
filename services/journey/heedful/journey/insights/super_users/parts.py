"""The four parts of the score of a super user, each counted from what they said. Pure.

What was asked or paid for is left out, and so is what employees wrote.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from heedful.journey.insights.distinct import distinct
from heedful.journey.insights.facts import NONE, Facts, Flags, Floats, Ints
from heedful.journey.insights.statistics.ranks import mean_ranks

PUBLIC: Final = ("review", "social")
"""Channels where others read it."""
HELPFUL: Final = "helpful"
"""The attribute of a feedback item that says how many others found it helpful."""
PARTS: Final = ("depth", "helpfulness", "breadth", "reach")


@dataclass(frozen=True, slots=True, eq=False)
class Speakers:
    """Customers with enough feedback.

    Attributes:
        customer: their numbers.
        items: how many feedback items each has.
        raw: what was counted of each: topics an item (`depth`); the share of their mentions that
            others confirmed later (`confirmed`); how often others found an item helpful (`votes`);
            different topics and touchpoints (`breadth`); public items (`reach`).
        voted: votes are known at all; without them what was confirmed stands for help.
        ranks: by part their rank among all, 0 to 1.
    """

    customer: Ints
    items: Ints
    raw: Mapping[str, Floats]
    voted: bool
    ranks: Mapping[str, Floats]


def own(facts: Facts) -> Flags:
    """What known customers said of themselves."""
    found: Flags = facts.voiced & (facts.customer != NONE) & ~facts.solicited
    return found


def speakers(facts: Facts, of: Flags, at_least: int, others: int, within_days: float) -> Speakers:
    """
    Args:
        of: the items that count.
        others, within_days: a mention is confirmed when so many other customers speak of the same
            topic within so many days after it.
    """
    customers = len(facts.customers)
    items = np.bincount(facts.customer[of], minlength=customers)
    who = np.flatnonzero(items >= at_least).astype(np.int32)
    entries = facts.topics.events
    counted = of[entries]
    event, topic = entries[counted], facts.topics.codes[counted]
    speaker = facts.customer[event]
    mentions = np.bincount(speaker, minlength=customers)
    confirmed = _confirmed(facts.at[event], topic, speaker, others, within_days)
    # Of what was said lately nobody knows yet.
    known = facts.at[event] + within_days <= facts.until
    helped = np.bincount(speaker[known & confirmed], minlength=customers)
    could_help = np.bincount(speaker[known], minlength=customers)
    public = of & np.isin(facts.channel.codes, [facts.channel.code(name) for name in PUBLIC])
    breadth = _different(speaker, topic, customers)
    places = of & (facts.touchpoint.codes != NONE)
    breadth = breadth + _different(
        facts.customer[places], facts.touchpoint.codes[places], customers
    )
    raw = {
        "depth": (mentions / np.maximum(items, 1))[who],
        "confirmed": (helped / np.maximum(could_help, 1))[who],
        "votes": (_votes(facts, of) / np.maximum(items, 1))[who],
        "breadth": breadth[who].astype(np.float64),
        "reach": np.bincount(facts.customer[public], minlength=customers)[who].astype(np.float64),
    }
    voted = bool(raw["votes"].any())
    counted_by = {**raw, "helpfulness": raw["votes" if voted else "confirmed"]}
    ranks = {part: _rank(counted_by[part]) for part in PARTS}
    return Speakers(who, items[who].astype(np.int32), raw, voted, ranks)


def _votes(facts: Facts, of: Flags) -> Floats:
    """By customer how often others found what they said helpful, as far as channels tell."""
    told = facts.attribute(HELPFUL)
    worth = np.array([float(name) if name.isdecimal() else 0.0 for name in told.names] + [0.0])
    # The code of nothing said, -1, is the last one: 0.
    votes = np.bincount(
        facts.customer[of], weights=worth[told.codes[of]], minlength=len(facts.customers)
    )
    return votes.astype(np.float64)


def _confirmed(at: Floats, topic: Ints, speaker: Ints, others: int, days: float) -> Flags:
    """Whether so many others said it within some days after.

    Counted by first mentions: of each customer the first of a topic, which nobody says twice.
    Mentions come customer by customer, each by time.
    """
    order = np.argsort(topic, kind="stable")
    pair = topic[order].astype(np.int64) * (int(speaker.max(initial=0)) + 1) + speaker[order]
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = pair[1:] != pair[:-1]
    # One line for all topics: each topic's times begin behind those of the one before.
    length = float(at.max(initial=0.0) - at.min(initial=0.0)) + days + 1
    line = topic * length + (at - at.min(initial=0.0))
    firsts = np.sort(line[order[first]])
    # In their order a million are looked up several times as fast.
    turn = np.argsort(line)
    after = np.searchsorted(firsts, line[turn], side="right")
    until = np.searchsorted(firsts, line[turn] + days, side="right")
    found = np.empty(len(line), dtype=np.bool_)
    found[turn] = until - after >= others
    return found


def _different(customer: Ints, what: Ints, customers: int) -> Ints:
    """By customer how many different things."""
    size = int(what.max(initial=0)) + 1
    pairs = distinct(customer.astype(np.int64) * size + what)
    return np.bincount(pairs // size, minlength=customers).astype(np.int32)


def _rank(values: Floats) -> Floats:
    """0 for the least, 1 for the most; ties share the middle."""
    if len(values) < 2:
        return np.full(len(values), 0.5)
    found: Floats = (mean_ranks(values) - 1) / (len(values) - 1)
    return found
