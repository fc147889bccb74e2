"""Figures of a service become sentences, and the limits are those of its alerts."""

from datetime import UTC, datetime, timedelta

import pytest

from heedful.console.vitals.findings import NAMES, State, of_process, of_service, worst
from heedful.console.vitals.history import KEPT, History
from heedful.console.vitals.letters import Letters, letters
from heedful.console.vitals.samples import NotMetrics, Samples, Window

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def samples(*lines: str, started: float = 1.0) -> Samples:
    text = "\n".join([*lines, f"process_start_time_seconds {started}", ""])
    return Samples.parsed(text, {*NAMES, "a_total"})


def window(*lines: str, before: Samples | None = None) -> Window:
    return Window(samples(*lines), before, MINUTE)


def said(name: str, looked: Window) -> dict[str, State]:
    return {one.says: one.state for one in of_service(name, looked)}


def test_a_service_that_keeps_up_is_fine() -> None:
    found = of_service("nlp", window('heedful_consumer_lag_records{group="heedful.nlp"} 3'))
    assert worst(found) is State.FINE
    assert {"no_lag", "labelled"} == {one.says for one in found}


def test_lag_is_looked_at_when_it_is_much_and_acted_on_when_it_is_old() -> None:
    many = 'heedful_consumer_lag_records{group="heedful.nlp"} 1001'
    old = 'heedful_consumer_time_lag_seconds{group="heedful.nlp"} 301'
    assert said("nlp", window(many))["lag"] is State.LOOK
    assert said("nlp", window(many, old))["late"] is State.ACT
    nothing = 'heedful_consumer_lag_records{group="heedful.nlp"} 0'
    assert said("nlp", window(nothing, old))["no_lag"] is State.FINE


def test_figures_of_one_service_are_not_anothers() -> None:
    lines = (
        'heedful_consumer_lag_records{group="heedful.alerting.signals"} 5000',
        'heedful_outbox_oldest_seconds{service="alerting"} 400',
    )
    assert worst(of_service("journey", window(*lines))) is State.FINE
    assert {"lag", "outbox"} <= set(said("alerting", window(*lines)))


@pytest.mark.parametrize(("within", "state"), [(99, State.FINE), (98, State.LOOK), (89, State.ACT)])
def test_freshness_is_measured_against_its_service_level(within: int, state: State) -> None:
    lines = (
        f'heedful_nlp_freshness_seconds_bucket{{le="60.0"}} {within}',
        'heedful_nlp_freshness_seconds_bucket{le="+Inf"} 100',
        "heedful_nlp_freshness_seconds_count 100",
    )
    assert said("nlp", window(*lines))["fresh"] is state


def test_counters_are_of_the_window_and_not_of_all_time() -> None:
    before = samples('heedful_alerting_deliveries_total{outcome="failed"} 50')
    lines = (
        'heedful_alerting_deliveries_total{outcome="failed"} 50',
        'heedful_alerting_deliveries_total{outcome="delivered"} 10',
    )
    assert said("alerting", window(*lines, before=before))["sent"] is State.FINE
    assert said("alerting", window(*lines))["sent"] is State.LOOK


def test_dead_letters_that_are_new_are_acted_on_and_old_ones_looked_at() -> None:
    line = 'heedful_consumer_dlq_total{topic="t",group="heedful.nlp",reason="bad_payload"} 2'
    assert said("nlp", window(line))["dead"] is State.ACT
    assert said("nlp", window(line, before=samples(line)))["dead"] is State.LOOK
    assert letters([window(line, before=samples(line))]) == [
        Letters("t", "heedful.nlp", "bad_payload", 2, 0)
    ]


def test_what_waits_too_long_names_its_runbook() -> None:
    found = of_service("alerting", window("heedful_alerting_timers_overdue 1"))
    assert [one.runbook for one in found if one.state is State.ACT] == ["HeedfulTimersOverdue"]


def test_errors_of_a_process_are_its_answers_of_500_and_above() -> None:
    lines = (
        'heedful_http_requests_total{status="200"} 90',
        'heedful_http_requests_total{status="404"} 8',
        'heedful_http_requests_total{status="503"} 2',
    )
    found = {one.says: one for one in of_process(window(*lines))}
    assert found["errors"].state is State.LOOK
    assert found["errors"].values == {"failed": 2.0, "asked": 100.0}


def test_what_is_no_number_counts_for_nothing() -> None:
    line = 'heedful_alerting_public_holidays_known_days{region="CN"} NaN'
    assert "holidays" not in said("alerting", window(line))


def test_text_that_is_no_metrics_is_refused() -> None:
    with pytest.raises(NotMetrics):
        Samples.parsed("<html>not found</html>", NAMES)


def test_a_history_reaches_back_a_quarter_of_an_hour() -> None:
    history = History()
    for minute in range(20):
        found = history.window("http://a", samples(f"a_total {minute}"), NOW + minute * MINUTE)
    assert found.length == KEPT
    assert found.increase("a_total") == 15


def test_a_process_that_started_anew_is_another_one() -> None:
    history = History()
    history.window("http://a", samples("a_total 9", started=1.0), NOW)
    later = history.window("http://a", samples("a_total 1", started=NOW.timestamp()), NOW + MINUTE)
    assert (later.before, later.length) == (None, MINUTE)
    assert later.increase("a_total") == 1


def test_looks_that_follow_each_other_closely_are_kept_as_one() -> None:
    history = History()
    for second in range(100):
        found = history.window("http://a", samples("a_total 1"), NOW + timedelta(seconds=second))
    assert found.length == timedelta(seconds=99)
