"""The dashboard of the service levels of `heedful.cli.slos`."""

from collections.abc import Sequence
from typing import Final

from heedful.cli.dashboards.panels import Graph, Query, Row, Stat
from heedful.cli.slo_rules import FAST
from heedful.cli.slos import OBJECTIVES, Objective

_LEFT: Final = (("red", None), ("orange", 0.0), ("green", 0.5))


def _left(one: Objective) -> Stat:
    return Stat(
        title=one.name,
        says=f"Of the 30 days' budget of {100 * one.budget:.3g} %, what is left; below nought it is"
        f" overdrawn. Bad: {one.what}.",
        unit="percentunit",
        query=f'slo:heedful_budget:left30d{{slo="{one.name}"}}',
        steps=_LEFT,
        width=6,
    )


def _burning(window: str, limit: float, says: str) -> Graph:
    return Graph(
        title=f"Burn rate, {window}",
        says=f"How many times as fast as 30 days allow, over {window}. {says}",
        unit="short",
        queries=[
            Query(f"slo:heedful_bad:ratio{window} / on (slo) slo:heedful_budget:ratio", "{{slo}}")
        ],
        limit=limit,
        width=8,
    )


ROWS: Final[Sequence[Row]] = (
    Row("Budget left", [_left(one) for one in OBJECTIVES]),
    Row(
        "How fast it burns",
        [
            *(
                _burning(burn.long, burn.rate, "Above the line somebody is called.")
                for burn in FAST
            ),
            _burning("3d", 1, "Above the line somebody looks by day."),
        ],
    ),
    Row(
        "Events",
        [
            Graph(
                title="Events",
                says="Events of each level per second: requests, items, notices, clocks.",
                unit="cps",
                queries=[Query("slo:heedful_events:rate5m", "{{slo}}")],
                width=6,
            ),
            Graph(
                title="Bad share",
                says="Of the events of the last five minutes.",
                unit="percentunit",
                queries=[Query("slo:heedful_bad:ratio5m", "{{slo}}")],
                most=1,
                width=6,
            ),
            Graph(
                title="Age when labelled",
                says="From the receipt of a feedback to its labels. A minute is the promise.",
                unit="s",
                queries=[
                    Query(
                        f"histogram_quantile({quantile},"
                        " sum by (le) "
                        "(rate(heedful_nlp_freshness_seconds_bucket[$__rate_interval])))",
                        f"p{quantile * 100:.0f}",
                    )
                    for quantile in (0.5, 0.95, 0.99)
                ],
                limit=60,
                width=6,
            ),
            Graph(
                title="Red notices, time to be taken",
                says="From when a red notice was due to its receiver's answer. A minute is the "
                "promise.",
                unit="s",
                queries=[
                    Query(
                        f"histogram_quantile({quantile}, sum by (le)"
                        " (rate(heedful_alerting_red_notice_seconds_bucket[$__rate_interval])))",
                        f"p{quantile * 100:.0f}",
                    )
                    for quantile in (0.5, 0.95, 0.99)
                ],
                limit=60,
                width=6,
            ),
        ],
    ),
)
