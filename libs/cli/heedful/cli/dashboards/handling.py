"""The part of the platform's dashboard that shows how records are handled: lag, batches, labels."""

from collections.abc import Sequence
from typing import Final

from heedful.cli.dashboards.panels import LIGHTS, Graph, Query, Row, quantile

ROWS: Final[Sequence[Row]] = (
    Row(
        "Consumers",
        [
            Graph(
                title="Lag",
                says="Records that wait behind each group, over all partitions.",
                unit="short",
                queries=[
                    Query(
                        "sum by (group, topic) (heedful_consumer_lag_records)",
                        "{{group}} ← {{topic}}",
                    )
                ],
            ),
            Graph(
                title="Time lag",
                says="How old the records are that a group handles; nought while nothing waits. "
                "Red lights come late by as much.",
                unit="s",
                queries=[
                    Query(
                        "max by (group, topic) (heedful_consumer_time_lag_seconds) * on (group, "
                        "topic) (sum by (group, topic) (heedful_consumer_lag_records) > bool 0)",
                        "{{group}} ← {{topic}}",
                    )
                ],
                limit=300,
            ),
            Graph(
                title="Since last progress",
                says="Seconds since each process last finished a batch or found nothing to do. A "
                "line that climbs is a process that is stuck.",
                unit="s",
                queries=[
                    Query(
                        "time() - max by (group, instance) "
                        "(heedful_consumer_last_progress_timestamp_seconds)",
                        "{{group}} {{instance}}",
                    )
                ],
                limit=300,
            ),
            Graph(
                title="Time to handle a batch",
                says="Median, 95th and 99th percentile of the time that a group needs for a batch.",
                unit="s",
                queries=[
                    Query(
                        quantile(0.5, "heedful_consumer_handle_seconds", "group"),
                        "{{group}} p50",
                    ),
                    Query(
                        quantile(0.95, "heedful_consumer_handle_seconds", "group"),
                        "{{group}} p95",
                    ),
                    Query(
                        quantile(0.99, "heedful_consumer_handle_seconds", "group"),
                        "{{group}} p99",
                    ),
                ],
            ),
            Graph(
                title="Batch size",
                says="Mean number of records in a batch. Near one: little to do. Near the bound: "
                "the group is catching up.",
                unit="short",
                queries=[
                    Query(
                        "sum by (group) "
                        "(rate(heedful_consumer_batch_records_sum[$__rate_interval])) / sum by "
                        "(group) (rate(heedful_consumer_batch_records_count[$__rate_interval]))",
                        "{{group}}",
                    )
                ],
            ),
            Graph(
                title="Errors and failed commits",
                says="Failures while handling, by type, and commits that the coordinator refused, "
                "per second. Most errors are tried again.",
                unit="cps",
                queries=[
                    Query(
                        "sum by (group, error) "
                        "(rate(heedful_consumer_errors_total[$__rate_interval]))",
                        "{{group}} {{error}}",
                    ),
                    Query(
                        "sum by (group) "
                        "(rate(heedful_consumer_commit_failures_total[$__rate_interval]))",
                        "{{group}} commit",
                    ),
                ],
            ),
            Graph(
                title="Dead letters by reason",
                says="Records that went to a dead letter queue, by reason. They are kept for 14 "
                "days: heedful dlq list.",
                unit="short",
                queries=[
                    Query(
                        "sum by (topic, group, reason) "
                        "(increase(heedful_consumer_dlq_total[$__rate_interval]))",
                        "{{topic}} {{group}}: {{reason}}",
                    )
                ],
                bars=True,
                width=24,
                height=6,
            ),
        ],
    ),
    Row(
        "Understanding",
        [
            Graph(
                title="Lights",
                says="Enriched feedback per second by the colour of its light.",
                unit="cps",
                queries=[
                    Query(
                        "sum by (light) (rate(heedful_nlp_enriched_total[$__rate_interval]))",
                        "{{light}}",
                    )
                ],
                stacked=True,
                colours=LIGHTS,
                width=12,
            ),
            Graph(
                title="Inference",
                says="Median, 95th and 99th percentile of the model's time for one text.",
                unit="s",
                queries=[
                    Query(
                        quantile(0.5, "heedful_nlp_inference_seconds"),
                        "p50",
                    ),
                    Query(
                        quantile(0.95, "heedful_nlp_inference_seconds"),
                        "p95",
                    ),
                    Query(
                        quantile(0.99, "heedful_nlp_inference_seconds"),
                        "p99",
                    ),
                ],
                width=12,
            ),
        ],
    ),
)
