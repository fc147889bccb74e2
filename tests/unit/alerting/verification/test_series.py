"""Which days are compared, and when a day says enough."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.alerting.verification.series import (
    Count,
    Day,
    Measure,
    Unit,
    Windows,
    series,
    total,
)

RECEIVED = date(2026, 6, 1)
WINDOWS = Windows.of(RECEIVED, RECEIVED + timedelta(days=5), 28)
MENTIONS = Count(n=10, negative=4, scored=5, score=-1.5)
DAY = timedelta(days=1)


def days(start: date, end: date, count: Count = MENTIONS) -> list[Day]:
    return [Day(start + number * DAY, count, count) for number in range((end - start).days)]


def whole(count: Count = MENTIONS) -> list[Day]:
    return days(WINDOWS.before.start, WINDOWS.after.end, count)


def test_the_days_of_the_peak_count_for_neither_side() -> None:
    assert WINDOWS.before.end == date(2026, 5, 18)
    assert WINDOWS.before.start == date(2026, 2, 23)
    assert WINDOWS.after.start == date(2026, 6, 7)
    assert (WINDOWS.after.end, WINDOWS.due) == (date(2026, 7, 5), date(2026, 7, 6))
    assert not any(
        day in window
        for window in (WINDOWS.before, WINDOWS.after)
        for day in (RECEIVED - 14 * DAY, RECEIVED, RECEIVED + 5 * DAY)
    )


def test_by_day_where_days_hold_enough() -> None:
    found = series(whole(), WINDOWS, Measure.NEGATIVE_RATE)
    assert (found.unit, len(found.of(after=False)), len(found.of(after=True))) == (Unit.DAY, 84, 28)
    assert found.long_enough
    assert found.days_before == 84
    assert [point.at for point in found.points[:3]] == [0, 1, 2]


def test_by_week_where_they_do_not() -> None:
    found = series(whole(Count(n=2, negative=1)), WINDOWS, Measure.NEGATIVE_RATE)
    assert found.unit is Unit.WEEK
    assert [point.at for point in found.of(after=False)] == list(range(0, 84, 7))
    assert len(found.of(after=True)) == 4
    assert found.points[0].topic == Count(n=14, negative=7)


def test_a_measure_counts_what_it_is_of() -> None:
    """Ten mentions a day, but only two with a score: by week for the sentiment."""
    assert series(whole(), WINDOWS, Measure.NEGATIVE_RATE).unit is Unit.DAY
    few = Count(n=10, negative=1, scored=2, score=1.0)
    assert series(whole(few), WINDOWS, Measure.MEAN_SENTIMENT).unit is Unit.WEEK


def test_a_short_baseline() -> None:
    recent = days(WINDOWS.before.end - 70 * DAY, WINDOWS.after.end)
    found = series(recent, WINDOWS, Measure.NEGATIVE_RATE)
    assert found.days_before == 70
    assert not series([], WINDOWS, Measure.NEGATIVE_RATE).long_enough


def test_levels() -> None:
    assert MENTIONS.level(Measure.NEGATIVE_RATE) == 0.4
    assert MENTIONS.level(Measure.MEAN_SENTIMENT) == pytest.approx(-0.3)
    assert Count().level(Measure.NEGATIVE_RATE) is None
    assert Count(n=3).level(Measure.MEAN_SENTIMENT) is None


@given(st.dates(date(2026, 1, 1), date(2026, 9, 1)), st.integers(0, 60), st.integers(14, 90))
def test_windows_follow_each_other(received: date, open_days: int, after_days: int) -> None:
    windows = Windows.of(received, received + open_days * DAY, after_days)
    assert windows.before.end == windows.during.start < windows.during.end == windows.after.start
    assert received in windows.during
    assert windows.after.end < windows.due


@given(st.lists(st.integers(0, 40), min_size=10, max_size=200))
def test_nothing_is_counted_twice(mentions: list[int]) -> None:
    given_days = [
        Day(WINDOWS.before.start + number * DAY, Count(n=n), Count(n=n))
        for number, n in enumerate(mentions)
    ]
    windows = (WINDOWS.before, WINDOWS.during, WINDOWS.after)
    inside = sum(total(given_days, window)[0].n for window in windows)
    known = [one.topic.n for one in given_days if one.day < WINDOWS.after.end]
    assert inside == sum(known)
    used = sum(p.topic.n for p in series(given_days, WINDOWS, Measure.NEGATIVE_RATE).points)
    assert used <= inside
