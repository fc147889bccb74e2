"""Every metric of journey, once."""

from prometheus_client import Counter

EVENTS = Counter(
    "heedful_journey_events_total",
    "Events by what became of them (new, duplicate).",
    ["kind", "outcome"],
)
CUSTOMERS = Counter(
    "heedful_journey_customers_total",
    "Customers created, merged into another, or split from another.",
    ["event"],
)

# A counter that appears with its first event hides that event from `increase()`.
for _kind in ("feedback", "interaction"):
    for _outcome in ("new", "duplicate"):
        EVENTS.labels(_kind, _outcome)
for _event in ("created", "merged", "split"):
    CUSTOMERS.labels(_event)
