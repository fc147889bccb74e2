"""What is at risk of customers with contracts, whose leaving is recorded. Pure.

All of the time that they were watched is compared, not a moment of it: the time in which a customer
had complained of a topic lately against all other time of customers of the same segment and plan,
in the same quarter and known for as long. Weeks stand for who could leave, departures for who did
(Mantel and Haenszel's method, as for risks).
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from heedful.journey.insights.complaints import complaints
from heedful.journey.insights.distinct import distinct
from heedful.journey.insights.facts import NONE, Facts, Flags, Floats, Ints
from heedful.journey.insights.followup import FollowUp
from heedful.journey.insights.segments import segments
from heedful.journey.insights.statistics.mantel_haenszel import Compared, Tables, compared
from heedful.journey.insights.value.at_risk import TENURES, AtRisk, normal

QUARTER: Final = 91.0
WEEK: Final = 7.0


@dataclass(frozen=True, slots=True, eq=False)
class Spells:
    """Time of customers, from `begin` to `end` in days.

    Attributes:
        of: whatever the time belongs to: a topic, or 0.
        left: they left at its end.
    """

    of: Ints
    customer: Ints
    begin: Floats
    end: Floats
    left: Flags


def at_risk(
    facts: Facts, follow: FollowUp, who: Flags, within: Flags, window: float, expected: Floats
) -> AtRisk:
    """All topics at once.

    Args:
        who: by customer, whose time counts.
        within: complaints that count.
        window: days for which a complaint counts.
        expected: by customer, what they are expected to bring.
    """
    topics, weeks = len(facts.topics.names), window / WEEK
    after = _complained(facts, follow, who, within, window)
    sums = compared(_tables(facts, follow, _watched(follow, who), after))
    pairs = distinct(after.of.astype(np.int64) * len(who) + after.customer)
    customers = np.bincount(pairs // len(who), minlength=topics)
    there = (after.end == facts.until) & ~after.left & (after.begin + window > facts.until)
    of, worth = after.of[there], expected[after.customer[there]]
    # Of the time for which their complaint counts, a part is over.
    ahead = worth * (after.begin[there] + window - facts.until) / WEEK
    at_stake = np.bincount(of, ahead, minlength=topics)
    spread = np.bincount(of, ahead**2, minlength=topics)
    return AtRisk(
        now=np.bincount(of, worth > 0, minlength=topics).astype(np.int32),
        worth=np.bincount(of, worth, minlength=topics).astype(np.float64),
        association=_over(sums, weeks, customers.astype(np.int32)),
        value=[
            normal(float(rd * stake), float(np.sqrt((error * stake) ** 2 + rd**2 * square)))
            for rd, error, stake, square in zip(
                sums.difference, sums.error, at_stake, spread, strict=True
            )
        ],
        excess=[
            normal(float(rd * weeks), float(error * weeks))
            for rd, error in zip(sums.difference, sums.error, strict=True)
        ],
    )


def _over(sums: Compared, weeks: float, customers: Ints) -> Compared:
    """Of rates a week the shares who leave in so many weeks, on so many customers."""
    return replace(
        sums,
        exposed=customers.astype(np.float64),
        risk=-np.expm1(-sums.risk * weeks),
        otherwise=-np.expm1(-sums.otherwise * weeks),
    )


def _complained(facts: Facts, follow: FollowUp, who: Flags, within: Flags, window: float) -> Spells:
    """Time after complaints by topic; none of a customer is in it twice for one topic."""
    some = complaints(facts) & within & (facts.customer != NONE)
    chosen = some[facts.topics.events]
    events, topic = facts.topics.events[chosen], facts.topics.codes[chosen]
    customer, begin = facts.customer[events], facts.at[events]
    # What happens as they leave is part of leaving.
    kept = who[customer] & (begin < follow.exit[customer])
    topic, customer, begin = topic[kept], customer[kept], begin[kept]
    order = np.lexsort((begin, customer, topic))
    topic, customer, begin = topic[order], customer[order], begin[order]
    end = np.minimum(begin + window, follow.exit[customer])
    again = np.zeros(len(topic), dtype=np.bool_)
    again[:-1] = (topic[1:] == topic[:-1]) & (customer[1:] == customer[:-1])
    end[again] = np.minimum(end, np.append(begin[1:], np.inf))[again]
    left = follow.left[customer] & (end == follow.exit[customer]) & ~again
    return Spells(topic, customer, begin, end, left)


def _watched(follow: FollowUp, who: Flags) -> Spells:
    own = np.flatnonzero(who & (follow.exit > follow.entry)).astype(np.int32)
    return Spells(np.zeros_like(own), own, follow.entry[own], follow.exit[own], follow.left[own])


def _tables(facts: Facts, follow: FollowUp, watched: Spells, after: Spells) -> Tables:
    """Departures and weeks by topic and stratum, after complaints and otherwise."""
    topics, quarters = len(facts.topics.names), int((facts.until - facts.since) / QUARTER) + 1
    all_of = segments(facts)
    strata = (int(all_of.max(initial=0)) + 1) * quarters * (len(TENURES) + 1)

    def sums(spells: Spells, many: int) -> tuple[Floats, Floats]:
        cut, quarter = _cut(spells, facts.since)
        begin = facts.since + quarter * QUARTER
        known = np.maximum(begin - follow.entry[cut.customer], 0.0)
        tenure = np.searchsorted(TENURES, known, side="right")
        place = (all_of[cut.customer] * quarters + quarter) * (len(TENURES) + 1) + tenure
        place += cut.of.astype(np.int64) * strata
        weeks = np.bincount(place, (cut.end - cut.begin) / WEEK, minlength=many * strata)
        left = np.bincount(place, cut.left, minlength=many * strata)
        shape = (many, strata)
        return left.astype(np.float64).reshape(shape), weeks.astype(np.float64).reshape(shape)

    a, n1 = sums(after, topics)
    m, n = sums(watched, 1)
    return Tables(a, n1, m - a, np.maximum(n - n1, 0.0))


def _cut(spells: Spells, since: float) -> tuple[Spells, Ints]:
    """The same time cut at quarters, and the quarter of each part, from 0."""
    first = np.floor((spells.begin - since) / QUARTER).astype(np.int64)
    # A quarter belongs to who is in it for any time.
    last = np.maximum(np.ceil((spells.end - since) / QUARTER).astype(np.int64) - 1, first)
    counts = last - first + 1
    of = np.repeat(np.arange(len(counts)), counts)
    number = np.arange(len(of)) - np.repeat(np.cumsum(counts) - counts, counts)
    quarter = first[of] + number
    parts = Spells(
        spells.of[of],
        spells.customer[of],
        np.maximum(spells.begin[of], since + quarter * QUARTER),
        np.minimum(spells.end[of], since + (quarter + 1) * QUARTER),
        spells.left[of] & (quarter == last[of]),
    )
    return parts, quarter
