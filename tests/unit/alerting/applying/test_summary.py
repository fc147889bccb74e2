"""What a version moves, counted."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from heedful.alerting.applying.summary import SHOWN, Counts, Summary, moves
from heedful.common.contracts import CaseEventKind, ClockMetric
from tests.unit.alerting.applying.orders import changed, policy, stored
from tests.unit.alerting.journeys import HOUR, NOW, OPENED, step

Metric = ClockMetric


def counted(hours: float, *targets: float) -> Summary:
    """Of one case for each target of the respond clock, so many hours after its start."""
    summary = Summary()
    for number, target in enumerate(targets):
        case, change = changed([OPENED], policy({Metric.RESPOND: target, Metric.PLAN: 96}), hours)
        before = stored([OPENED]).case
        summary.add(f"case-{number:03}", before, case, change, NOW + hours * HOUR)
    return summary


def test_what_moves_begins_stops_and_runs_out_is_counted_by_clock() -> None:
    summary = counted(6, 4, 8, 24, 30)
    assert (summary.cases, summary.changed) == (4, 4)
    assert summary.clocks == {
        Metric.RESPOND: Counts(looked_at=4, earlier=2, later=1, overdue=1),
        Metric.PLAN: Counts(looked_at=4, later=4),
        Metric.LAND: Counts(looked_at=4, ended=4),
    }


def test_a_clock_that_begins_may_have_run_out_already() -> None:
    told = [replace(OPENED, terms=())]
    case, change = changed(told, policy({Metric.RESPOND: 4}), 6)
    (move,) = moves("c", stored(told).case, case, NOW + 6 * HOUR)
    assert (move.was_due, move.due_at, move.overdue) == (None, NOW + 4 * HOUR, True)
    assert change.steps


def test_what_was_overdue_before_is_not_counted_as_moved() -> None:
    breach = step(CaseEventKind.BREACHED, 24 * 60, Metric.RESPOND)
    told = [OPENED, breach]
    case, _ = changed(told, policy({Metric.RESPOND: 4, Metric.PLAN: 48, Metric.LAND: 72}), 30)
    assert list(moves("c", stored(told).case, case, NOW + 30 * HOUR)) == []


def test_what_has_run_out_and_is_not_noticed_yet_runs_out_no_second_time() -> None:
    case, _ = changed([OPENED], policy({Metric.RESPOND: 20}), 25)
    found = [
        (one.metric, one.overdue)
        for one in moves("c", stored([OPENED]).case, case, NOW + 25 * HOUR)
        if one.metric is Metric.RESPOND
    ]
    assert found == [(Metric.RESPOND, False)]


@given(st.lists(st.integers(1, 90), max_size=8))
def test_the_most_moved_come_first(targets: list[int]) -> None:
    found = [abs(one.by) for one in counted(0, *targets).most_moved]
    assert found == sorted(found, reverse=True)
    respond = [abs(one - 24) for one in targets if one != 24]
    assert len(found) == len(respond) + len(targets)


def test_no_more_are_listed_than_fit() -> None:
    summary = counted(0, *([25.0] * SHOWN), 90.0)
    assert len(summary.most_moved) == SHOWN
    assert summary.most_moved[0].case_id == f"case-{SHOWN}"


def test_what_is_written_is_read() -> None:
    summary = counted(6, 4, 30)
    read = Summary.read(summary.written())
    assert (read.cases, read.clocks, read.found_by) == (2, summary.clocks, summary.found_by)
    assert Summary.read({}) == Summary()
