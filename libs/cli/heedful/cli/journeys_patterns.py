"""The insight `patterns` as entries of a lifecycle file."""

from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Final

import yaml

from heedful.journey.insights.report import Estimate, Report, Row
from heedful.journey.lifecycle.pattern_entry import MOST_PATTERNS, Lift, PatternEntry
from heedful.journey.spoken import Tone

_DIGITS: Final = 4


def written(
    report: Report, tone: Tone, look_back_days: float, follow_days: float, measured: date
) -> str:
    """`signals` in YAML, with the patterns that are significant and whose lift is above 1, the
    largest first, as many as a lifecycle takes.

    Args:
        tone, look_back_days, follow_days: as the insight was asked.
        measured: the end of its period.
    """
    entries = [
        PatternEntry(
            first=str(row.cells["first"]),
            then=str(row.cells["then"]),
            outcome=str(row.cells["outcome"]),
            tone=tone,
            look_back_days=look_back_days,
            follow_days=follow_days,
            lift=lift,
            share=share,
            customers=row.customers,
            measured=measured,
        ).model_dump(mode="json")
        for row, lift, share in islice(_leading(report), MOST_PATTERNS)
    ]
    content = {"signals": {"patterns": entries}}
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=100)


def _leading(report: Report) -> Iterator[tuple[Row, Lift, float]]:
    for row in report.rows:
        lift, after = row.cells["lift"], row.cells["after"]
        if row.grey or not isinstance(lift, Estimate) or not isinstance(after, Estimate):
            continue
        if lift.low > 1 and after.value > 0:
            value, low, high = (round(one, _DIGITS) for one in (lift.value, lift.low, lift.high))
            yield row, Lift(value=value, low=low, high=high), round(after.value, _DIGITS)
