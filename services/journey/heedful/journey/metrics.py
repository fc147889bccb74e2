"""Every metric of journey, once."""

from prometheus_client import Counter, Gauge, Histogram

from heedful.common.contracts import SignalKind

EVENTS = Counter(
    "heedful_journey_events_total",
    "Events by what became of them (new, duplicate, erased).",
    ["kind", "outcome"],
)
CUSTOMERS = Counter(
    "heedful_journey_customers_total",
    "Customers created, merged into another, or split from another.",
    ["event"],
)
FOLDED = Counter("heedful_journey_folded_total", "Customers whose journey was folded anew.")
SIGNALS = Counter("heedful_journey_signals_total", "Signals given, by kind.", ["kind"])
DECISIONS = Counter(
    "heedful_journey_decisions_total",
    "Decisions of people on who is who (merge, unmerge, keep_apart, revoke).",
    ["kind"],
)
# Read from the database every few seconds; every replica shows the same number.
OPEN_ERASURES = Gauge(
    "heedful_journey_open_erasures",
    "Erasures that not every service has obeyed (pending), and those since more than an hour "
    "(overdue).",
    ["state"],
)
INSIGHT_SECONDS = Histogram(
    "heedful_journey_insight_seconds",
    "Time from question to answer of an insight: waiting, reading and computing.",
    ["insight"],
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)

# A counter that appears with its first event hides that event from `increase()`.
for _kind in ("feedback", "interaction"):
    for _outcome in ("new", "duplicate", "erased"):
        EVENTS.labels(_kind, _outcome)
for _kind in SignalKind:
    if _kind is not SignalKind.OTHER:
        SIGNALS.labels(_kind.value)
for _decided in ("merge", "unmerge", "keep_apart", "revoke"):
    DECISIONS.labels(_decided)
for _event in ("created", "merged", "split"):
    CUSTOMERS.labels(_event)
