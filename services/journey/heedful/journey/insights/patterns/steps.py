"""The steps that a pattern can be made of, and when they happened to whom. Pure."""

from dataclasses import dataclass

import numpy as np

from heedful.journey.insights.complaints import complaints
from heedful.journey.insights.distinct import distinct
from heedful.journey.insights.facts import NONE, Coded, Facts, Flags, Ints
from heedful.journey.insights.followup import CHURN
from heedful.journey.spoken import Spoken, Tone


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """
    Attributes:
        name: touchpoint and topic, or touchpoint and kind of interaction.
        touchpoint: where; None of what has no touchpoint.
        said: a customer said it; otherwise it happened.
        events: in the order of the facts.
    """

    name: str
    touchpoint: str | None
    said: bool
    events: Ints


def steps(facts: Facts, tone: Tone, said: int, happened: int) -> list[Step]:
    """At most `said` touchpoint-topics and `happened` touchpoint-interactions, those with most
    customers first; departures are always among them."""
    chosen = spoken(facts, tone)[facts.topics.events]
    events = facts.topics.events[chosen]
    topics = Coded(facts.topics.codes[chosen], facts.topics.names)
    found = _most(facts, events, topics, said, True)
    others = np.flatnonzero(occurred(facts))
    gone = facts.interaction.having(CHURN)[others]
    kinds = Coded(facts.interaction.codes[others[~gone]], facts.interaction.names)
    found += _most(facts, others[~gone].astype(np.int32), kinds, happened, False)
    if gone.any():
        found.append(Step(CHURN, None, False, others[gone].astype(np.int32)))
    return found


def spoken(facts: Facts, tone: Tone) -> Flags:
    """Events in which a known customer spoke of any topic in this tone."""
    about: Flags = (np.diff(facts.topics.starts) > 0) & (facts.customer != NONE) & facts.voiced
    if tone is Tone.BLAME:
        about &= complaints(facts)
    elif tone is Tone.PRAISE:
        about &= facts.colour.having("green") | (facts.valence > 0)
    return about


def occurred(facts: Facts) -> Flags:
    """Interactions of known customers."""
    found: Flags = ~facts.feedback & (facts.interaction.codes != NONE) & (facts.customer != NONE)
    return found


def _most(facts: Facts, events: Ints, what: Coded, most: int, said: bool) -> list[Step]:
    """Steps of a touchpoint and what was said or done there, by customers."""
    touchpoints = facts.touchpoint.codes[events].astype(np.int64)
    kind = (touchpoints + 1) * max(len(what.names), 1) + what.codes
    # Events rise, so that those of each kind do, and their customers stand together.
    order = np.argsort(kind, kind="stable")
    kinds, first = np.unique(kind[order], return_index=True)
    parts = np.split(events[order], first[1:]) if len(kinds) else []
    ranked = sorted(
        (-np.count_nonzero(np.diff(facts.customer[part], prepend=NONE)), number)
        for number, part in enumerate(parts)
    )
    found = []
    for _, number in ranked[:most]:
        place, name = divmod(int(kinds[number]), len(what.names))
        touchpoint = facts.touchpoint.names[place - 1] if place else None
        named = Spoken(touchpoint, what.names[name]).name
        found.append(Step(named, touchpoint, said, distinct(parts[number]).astype(np.int32)))
    return found
