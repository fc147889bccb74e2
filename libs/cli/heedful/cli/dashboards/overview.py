"""The dashboard of the platform: flow, lag, what is stuck."""

from collections.abc import Sequence
from typing import Final

from heedful.cli.dashboards import handling
from heedful.cli.dashboards.panels import Graph, Query, Row, Stat, quantile


def _answered(share: float) -> str:
    of = '{job=~"$job"}'
    return quantile(share, "heedful_http_request_seconds", "job", "method", "route", of=of)


ROWS: Final[Sequence[Row]] = (
    Row(
        "At a glance",
        [
            Stat(
                title="Services up",
                says="Service processes that answer their scrape. Four is the least: ingest, nlp, "
                "journey, alerting; the console makes it five.",
                unit="short",
                query='sum(up{job=~"(heedful-)?(ingest|nlp|journey|alerting|console)"})',
                steps=[("red", None), ("green", 4)],
                width=2,
            ),
            Stat(
                title="Accepted",
                says="Feedback and interactions that ingest took into the log, per second.",
                unit="cps",
                query='sum(rate(heedful_ingest_items_total{outcome="accepted"}[$__rate_interval]))',
                steps=[("blue", None)],
                decimals=None,
            ),
            Stat(
                title="Red lights",
                says="Items judged red in the time range of this page.",
                unit="short",
                query='sum(increase(heedful_nlp_enriched_total{light="red"}[$__range]))',
                steps=[("blue", None), ("red", 1)],
            ),
            Stat(
                title="Open reds",
                says="Red cases that are not closed, whatever their state.",
                unit="short",
                query='sum(max by (state) (heedful_alerting_open_cases{colour="red"}))',
                steps=[("blue", None), ("red", 1)],
            ),
            Stat(
                title="Open cases",
                says="Cases that are not closed, whatever their state.",
                unit="short",
                query="sum(max by (state, colour) (heedful_alerting_open_cases))",
                steps=[("blue", None)],
            ),
            Stat(
                title="Responded in time",
                says="Share of respond clocks that ended within their target (red: 24 hours) in "
                "the time range of this page.",
                unit="percentunit",
                query='sum(increase(heedful_alerting_clock_results_total{metric="respond", '
                'result="met"}[$__range])) / '
                'sum(increase(heedful_alerting_clock_results_total{metric="respond"}[$__range]))',
                steps=[("red", None), ("orange", 0.9), ("green", 0.99)],
                decimals=1,
            ),
            Stat(
                title="Landed late",
                says="Share of improvements that took longer than their target (72 hours) to "
                "land, in the time range of this page.",
                unit="percentunit",
                query='sum(increase(heedful_alerting_clock_results_total{metric="land", '
                'result="breached"}[$__range])) / '
                'sum(increase(heedful_alerting_clock_results_total{metric="land"}[$__range]))',
                steps=[("green", None), ("orange", 0.1), ("red", 0.3)],
                decimals=1,
            ),
            Stat(
                title="Timers overdue",
                says="Timers that are due and have not fired. More than none for two minutes is "
                "an alert.",
                unit="short",
                query="max(heedful_alerting_timers_overdue)",
                steps=[("green", None), ("red", 1)],
                width=2,
            ),
            Stat(
                title="Dead letters",
                says="Records that went to a dead letter queue in the time range of this page.",
                unit="short",
                query="sum(increase(heedful_consumer_dlq_total[$__range])) or vector(0)",
                steps=[("green", None), ("red", 1)],
                width=2,
            ),
        ],
    ),
    Row(
        "Flow",
        [
            Graph(
                title="At the door",
                says="Items that ingest was sent, per second, by kind and what became of them. "
                "Unavailable: the log did not take it, the sender got 503.",
                unit="cps",
                queries=[
                    Query(
                        "sum by (kind, outcome) "
                        "(rate(heedful_ingest_items_total[$__rate_interval]))",
                        "{{kind}} {{outcome}}",
                    )
                ],
                stacked=True,
                colours={".*invalid$": "orange", ".*conflict$": "yellow", ".*unavailable$": "red"},
            ),
            Graph(
                title="Published",
                says="Records written to each topic per second; failed ones are not in the log.",
                unit="cps",
                queries=[
                    Query(
                        "sum by (topic, outcome) "
                        "(rate(heedful_bus_publish_total[$__rate_interval]))",
                        "{{topic}} {{outcome}}",
                    )
                ],
                colours={".*failed$": "red"},
            ),
            Graph(
                title="Handled",
                says="Records that each consumer group finished per second, by outcome: ok or dlq.",
                unit="cps",
                queries=[
                    Query(
                        "sum by (group, outcome) "
                        "(rate(heedful_consumer_records_total[$__rate_interval]))",
                        "{{group}} {{outcome}}",
                    )
                ],
                colours={".*dlq$": "red"},
            ),
        ],
    ),
    Row(
        "Channels",
        [
            Graph(
                title="In quarantine",
                says="What waits for somebody to mend it, send it again or discard it, by channel "
                "and reason: /v1/quarantine. Rows of imported files stand under import.",
                unit="short",
                queries=[
                    Query(
                        "max by (channel, reason) (heedful_ingest_quarantine_open)",
                        "{{channel}} {{reason}}",
                    )
                ],
                stacked=True,
            ),
            Graph(
                title="What channels sent",
                says="Requests of channels per second, by what became of them. Unverified: wrong "
                "or stale signatures; somebody tries, or a secret was changed on one side.",
                unit="reqps",
                queries=[
                    Query(
                        "sum by (channel, outcome) "
                        "(rate(heedful_ingest_channel_requests_total[$__rate_interval]))",
                        "{{channel}} {{outcome}}",
                    )
                ],
                stacked=True,
            ),
            Graph(
                title="Channels that fail",
                says="Connections whose vendor did not answer, or refused, the last time it was "
                "asked. The connection says why, in its line.",
                unit="short",
                queries=[Query("max by (channel) (heedful_ingest_lines_failing)", "{{channel}}")],
                stacked=True,
            ),
        ],
    ),
    *handling.ROWS,
    Row(
        "HTTP",
        [
            Graph(
                title="Requests",
                says="Requests per second by service and status.",
                unit="reqps",
                queries=[
                    Query(
                        "sum by (job, status) "
                        '(rate(heedful_http_requests_total{job=~"$job"}[$__rate_interval]))',
                        "{{job}} {{status}}",
                    )
                ],
                colours={".* 5..$": "red"},
                width=12,
            ),
            Graph(
                title="Latency p50",
                says="Half of the requests are answered within this time, by route.",
                unit="s",
                queries=[
                    Query(
                        quantile(
                            0.5,
                            "heedful_http_request_seconds",
                            "job",
                            "method",
                            "route",
                            of='{job=~"$job"}',
                        ),
                        "{{job}} {{method}} {{route}}",
                    )
                ],
                width=12,
            ),
            Graph(
                title="Latency p95",
                says="Nineteen of twenty requests are answered within this time, by route.",
                unit="s",
                queries=[
                    Query(
                        quantile(
                            0.95,
                            "heedful_http_request_seconds",
                            "job",
                            "method",
                            "route",
                            of='{job=~"$job"}',
                        ),
                        "{{job}} {{method}} {{route}}",
                    )
                ],
                width=12,
            ),
            Graph(
                title="Latency p99",
                says="Ninety-nine of a hundred requests are answered within this time, by route.",
                unit="s",
                queries=[
                    Query(
                        quantile(
                            0.99,
                            "heedful_http_request_seconds",
                            "job",
                            "method",
                            "route",
                            of='{job=~"$job"}',
                        ),
                        "{{job}} {{method}} {{route}}",
                    )
                ],
                width=12,
            ),
        ],
    ),
    Row(
        "Versions",
        [
            Graph(
                title="Running versions",
                says="Processes by service and version; two lines of one service are a rollout.",
                unit="short",
                queries=[
                    Query("count by (job, version) (heedful_build_info)", "{{job}} {{version}}")
                ],
                width=24,
                height=6,
            ),
        ],
    ),
)
