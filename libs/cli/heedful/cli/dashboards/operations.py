"""The dashboard of service operations: cases, clocks, notices."""

from collections.abc import Sequence
from typing import Final

from heedful.cli.dashboards.panels import LIGHTS, Graph, Query, Row, quantile

ROWS: Final[Sequence[Row]] = (
    Row(
        "Cases and clocks",
        [
            Graph(
                title="Case events",
                says="What happened to cases, per hour: opened, acknowledged, responded, planned, "
                "landed, closed, warned, breached.",
                unit="short",
                queries=[
                    Query(
                        "sum by (event) (rate(heedful_alerting_cases_total[$__rate_interval])) * "
                        "3600",
                        "{{event}}",
                    )
                ],
                colours={"^breached$": "red", "^opened$": "blue", "^closed$": "green"},
            ),
            Graph(
                title="Open cases by state",
                says="Cases that are not closed, by state.",
                unit="short",
                queries=[
                    Query(
                        "sum by (state) (max by (state, colour) (heedful_alerting_open_cases))",
                        "{{state}}",
                    )
                ],
                stacked=True,
            ),
            Graph(
                title="Clock results",
                says="Clocks that ended, by metric (respond 24 h, plan 48 h, land 72 h) and "
                "result.",
                unit="short",
                queries=[
                    Query(
                        "sum by (metric, result) "
                        "(increase(heedful_alerting_clock_results_total[$__rate_interval]))",
                        "{{metric}} {{result}}",
                    )
                ],
                bars=True,
                colours={".*breached$": "red"},
            ),
            Graph(
                title="Timers",
                says="Overdue timers; none is right.",
                unit="short",
                queries=[Query("max(heedful_alerting_timers_overdue)", "overdue")],
                colours={"^overdue$": "red"},
                width=6,
            ),
            Graph(
                title="Timer lateness",
                says="How long after it was due a timer fired: median and 99th percentile. A "
                "minute is the promise.",
                unit="s",
                queries=[
                    Query(
                        quantile(0.5, "heedful_alerting_timer_lateness_seconds"),
                        "p50",
                    ),
                    Query(
                        quantile(0.99, "heedful_alerting_timer_lateness_seconds"),
                        "p99",
                    ),
                ],
                limit=60,
                width=6,
            ),
            Graph(
                title="Open cases by light",
                says="Cases that are not closed, by their light.",
                unit="short",
                queries=[
                    Query(
                        "sum by (colour) (max by (state, colour) (heedful_alerting_open_cases))",
                        "{{colour}}",
                    )
                ],
                stacked=True,
                colours=LIGHTS,
                width=6,
            ),
            Graph(
                title="Signals of journey",
                says="Signals that journey showed, per hour, by kind and what came of them: a "
                "case opened, joined, reopened; no case to join (unplaced); ignored by the "
                "policy; too old (late).",
                unit="short",
                queries=[
                    Query(
                        "sum by (kind, outcome) "
                        "(rate(heedful_alerting_signals_total[$__rate_interval])) * 3600",
                        "{{kind}} {{outcome}}",
                    )
                ],
                width=6,
            ),
        ],
    ),
    Row(
        "Last 30 days",
        [
            Graph(
                title="Kept",
                says="Of clocks whose time is up: fulfilled in time. Numbers and exclusions: "
                "docs/numbers.md.",
                unit="percentunit",
                queries=[
                    Query(
                        'max by (metric) (heedful_alerting_recent_clocks{result="met"}) / sum by '
                        "(metric) (max by (metric, result) (heedful_alerting_recent_clocks))",
                        "{{metric}}",
                    )
                ],
                most=1,
            ),
            Graph(
                title="Above 72 h, reopened, effective",
                says="Shares of cases that took longer than 72 hours to land, of landed ones that "
                "were reopened, of fixes that helped.",
                unit="percentunit",
                queries=[
                    Query(
                        'max(heedful_alerting_recent_landings{result="above"}) / '
                        '(max(heedful_alerting_recent_landings{result="above"}) + '
                        'max(heedful_alerting_recent_landings{result="within"}))',
                        "above 72 h",
                    ),
                    Query(
                        'max(heedful_alerting_recent_reopened{result="reopened"}) / '
                        '(max(heedful_alerting_recent_reopened{result="reopened"}) + '
                        'max(heedful_alerting_recent_reopened{result="kept"}))',
                        "reopened",
                    ),
                    Query(
                        'max(heedful_alerting_recent_fixes{outcome="verified"}) / '
                        '(max(heedful_alerting_recent_fixes{outcome="verified"}) + '
                        'max(heedful_alerting_recent_fixes{outcome="no_effect"}) + '
                        'max(heedful_alerting_recent_fixes{outcome="worse"}))',
                        "effective",
                    ),
                ],
                most=1,
            ),
            Graph(
                title="Time to breach",
                says="Clocks that wait now, by the time that is left.",
                unit="short",
                queries=[
                    Query(
                        "sum by (left) (max by (metric, left) (heedful_alerting_time_to_breach))",
                        "{{left}}",
                    )
                ],
                stacked=True,
            ),
            Graph(
                title="Hours of waiting",
                says="Hours that cases waited, by whom for.",
                unit="h",
                queries=[
                    Query("max by (reason) (heedful_alerting_recent_paused_hours)", "{{reason}}")
                ],
                stacked=True,
            ),
            Graph(
                title="Notices",
                says="What became of notices: sent, suppressed, failed, or waiting.",
                unit="short",
                queries=[
                    Query("max by (outcome) (heedful_alerting_recent_notices)", "{{outcome}}")
                ],
                stacked=True,
            ),
            Graph(
                title="Fixes",
                says="Fixes looked at, by what was found.",
                unit="short",
                queries=[Query("max by (outcome) (heedful_alerting_recent_fixes)", "{{outcome}}")],
                stacked=True,
            ),
        ],
    ),
    Row(
        "Delivery",
        [
            Graph(
                title="Webhook attempts",
                says="Attempts to deliver to DingTalk, Feishu, WeCom, Slack and webhooks, per "
                "minute, by outcome.",
                unit="short",
                queries=[
                    Query(
                        "sum by (outcome) "
                        "(rate(heedful_alerting_deliveries_total[$__rate_interval])) * 60",
                        "{{outcome}}",
                    )
                ],
                stacked=True,
                colours={"^delivered$": "green"},
                width=12,
            ),
            Graph(
                title="Failed share",
                says="Share of webhook attempts that did not deliver. More than a tenth for ten "
                "minutes is an alert.",
                unit="percentunit",
                queries=[
                    Query(
                        "sum(rate("
                        'heedful_alerting_deliveries_total{outcome!="delivered"}[$__rate_interval]'
                        ")) / sum(rate(heedful_alerting_deliveries_total[$__rate_interval]))",
                        "failed",
                    )
                ],
                limit=0.1,
                most=1,
                colours={"^failed$": "red"},
                width=12,
            ),
        ],
    ),
)
