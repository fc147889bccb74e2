"""What holds for every calendar: it says what a walk through the minutes says, and the laws of
counting."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from heedful.alerting.calendars import (
    BeyondLookAhead,
    Calendar,
    due,
    elapsed,
    is_open,
    last_open,
    next_open,
)
from tests.unit.alerting.calendars.made import TARGETS, WINDOW, around_a_night, within_window
from tests.unit.alerting.calendars.walker import MINUTE, Walker

_NOTHING = timedelta()


@settings(deadline=None, max_examples=60)
@given(around_a_night(), TARGETS, st.data())
def test_as_the_walker_says(
    night: tuple[Calendar, datetime], target: timedelta, data: st.DataObject
) -> None:
    calendar, begin = night
    walker = Walker(calendar, begin, WINDOW)
    for _ in range(3):
        start, end = sorted(data.draw(st.tuples(within_window(begin), within_window(begin))))
        _same(walker, walker.due(start, target), partial(due, calendar, start, target))
        _same(walker, walker.next_open(start), partial(next_open, calendar, start))
        assert elapsed(calendar, start, end) == walker.elapsed(start, end)
        assert is_open(calendar, start) == (walker.next_open(start) == start)
        whole = begin + (end - begin) // MINUTE * MINUTE
        expected = walker.last_open(whole)
        if expected is not None:
            assert last_open(calendar, whole) == expected


@settings(deadline=None, max_examples=150)
@given(around_a_night(), TARGETS, TARGETS, st.data())
def test_laws(
    night: tuple[Calendar, datetime], first: timedelta, second: timedelta, data: st.DataObject
) -> None:
    calendar, begin = night
    assume(any(calendar.week))
    one, two, three = sorted(data.draw(st.lists(within_window(begin), min_size=3, max_size=3)))
    try:
        ends = due(calendar, one, first)
        later = due(calendar, one, first + second)
    except BeyondLookAhead:
        assume(False)
    # Of a deadline: so much was worked until then, not a moment sooner, and it can be split.
    assert elapsed(calendar, one, ends) == first
    if first:
        assert elapsed(calendar, one, ends - timedelta(microseconds=1)) < first
    assert due(calendar, ends, second) == later
    # It comes no sooner for who starts later, or has more to do.
    assert ends <= due(calendar, two, first)
    assert ends <= later
    # Of elapsed time: it adds up, and is no longer than time is.
    whole = elapsed(calendar, one, three)
    assert whole == elapsed(calendar, one, two) + elapsed(calendar, two, three)
    assert _NOTHING <= whole <= three - one
    assert elapsed(calendar, three, one) == -whole


@settings(deadline=None, max_examples=150)
@given(around_a_night(), st.data())
def test_openings(night: tuple[Calendar, datetime], data: st.DataObject) -> None:
    calendar, begin = night
    assume(any(calendar.week))
    at = data.draw(within_window(begin))
    opens, last = next_open(calendar, at), last_open(calendar, at)
    assert is_open(calendar, opens)
    assert elapsed(calendar, at, opens) == _NOTHING
    assert is_open(calendar, last)
    assert last < at
    assert elapsed(calendar, last, at) <= MINUTE


def _same(walker: Walker, expected: datetime | None, ask: Callable[[], datetime]) -> None:
    """The code looks further than the window does."""
    if expected is not None:
        assert ask() == expected
        return
    with suppress(BeyondLookAhead):
        assert ask() >= walker.end
