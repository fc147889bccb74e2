"""What customers said of a topic, day by day, and which of those days are compared. Pure.

Barnett, van der Pols and Dobson, "Regression to the mean: what it is and how to deal with it",
Int. J. Epidemiology 34 (2005): whoever acts on a peak sees it fall by itself. So the baseline
ends before the days that opened the case, and those days count neither before nor after.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

BASELINE: Final = timedelta(days=84)
"""How far before the episode the baseline reaches: twelve weeks."""

EPISODE: Final = timedelta(days=14)
"""How long before the receipt of its case a peak may have begun."""

SETTLING: Final = timedelta(days=1)
"""After the last day, until what was said on it has its labels."""

FEWEST: Final = 5
"""A day, or a week, with fewer mentions than this says nothing."""

_DENSE: Final = 0.8
_WEEK: Final = 7
_FEWEST_BEFORE: Final = 8
_FEWEST_AFTER: Final = 4


class Measure(StrEnum):
    """What a fix should move: the share of mentions that are negative (0 to 1, down is better),
    or the mean sentiment of the feedback that mentions it (-1 to 1, up is better)."""

    NEGATIVE_RATE = "negative_rate"
    MEAN_SENTIMENT = "mean_sentiment"

    @property
    def better(self) -> int:
        """The sign of an improvement."""
        return -1 if self is Measure.NEGATIVE_RATE else 1


class Unit(StrEnum):
    """What one point of the series is of."""

    DAY = "day"
    WEEK = "week"

    @property
    def days(self) -> int:
        return 1 if self is Unit.DAY else _WEEK


@dataclass(frozen=True, slots=True)
class Count:
    """Mentions of one topic or of several, on one day or on several.

    Attributes:
        n: mentions.
        negative: how many of them blame.
        scored: mentions in feedback with a score of sentiment.
        score: sum of those scores.
    """

    n: int = 0
    negative: int = 0
    scored: int = 0
    score: float = 0.0

    def __add__(self, other: "Count") -> "Count":
        return Count(
            self.n + other.n,
            self.negative + other.negative,
            self.scored + other.scored,
            self.score + other.score,
        )

    def size(self, measure: Measure) -> int:
        """How many mentions the measure is of."""
        return self.n if measure is Measure.NEGATIVE_RATE else self.scored

    def level(self, measure: Measure) -> float | None:
        """The measure; None without mentions."""
        if not self.size(measure):
            return None
        if measure is Measure.NEGATIVE_RATE:
            return self.negative / self.n
        return self.score / self.scored


@dataclass(frozen=True, slots=True)
class Day:
    """One day: mentions of the topic, and of all other topics."""

    day: date
    topic: Count
    control: Count


@dataclass(frozen=True, slots=True)
class Window:
    """Days from `start` to before `end`."""

    start: date
    end: date

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end


@dataclass(frozen=True, slots=True)
class Windows:
    """The baseline, the episode that is left out, and the days after the fix."""

    before: Window
    during: Window
    after: Window

    @classmethod
    def of(cls, received: date, landed: date, after_days: int) -> "Windows":
        """Of a case that was received and fixed on these days.

        The day of the fix belongs to neither side.
        """
        peak = received - EPISODE
        first = landed + timedelta(days=1)
        return cls(
            Window(peak - BASELINE, peak),
            Window(peak, first),
            Window(first, first + timedelta(days=after_days)),
        )

    @property
    def due(self) -> date:
        """The day on which the one look is taken."""
        return self.after.end + SETTLING


@dataclass(frozen=True, slots=True)
class Point:
    """One day or week. `at` counts days from the first day of the baseline."""

    at: int
    after: bool
    topic: Count
    control: Count


@dataclass(frozen=True, slots=True)
class Series:
    """Points that hold enough to say something, in the order of time."""

    unit: Unit
    points: tuple[Point, ...]

    def of(self, *, after: bool) -> Sequence[Point]:
        return [one for one in self.points if one.after is after]

    @property
    def long_enough(self) -> bool:
        return (
            len(self.of(after=False)) >= _FEWEST_BEFORE
            and len(self.of(after=True)) >= _FEWEST_AFTER
        )

    @property
    def days_before(self) -> int:
        """Days from the first point of the baseline to the end of the last."""
        found = self.of(after=False)
        return found[-1].at - found[0].at + self.unit.days if found else 0


def series(days: Iterable[Day], windows: Windows, measure: Measure) -> Series:
    """By day where four of five days on both sides hold enough, else by week.

    The baseline begins with the first day of which anything is known. Weeks are counted from the
    ends that face the episode: back from its first day, and on from the day after the fix. What
    is left over at the far ends is no week and is left out.
    """
    known = {one.day: one for one in days}
    first = min((day for day in known if day in windows.before), default=windows.before.end)
    daily = _points(known, windows, measure, Unit.DAY)
    lengths = {
        False: (windows.before.end - first).days,
        True: (windows.after.end - windows.after.start).days,
    }
    dense = all(len(daily.of(after=after)) >= _DENSE * n for after, n in lengths.items())
    return daily if dense else _points(known, windows, measure, Unit.WEEK)


def total(days: Iterable[Day], window: Window) -> tuple[Count, Count]:
    """All mentions within a window: of the topic, and of the others."""
    topic, control = Count(), Count()
    for one in days:
        if one.day in window:
            topic, control = topic + one.topic, control + one.control
    return topic, control


def _points(known: dict[date, Day], windows: Windows, measure: Measure, unit: Unit) -> Series:
    found = []
    for start, after in _starts(windows, unit):
        span = Window(start, start + timedelta(days=unit.days))
        whole = (known.get(start + timedelta(days=number)) for number in range(unit.days))
        topic, control = total((day for day in whole if day is not None), span)
        if min(topic.size(measure), control.size(measure)) >= FEWEST:
            found.append(Point((start - windows.before.start).days, after, topic, control))
    return Series(unit, tuple(found))


def _starts(windows: Windows, unit: Unit) -> Iterable[tuple[date, bool]]:
    before, after = windows.before, windows.after
    for number in range((before.end - before.start).days // unit.days, 0, -1):
        yield before.end - timedelta(days=number * unit.days), False
    for number in range((after.end - after.start).days // unit.days):
        yield after.start + timedelta(days=number * unit.days), True
