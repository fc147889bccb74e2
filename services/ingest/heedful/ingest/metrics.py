"""Every metric of ingest, once."""

from prometheus_client import Counter, Gauge

from heedful.ingest.redaction import Kind

ITEMS = Counter(
    "heedful_ingest_items_total",
    "Items by what became of them (accepted, duplicate, conflict, unfit, invalid, unavailable).",
    ["kind", "outcome"],
)
PENDING = Gauge("heedful_ingest_pending_items", "Items that wait for the log's acknowledgement.")

UNCHECKED = Counter(
    "heedful_ingest_unchecked_items_total",
    "Items taken while the table that knows what was sent before was away.",
)
WAITING_KEYS = Gauge(
    "heedful_ingest_waiting_keys", "Accepted keys that wait in memory for that table to be back."
)
FORGOTTEN = Counter(
    "heedful_ingest_forgotten_keys_total",
    "Accepted keys that never got into that table, because it was away for too long.",
)
REQUESTS = Counter(
    "heedful_ingest_channel_requests_total",
    "What channels sent, by what became of it (taken, unverified, malformed, fault).",
    ["channel", "outcome"],
)
QUARANTINED = Counter(
    "heedful_ingest_quarantined_total",
    "Items and requests that went to quarantine, by why (malformed, invalid, unfit, conflict,"
    " fault).",
    ["channel", "reason"],
)
QUARANTINE_OPEN = Gauge(
    "heedful_ingest_quarantine_open",
    "What waits in quarantine for somebody.",
    ["channel", "reason"],
)
LINES_FAILING = Gauge(
    "heedful_ingest_lines_failing",
    "Connections whose vendor did not answer, or refused, the last time it was asked.",
    ["channel"],
)
LINE_LOST = Counter(
    "heedful_ingest_line_lost_total",
    "Messages that an open line brought and that a stop lost, because the log did not take them.",
    ["channel"],
)
FETCHED = Counter(
    "heedful_ingest_fetches_total", "Vendors asked, by outcome.", ["channel", "outcome"]
)

REDACTED = Counter(
    "heedful_ingest_redacted_total", "Personal data replaced in items, by its type.", ["type"]
)

IMPORTS = Counter(
    "heedful_ingest_imports_total",
    "Imports of uploaded files by how they ended (done, failed, cancelled).",
    ["outcome"],
)
IMPORT_ROWS = Counter(
    "heedful_ingest_import_rows_total",
    "Rows of uploaded files by what became of them (imported, duplicate, rejected).",
    ["status"],
)
IMPORTS_WAITING = Gauge(
    "heedful_ingest_imports_waiting", "Uploaded files that no process has begun to read."
)

# A counter that appears with its first event hides that event from `increase()`.
for _kind in ("feedback", "interaction"):
    for _outcome in ("accepted", "duplicate", "conflict", "unfit", "invalid", "unavailable"):
        ITEMS.labels(_kind, _outcome)
for _type in Kind:
    REDACTED.labels(_type.value)
for _ended in ("done", "failed", "cancelled"):
    IMPORTS.labels(_ended)
for _status in ("imported", "duplicate", "rejected"):
    IMPORT_ROWS.labels(_status)
