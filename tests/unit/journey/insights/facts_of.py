"""Facts from events written one by one, as the loader gives them: by customer and time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import nan

import numpy as np

from heedful.journey.insights.facts import NONE, Coded, Facts, Floats, Ints, Many


@dataclass(frozen=True)
class Event:
    """One event; `customer` None is nobody."""

    customer: str | None = "c1"
    at: float = 0.0
    feedback: bool = True
    interaction: str | None = None
    outbound: bool = False
    channel: str | None = "survey"
    touchpoint: str | None = None
    department: str | None = None
    topics: Sequence[str] = ()
    colour: str | None = None
    valence: float = nan
    score: float = nan
    score_kind: str | None = None
    perceptions: Sequence[str] = ()
    leaving: bool = False
    solicited: bool = False
    amount: float = nan
    duration_s: float = nan
    attributes: dict[str, str] = field(default_factory=dict)


def facts_of(told: Iterable[Event], since: float = 0.0, until: float = 90.0) -> Facts:
    """Events of a period in days; ids are numbers in the order given."""
    numbered = list(enumerate(told))
    numbered.sort(key=lambda n: (n[1].customer is None, n[1].customer or "", n[1].at, n[0]))
    events = [event for _, event in numbered]
    customers = sorted({event.customer for event in events if event.customer is not None})
    number = {name: i for i, name in enumerate(customers)}
    keys = sorted({key for event in events for key in event.attributes})
    return Facts(
        since=since,
        until=until,
        customers=np.array(customers, dtype=object),
        customer=np.array([number.get(e.customer or "", NONE) for e in events], dtype=np.int32),
        at=_floats(e.at for e in events),
        feedback=np.array([e.feedback for e in events], dtype=bool),
        interaction=_coded([e.interaction for e in events]),
        outbound=np.array([e.outbound for e in events], dtype=bool),
        channel=_coded([e.channel for e in events]),
        touchpoint=_coded([e.touchpoint for e in events]),
        department=_coded([e.department for e in events]),
        topics=_many([e.topics for e in events]),
        colour=_coded([e.colour for e in events]),
        valence=_floats(e.valence for e in events),
        score=_floats(e.score for e in events),
        score_kind=_coded([e.score_kind for e in events]),
        perceptions=_many([e.perceptions for e in events]),
        leaving=np.array([e.leaving for e in events], dtype=bool),
        solicited=np.array([e.solicited for e in events], dtype=bool),
        amount=_floats(e.amount for e in events),
        duration_s=_floats(e.duration_s for e in events),
        attributes={key: _coded([e.attributes.get(key) for e in events]) for key in keys},
        sources=np.array(["test"] * len(events), dtype=object),
        ids=np.array([str(i) for i, _ in numbered], dtype=object),
    )


def _floats(values: Iterable[float]) -> Floats:
    return np.array(list(values), dtype=np.float64)


def _codes(values: Iterable[str | None], names: Sequence[str]) -> Ints:
    return np.array([NONE if v is None else names.index(v) for v in values], dtype=np.int32)


def _coded(values: Sequence[str | None]) -> Coded:
    names = sorted({value for value in values if value is not None})
    return Coded(_codes(values, names), tuple(names))


def _many(values: Sequence[Sequence[str]]) -> Many:
    names = sorted({name for several in values for name in several})
    starts = np.cumsum([0, *(len(several) for several in values)]).astype(np.int32)
    return Many(starts, _codes((n for several in values for n in several), names), tuple(names))
