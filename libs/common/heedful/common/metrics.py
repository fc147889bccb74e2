"""Every metric that all services share, once. Labels never carry personal data."""

from functools import lru_cache
from typing import TypeVar

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

# A `_created` series per counter doubles the exposition and says nothing that we use.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library's function has no types

M = TypeVar("M", Counter, Gauge, Histogram)


@lru_cache(maxsize=4096)
def series(metric: M, *labels: str) -> M:
    """One series of a metric, by the values of its labels, in order.

    What is counted for every request or item is looked up here: prometheus_client takes a lock and
    copies the labels each time. Not for a metric that drops series.
    """
    return metric.labels(*labels)


_BATCH_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
_FAST_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

BUILD = Gauge("heedful_build_info", "1, labelled with the running version.", ["version"])

# Consumer runtime.
CONSUMER_LAG = Gauge(
    "heedful_consumer_lag_records",
    "Records between the member's position and the end of the partition.",
    ["topic", "partition", "group"],
)
CONSUMER_TIME_LAG = Gauge(
    "heedful_consumer_time_lag_seconds",
    "Age of the last handled record when it was handled.",
    ["topic", "group"],
)
CONSUMER_BATCH = Histogram(
    "heedful_consumer_batch_records", "Records per batch.", ["group"], buckets=_BATCH_BUCKETS
)
CONSUMER_RECORDS = Counter(
    "heedful_consumer_records_total", "Records handled (ok, dlq).", ["topic", "group", "outcome"]
)
CONSUMER_ERRORS = Counter(
    "heedful_consumer_errors_total", "Failures while handling, by error type.", ["group", "error"]
)
CONSUMER_DLQ = Counter(
    "heedful_consumer_dlq_total", "Records sent to a DLQ, by reason.", ["topic", "group", "reason"]
)
CONSUMER_HANDLE = Histogram(
    "heedful_consumer_handle_seconds", "Time to handle a batch.", ["group"], buckets=_FAST_BUCKETS
)
CONSUMER_COMMIT_FAILURES = Counter(
    "heedful_consumer_commit_failures_total", "Commits refused or not acknowledged.", ["group"]
)
CONSUMER_PROGRESS = Gauge(
    "heedful_consumer_last_progress_timestamp_seconds",
    "Unix time of the last finished batch or idle poll; of the start before.",
    ["group"],
)
CONSUMER_RETRIES = Counter(
    "heedful_consumer_retries_total", "Pauses before another try of the same batch.", ["group"]
)
CONSUMER_QUEUE = Gauge(
    "heedful_consumer_queue_records", "Records fetched and not yet begun.", ["group"]
)
CONSUMER_QUEUE_BYTES = Gauge(
    "heedful_consumer_queue_bytes", "Bytes of keys and values fetched and not yet begun.", ["group"]
)
CONSUMER_OLDEST = Gauge(
    "heedful_consumer_oldest_in_flight_seconds",
    "How long the oldest batch has been under way.",
    ["group"],
)
CONSUMER_PAUSED = Counter(
    "heedful_consumer_paused_seconds_total",
    "Time in which partitions were paused because the work was slower than the log.",
    ["group"],
)
CONSUMER_REBALANCE = Histogram(
    "heedful_consumer_rebalance_seconds",
    "From losing partitions to the next assignment; its count is the number of rebalances.",
    ["group"],
    buckets=_FAST_BUCKETS,
)
LOOP_LAG = Histogram(
    "heedful_loop_lag_seconds",
    "How much later than asked the event loop came back.",
    buckets=_FAST_BUCKETS,
)

# HTTP.
HTTP_REQUESTS = Counter(
    "heedful_http_requests_total", "Requests by route template.", ["route", "method", "status"]
)
HTTP_SECONDS = Histogram(
    "heedful_http_request_seconds", "Time to answer.", ["route", "method"], buckets=_FAST_BUCKETS
)
HTTP_UNDER_WAY = Gauge(
    "heedful_http_requests_under_way",
    "Requests that are being answered, without probes and metrics.",
)

# People. An outcome other than ok is the kind of refusal: BadToken, NotEntitled, KeysAway.
ACTOR_TOKENS = Counter(
    "heedful_actor_tokens_total", "Tokens of people, by what came of them.", ["outcome"]
)
SIGNING_KEYS_READ = Counter(
    "heedful_signing_keys_read_total",
    "Readings of the identity provider's keys (ok, failed).",
    ["outcome"],
)

# Quotas. A policy is whose quota it is and of what: key-requests, tenant-items, …
QUOTA_REFUSED = Counter(
    "heedful_quota_refused_total", "Answers 429, by the policy that was exceeded.", ["policy"]
)
QUOTA_LEASES = Counter(
    "heedful_quota_leases_total",
    "Questions to the store of buckets (given, refused, failed).",
    ["outcome"],
)
QUOTA_ALONE = Gauge(
    "heedful_quota_store_away", "1 while this process gives its share of the quotas by itself."
)

# Bus. Expired and lost are told by the embedded one only; Kafka has metrics of its own.
BUS_PUBLISH = Counter(
    "heedful_bus_publish_total", "Records published (ok, failed).", ["topic", "outcome"]
)
BUS_EXPIRED = Counter(
    "heedful_bus_expired_total", "Records deleted for their age or their topic's size.", ["topic"]
)
# Above zero: the group was behind for longer than records are kept.
BUS_LOST = Counter(
    "heedful_bus_lost_total", "Records deleted before the group had read them.", ["topic", "group"]
)

# Outbox: read from the database every few seconds; every replica of a service shows the same.
OUTBOX_RECORDS = Gauge(
    "heedful_outbox_records", "Records that are committed and not in the log yet.", ["service"]
)
OUTBOX_AGE = Gauge(
    "heedful_outbox_oldest_seconds", "Age of the oldest of them; 0 when there is none.", ["service"]
)

# Privacy.
ERASURES = Counter(
    "heedful_erasures_total", "Parts of erasures that the service has obeyed.", ["service"]
)
ERASED_AGAIN = Counter(
    "heedful_erased_items_dropped_total",
    "Items not taken because their customer was erased.",
    ["service"],
)
RETENTION_DELETED = Counter(
    "heedful_retention_deleted_total", "Rows deleted because of their age.", ["service", "kind"]
)
