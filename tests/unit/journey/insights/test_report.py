"""Reports: what is not told is refused, and CSV keeps the intervals."""

import pytest
from pydantic import ValidationError

from heedful.journey.insights.report import (
    Estimate,
    Label,
    Report,
    Row,
    Unit,
    columns,
    csv_rows,
    too_few,
)


def report(*rows: Row) -> Report:
    return Report(
        name="sample",
        title=Label(zh="样例", en="Sample"),
        meaning=Label(zh="仅为样例", en="A sample only"),
        customers=9,
        events=20,
        columns=columns(
            ("topic", "主题", "Topic", Unit.TEXT), ("lift", "提升", "Lift", Unit.RATIO)
        ),
        rows=list(rows),
    )


def test_csv_has_the_interval_beside_the_number() -> None:
    sure = Row(
        cells={"topic": "delivery", "lift": Estimate(value=2.0, low=1.5, high=2.5)}, customers=7
    )
    unsure = Row(cells={"topic": "price", "lift": None}, customers=2, grey=True, why=too_few(2, 20))
    assert csv_rows(report(sure, unsure)) == [
        ["topic", "lift", "lift_low", "lift_high", "customers", "grey", "why"],
        ["delivery", 2.0, 1.5, 2.5, 7, False, None],
        ["price", None, None, None, 2, True, "2 customers, 20 needed"],
    ]


def test_a_cell_needs_its_column() -> None:
    with pytest.raises(ValidationError, match="without a column"):
        report(Row(cells={"topic": "a", "lfit": 1.0}, customers=1))


def test_an_interval_holds_its_value() -> None:
    with pytest.raises(ValidationError, match="not within"):
        Estimate(value=1.0, low=1.5, high=2.0)
