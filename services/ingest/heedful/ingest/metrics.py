"""Every metric of ingest, once."""

from prometheus_client import Counter, Gauge

ITEMS = Counter(
    "heedful_ingest_items_total",
    "Items by what became of them (accepted, duplicate, conflict, invalid, unavailable).",
    ["kind", "outcome"],
)
PENDING = Gauge("heedful_ingest_pending_items", "Items that wait for the log's acknowledgement.")

# A counter that appears with its first event hides that event from `increase()`.
for _kind in ("feedback", "interaction"):
    for _outcome in ("accepted", "duplicate", "conflict", "invalid", "unavailable"):
        ITEMS.labels(_kind, _outcome)
