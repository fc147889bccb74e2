"""What the figures of a service say. Pure. Limits are those of the alerts in
deploy/prometheus/rules and of docs/slo.md."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from functools import total_ordering
from typing import Final

from heedful.console.vitals.samples import STARTED, Window

_LATE: Final = timedelta(minutes=5)
_MANY_WAIT: Final = 1000
_OUTBOX_LATE: Final = timedelta(minutes=5)
_FRESH_SHARE: Final = 0.99
_FRESH_AT_ALL: Final = 0.9
_LOOP_SHARE: Final = 0.99
_FAILED_SHARE: Final = 0.1
_ERROR_SHARE: Final = 0.01
_HOLIDAYS_DAYS: Final = 14

NAMES: Final = frozenset(
    {
        STARTED,
        "heedful_alerting_deliveries_total",
        "heedful_alerting_open_cases",
        "heedful_alerting_public_holidays_known_days",
        "heedful_alerting_timers_overdue",
        "heedful_bus_lost_total",
        "heedful_consumer_commit_failures_total",
        "heedful_consumer_dlq_total",
        "heedful_consumer_lag_records",
        "heedful_consumer_time_lag_seconds",
        "heedful_http_requests_total",
        "heedful_ingest_items_total",
        "heedful_ingest_lines_failing",
        "heedful_ingest_quarantine_open",
        "heedful_journey_events_total",
        "heedful_journey_open_erasures",
        "heedful_loop_lag_seconds_bucket",
        "heedful_loop_lag_seconds_count",
        "heedful_nlp_enriched_total",
        "heedful_nlp_freshness_seconds_bucket",
        "heedful_nlp_freshness_seconds_count",
        "heedful_nlp_refused_total",
        "heedful_outbox_oldest_seconds",
        "process_resident_memory_bytes",
    }
)
"""Series that findings are made of."""


@total_ordering
class State(Enum):
    """`fine`, `look`: somebody should in the day; `act`: now."""

    FINE = "fine"
    LOOK = "look"
    ACT = "act"

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, State):
            return NotImplemented
        order = list(State)
        return order.index(self) < order.index(other)


Value = float | timedelta | str


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence.

    Attributes:
        says: name of its words below `health.say`.
        values: what fills them.
        runbook: page of docs/runbooks that says what to do; None: nothing is to be done.
        page: of this console, where more is seen.
    """

    state: State
    says: str
    values: Mapping[str, Value] = field(default_factory=dict)
    runbook: str | None = None
    page: str | None = None


def of_service(name: str, window: Window) -> list[Finding]:
    """What is measured of one of the four services, its own figures before the common ones."""
    return [*_OWN[name](window), *_consumers(name, window), *_outbox(name, window)]


def of_process(window: Window) -> Iterator[Finding]:
    """What is measured of a process, whatever runs in it."""
    asked = window.increase("heedful_http_requests_total")
    failed = sum(
        window.increase("heedful_http_requests_total", status=str(code)) for code in range(500, 600)
    )
    bad = asked > 0 and failed / asked > _ERROR_SHARE
    yield Finding(State.LOOK if bad else State.FINE, "errors", {"failed": failed, "asked": asked})
    prompt = window.share_within("heedful_loop_lag_seconds", "0.25")
    if prompt is not None:
        slow = prompt < _LOOP_SHARE
        yield Finding(State.LOOK if slow else State.FINE, "loop", {"share": prompt})
    memory = window.now.largest("process_resident_memory_bytes")
    if memory is not None:
        yield Finding(State.FINE, "memory", {"megabytes": memory / 1e6})


def worst(findings: list[Finding]) -> State:
    return max((one.state for one in findings), default=State.FINE)


def _ingest(window: Window) -> Iterator[Finding]:
    yield Finding(
        State.FINE,
        "taken_in",
        {"rate": window.per_minute("heedful_ingest_items_total", outcome="accepted")},
    )
    refused = window.increase("heedful_ingest_items_total", outcome="unavailable")
    if refused:
        runbook = "HeedfulIngestAvailabilityBurnsFast"
        yield Finding(State.ACT, "refused", {"count": refused}, runbook)
    waiting = window.now.total("heedful_ingest_quarantine_open")
    if waiting:
        yield Finding(
            State.LOOK, "quarantine", {"count": waiting}, "HeedfulQuarantine", "/quarantine"
        )
    for one in window.now.of("heedful_ingest_lines_failing"):
        if one.value:
            values: dict[str, Value] = {"channel": one.labels.get("channel", "")}
            yield Finding(State.LOOK, "channel", values, "HeedfulChannelFailing")


def _nlp(window: Window) -> Iterator[Finding]:
    yield Finding(State.FINE, "labelled", {"rate": window.per_minute("heedful_nlp_enriched_total")})
    fresh = window.share_within("heedful_nlp_freshness_seconds", "60.0")
    if fresh is not None:
        state = State.FINE if fresh >= _FRESH_SHARE else State.LOOK
        state = State.ACT if fresh < _FRESH_AT_ALL else state
        runbook = None if state is State.FINE else "HeedfulFreshnessBurnsFast"
        yield Finding(state, "fresh", {"share": fresh}, runbook)
    refused = window.increase("heedful_nlp_refused_total")
    if refused:
        yield Finding(State.LOOK, "nlp_refused", {"count": refused}, "HeedfulConsumerLagGrowing")


def _journey(window: Window) -> Iterator[Finding]:
    yield Finding(
        State.FINE,
        "journeys",
        {"rate": window.per_minute("heedful_journey_events_total", outcome="new")},
    )
    overdue = window.now.largest("heedful_journey_open_erasures", state="overdue")
    if overdue:
        yield Finding(State.ACT, "erasures", {"count": overdue}, "HeedfulErasureOverdue")


def _alerting(window: Window) -> Iterator[Finding]:
    yield Finding(
        State.FINE,
        "cases",
        {"count": window.now.total("heedful_alerting_open_cases")},
        page="/board",
    )
    overdue = window.now.largest("heedful_alerting_timers_overdue") or 0.0
    if overdue:
        yield Finding(State.ACT, "timers", {"count": overdue}, "HeedfulTimersOverdue")
    else:
        yield Finding(State.FINE, "timers_fine")
    tried = window.increase("heedful_alerting_deliveries_total")
    arrived = window.increase("heedful_alerting_deliveries_total", outcome="delivered")
    if tried:
        bad = (tried - arrived) / tried > _FAILED_SHARE
        runbook = "HeedfulWebhookFailures" if bad else None
        values: dict[str, Value] = {"tried": tried, "arrived": arrived}
        yield Finding(State.LOOK if bad else State.FINE, "sent", values, runbook, "/delivery")
    days = min((one.value for one in window.now.of(_HOLIDAYS)), default=None)
    if days is not None and days < _HOLIDAYS_DAYS:
        runbook = "HeedfulPublicHolidaysUnknown"
        yield Finding(State.LOOK, "holidays", {"days": days}, runbook, "/calendars")


_HOLIDAYS: Final = "heedful_alerting_public_holidays_known_days"
_OWN: Final[Mapping[str, Callable[[Window], Iterator[Finding]]]] = {
    "ingest": _ingest,
    "nlp": _nlp,
    "journey": _journey,
    "alerting": _alerting,
}


def _consumers(name: str, window: Window) -> Iterator[Finding]:
    group = f"heedful.{name}"
    waiting = window.now.total("heedful_consumer_lag_records", group=group)
    age = timedelta(
        seconds=window.now.largest("heedful_consumer_time_lag_seconds", group=group) or 0.0
    )
    if waiting and age > _LATE:
        yield Finding(State.ACT, "late", {"count": waiting, "age": age}, "HeedfulConsumerLate")
    elif waiting > _MANY_WAIT:
        yield Finding(State.LOOK, "lag", {"count": waiting}, "HeedfulConsumerLagGrowing")
    else:
        yield Finding(State.FINE, "no_lag", {"count": waiting})
    lost = window.now.total("heedful_bus_lost_total", group=group)
    if lost:
        fresh = window.increase("heedful_bus_lost_total", group=group) > 0
        state = State.ACT if fresh else State.LOOK
        yield Finding(state, "lost", {"count": lost}, "HeedfulRecordsLost")
    dead = window.now.total("heedful_consumer_dlq_total", group=group)
    if dead:
        fresh = window.increase("heedful_consumer_dlq_total", group=group) > 0
        state = State.ACT if fresh else State.LOOK
        yield Finding(state, "dead", {"count": dead}, "HeedfulDeadLetters", "/dead-letters")
    uncommitted = window.increase("heedful_consumer_commit_failures_total", group=group)
    if uncommitted:
        yield Finding(State.LOOK, "commits", {"count": uncommitted}, "HeedfulCommitFailures")


def _outbox(name: str, window: Window) -> Iterator[Finding]:
    oldest = window.now.largest("heedful_outbox_oldest_seconds", service=name)
    if oldest:
        age = timedelta(seconds=oldest)
        late = age > _OUTBOX_LATE
        runbook = "HeedfulOutboxWaits" if late else None
        yield Finding(State.ACT if late else State.FINE, "outbox", {"age": age}, runbook)
