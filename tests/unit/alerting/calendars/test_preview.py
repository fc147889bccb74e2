"""Which deadlines a change of calendars moves."""

from datetime import datetime, timedelta

from heedful.alerting.calendars import Calendar, due
from heedful.alerting.calendars.preview import RunningClock, preview
from heedful.common.contracts import ClockMetric
from tests.unit.alerting.calendars.writing import NINE_FIVE, moment, week, weekdays

OFFICE = weekdays(NINE_FIVE)
LONGER = weekdays("08:00-20:00")
SHORTER = weekdays("10:00-16:00")
NOW = moment("Tue 2026-03-03 09:30")


def _clock(case_id: str, start: str, hours: float, calendar: Calendar = OFFICE) -> RunningClock:
    target = timedelta(hours=hours)

    def under(other: Calendar) -> datetime:
        return due(other, moment(start), target)

    return RunningClock(case_id, ClockMetric.PLAN, 1, calendar.ref, under(calendar), under)


CLOCKS = [
    _clock("tomorrow", "Tue 2026-03-03 09:00", 10),
    _clock("today", "Mon 2026-03-02 16:00", 2),
    _clock("same", "Tue 2026-03-03 10:00", 1),
    _clock("overdue already", "Mon 2026-03-02 09:00", 1),
]


def test_nothing_moves_under_the_same() -> None:
    found = preview(CLOCKS, OFFICE, NOW)
    assert found.looked_at == 4
    assert found.moves == ()


def test_earlier() -> None:
    found = preview(CLOCKS, LONGER, NOW)
    assert [(move.clock.case_id, move.due_at) for move in found.moves] == [
        ("today", moment("Mon 2026-03-02 18:00")),
        ("tomorrow", moment("Tue 2026-03-03 19:00")),
    ]
    assert (found.earlier, found.later, found.out_of_reach) == (2, 0, 0)
    # Of two that come earlier, one has time left.
    assert found.overdue == 1
    assert [move.by for move in found.moves] == [timedelta(hours=-16)] * 2


def test_later() -> None:
    found = preview(CLOCKS, SHORTER, NOW)
    assert (found.earlier, found.later, found.overdue) == (0, 3, 0)
    assert all(move.by is not None and move.by > timedelta() for move in found.moves)


def test_out_of_reach_stands_first() -> None:
    found = preview(CLOCKS, week("UTC", {}), NOW)
    assert (found.out_of_reach, found.earlier, found.later) == (4, 0, 0)
    assert {move.due_at for move in found.moves} == {None}
    assert {move.by for move in found.moves} == {None}
