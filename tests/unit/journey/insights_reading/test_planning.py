"""What is read from packs and what from rows is, together, the period."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from heedful.journey.insights_reading.period import DAY, Count, Period
from heedful.journey.insights_reading.planning import (
    PACKED_AT_ONCE,
    DayPack,
    Packs,
    counted,
    inside,
    rest,
    stretches,
)

FIRST = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@given(
    st.integers(0, 60),
    st.integers(1, 200),
    st.dictionaries(st.integers(0, 9), st.integers(1, PACKED_AT_ONCE)),
    st.dictionaries(st.integers(0, 240), st.integers(1, 9)),
    st.integers(1, 30),
)
def test_every_event_is_read_once_and_in_the_order_of_time(
    begin: int, hours: int, packed: dict[int, int], told: dict[int, int], at_once: int
) -> None:
    period = Period(FIRST + begin * HOUR, FIRST + (begin + hours) * HOUR)
    every = [DayPack((FIRST + n * DAY).date(), events) for n, events in packed.items()]
    packs = inside(period, every)
    left = rest(period, packs)
    counts = [
        Count(hour, events)
        for n, events in sorted(told.items())
        if any(one.since <= (hour := FIRST + n * HOUR) < one.until for one in left)
    ]
    found = list(stretches(period, packs, counts, at_once))
    seen: list[Period] = []
    for one in found:
        if isinstance(one, Packs):
            assert len(one.packs) == 1 or sum(p.events for p in one.packs) <= PACKED_AT_ONCE
            seen += [pack.period for pack in one.packs]
        else:
            seen.append(one.period)
    assert all(a.until <= b.since for a, b in pairwise(seen))
    assert [p for one in found if isinstance(one, Packs) for p in one.packs] == packs
    for count in counts:
        assert sum(one.since <= count.hour < one.until for one in seen) == 1
    total = sum(one.events for one in packs) + sum(one.events for one in counts)
    assert sum(one.events for one in counted(packs, counts)) == total


def test_only_whole_days() -> None:
    days = [DayPack((FIRST + n * DAY).date(), 5) for n in (3, 0, 1, 2)]
    found = inside(Period(FIRST + HOUR, FIRST + 3 * DAY), days)
    assert [one.day.day for one in found] == [2, 3]
    assert rest(Period(FIRST + HOUR, FIRST + 3 * DAY), found) == [Period(FIRST + HOUR, FIRST + DAY)]
