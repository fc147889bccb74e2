"""What is said of a fix, and on what grounds. Pure; `effect` does the arithmetic."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from heedful.alerting.verification import effect as effects
from heedful.alerting.verification.effect import Step
from heedful.alerting.verification.series import (
    Count,
    Day,
    Measure,
    Series,
    Unit,
    Windows,
    series,
    total,
)

_LONG_BASELINE: Final = 70
"""Days of baseline from which on a trend of its own can be told."""

_FEWEST_MENTIONS: Final = 30

_MATTERS: Final = {Measure.NEGATIVE_RATE: 0.05, Measure.MEAN_SENTIMENT: 0.1}
"""A smaller change than this matters to nobody."""


class Outcome(StrEnum):
    """`no_effect`: any effect is smaller than what matters. `inconclusive`: it cannot be told."""

    VERIFIED = "verified"
    NO_EFFECT = "no_effect"
    WORSE = "worse"
    INCONCLUSIVE = "inconclusive"


class Why(StrEnum):
    """Why it is inconclusive."""

    TOO_FEW = "too_few"
    NO_CONTROL = "no_control"
    TOO_WIDE = "too_wide"


class Method(StrEnum):
    """An interrupted time series against the other topics, or, where the baseline is too short to
    show a trend, the difference in differences."""

    INTERRUPTED_SERIES = "interrupted_time_series"
    DIFFERENCES = "difference_in_differences"


class Assumption(StrEnum):
    """What must hold for the verdict to be about the fix."""

    PARALLEL_TREND = "parallel_trend"
    TREND_GOES_ON = "trend_goes_on"
    NOTHING_ELSE_CHANGED = "nothing_else_changed"
    FIX_LEAVES_CONTROL_ALONE = "fix_leaves_control_alone"


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the comparison: the level of the measure, and mentions that it is of."""

    level: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The topic and the other topics before and after; the topic in the episode left out."""

    before: Side
    during: Side
    after: Side
    control_before: Side
    control_after: Side


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the one look found.

    Attributes:
        step: the topic's change beyond that of the others, in units of the measure.
        points: days or weeks (`unit`) that were used, before and after.
        matters: the smallest change that counts.
    """

    outcome: Outcome
    why: Why | None
    measure: Measure
    figures: Figures
    unit: Unit
    points: tuple[int, int]
    matters: float
    method: Method | None = None
    step: Step | None = None
    assumptions: tuple[Assumption, ...] = ()


def decide(days: Sequence[Day], windows: Windows, measure: Measure) -> Verdict:
    """The verdict on a fix, from the days of its windows; days without mentions may be left out."""
    figures = _figures(days, windows, measure)
    found = series(days, windows, measure)
    points = (len(found.of(after=False)), len(found.of(after=True)))

    def undecided(why: Why) -> Verdict:
        return Verdict(
            Outcome.INCONCLUSIVE, why, measure, figures, found.unit, points, _MATTERS[measure]
        )

    if min(figures.before.n, figures.after.n) < _FEWEST_MENTIONS:
        return undecided(Why.TOO_FEW)
    if min(figures.control_before.n, figures.control_after.n) < _FEWEST_MENTIONS:
        return undecided(Why.NO_CONTROL)
    if not found.long_enough:
        return undecided(Why.TOO_FEW)
    trend = found.days_before >= _LONG_BASELINE
    step = _step(found, measure, trend=trend)
    outcome, why = _read(step, measure)
    return Verdict(
        outcome,
        why,
        measure,
        figures,
        found.unit,
        points,
        _MATTERS[measure],
        Method.INTERRUPTED_SERIES if trend else Method.DIFFERENCES,
        step,
        (
            Assumption.TREND_GOES_ON if trend else Assumption.PARALLEL_TREND,
            Assumption.NOTHING_ELSE_CHANGED,
            Assumption.FIX_LEAVES_CONTROL_ALONE,
        ),
    )


def _read(step: Step, measure: Measure) -> tuple[Outcome, Why | None]:
    least, most = sorted((measure.better * step.low, measure.better * step.high))
    if max(-least, most) < _MATTERS[measure]:
        return Outcome.NO_EFFECT, None
    if least > 0:
        return Outcome.VERIFIED, None
    if most < 0:
        return Outcome.WORSE, None
    return Outcome.INCONCLUSIVE, Why.TOO_WIDE


def _step(found: Series, measure: Measure, *, trend: bool) -> Step:
    times, after, values, weights = [], [], [], []
    for point in found.points:
        topic, control = point.topic.level(measure), point.control.level(measure)
        if topic is None or control is None:
            continue
        times.append(point.at // found.unit.days)
        after.append(point.after)
        values.append(topic - control)
        weights.append(1 / (1 / point.topic.size(measure) + 1 / point.control.size(measure)))
    return effects.step(times, after, values, weights, trend=trend)


def _figures(days: Sequence[Day], windows: Windows, measure: Measure) -> Figures:
    before, control_before = total(days, windows.before)
    during, _ = total(days, windows.during)
    after, control_after = total(days, windows.after)
    return Figures(
        *(_side(one, measure) for one in (before, during, after, control_before, control_after))
    )


def _side(count: Count, measure: Measure) -> Side:
    return Side(count.level(measure), count.size(measure))
