"""Journeys that end with a score: the moments before it, the strongest and the last of them."""

from dataclasses import dataclass

import numpy as np

from heedful.journey.insights.facts import NONE, Facts, Flags, Floats, Ints


@dataclass(frozen=True, slots=True, eq=False)
class Journeys:
    """One entry a journey.

    Attributes:
        scored, peak, end: events: that gives the score, the moment felt most strongly before it
            (of equal ones the later), and the last moment before it.
        mean: of the valence of all moments.
    """

    customer: Ints
    scored: Ints
    peak: Ints
    end: Ints
    score: Floats
    peak_valence: Floats
    end_valence: Floats
    mean: Floats

    def __len__(self) -> int:
        return len(self.score)


def journeys(facts: Facts, kind: str, gap_days: float, moments: int) -> Journeys:
    """What customers felt before each score, since the score before it.

    What is said with the score itself is no moment of the journey: the one would explain the other.

    Args:
        kind: of scores that end a journey.
        gap_days: two things said further apart belong to different journeys.
        moments: that a journey has at least.
    """
    ends = facts.score_kind.having(kind) & ~np.isnan(facts.score)
    heard = np.flatnonzero(
        facts.voiced & (facts.customer != NONE) & (ends | ~np.isnan(facts.valence))
    ).astype(np.int32)
    run = _runs(facts, heard, ends[heard], gap_days)
    last = np.append(run[1:] != run[:-1], True) if len(run) else np.zeros(0, dtype=bool)
    felt = ~(last & ends[heard])
    runs = int(run[-1]) + 1 if len(run) else 0
    size = np.bincount(run[felt], minlength=runs)
    closed = np.zeros(runs, dtype=bool)
    closed[run[~felt]] = True
    kept = closed & (size >= moments)
    scored = heard[~felt][kept[run[~felt]]]
    inside = felt & kept[run]
    event, place = heard[inside], run[inside]
    valence = facts.valence[event]
    # Of the entries of a run in this order, the last is its strongest.
    order = np.lexsort((np.arange(len(event)), np.abs(valence), place))
    closing = np.flatnonzero(np.append(place[1:] != place[:-1], len(place) > 0)[: len(place)])
    peak, end = event[order][closing], event[closing]
    sums = np.bincount(place, weights=valence, minlength=runs)[kept]
    return Journeys(
        customer=facts.customer[scored],
        scored=scored,
        peak=peak,
        end=end,
        score=facts.score[scored],
        peak_valence=facts.valence[peak],
        end_valence=facts.valence[end],
        mean=sums / size[kept],
    )


def _runs(facts: Facts, heard: Ints, ends: Flags, gap_days: float) -> Ints:
    """The number of the run of each: one ends with its customer, a long silence or a score."""
    if not len(heard):
        return heard
    begins = np.zeros(len(heard), dtype=np.int32)
    begins[1:] = (
        (np.diff(facts.customer[heard]) != 0) | (np.diff(facts.at[heard]) > gap_days) | ends[:-1]
    )
    found: Ints = np.cumsum(begins, dtype=np.int32)
    return found
