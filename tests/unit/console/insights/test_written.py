"""Cells of a report in words and numbers."""

import pytest

from heedful.console.insights.written import table
from heedful.console.upstream.insights import Cell, Estimate
from tests.unit.console.insights.reports import WRITES, estimate, report, row


@pytest.mark.parametrize(
    ("cell", "unit", "written"),
    [
        (None, "share", "–"),
        (0.1234, "share", "12.3%"),
        (0.0004, "probability", "<0.001"),
        (0.0456, "probability", "0.046"),
        (12345.6, "money", "12,346"),
        (1.236, "ratio", "1.24"),
        (True, "text", "yes"),
        ("store.odour", "text", "Odour"),
        ("up", "text", "rising"),
        ("anything", "text", "anything"),
        ("2026-09-30T20:00:00Z", "time", "1 Oct 2026"),
        ("2026-Q4", "time", "2026-Q4"),
        (Estimate(value=0.5, low=0.4, high=0.6), "share", "50.0%"),
    ],
)
def test_a_cell_is_written_by_its_unit(cell: Cell, unit: str, written: str) -> None:
    assert WRITES.cell(cell, unit) == written


def test_the_table_has_all_rows_and_leaves_out_columns_of_nothing() -> None:
    found = table(
        report(
            "hidden-needs",
            {"topic": "text", "gap": "share", "estimate": "share"},
            row(topic="store.odour", gap=estimate(0.2, 0.1, 0.3)),
            row(grey=True, topic="app", gap=None),
        ),
        WRITES,
        lambda words: words.en,
    )
    assert [head for head, _ in found.heads] == ["topic", "gap"]
    sure, grey = found.rows
    assert (sure.cells[1].text, sure.cells[1].interval) == ("20.0%", ("10.0%", "30.0%"))
    assert (grey.grey, grey.why) == (True, "too few")
    assert list(sure.examples) == ["c1", "c2"], "each customer once"


def test_a_customer_is_led_to() -> None:
    columns = {"customer": "text", "score": "score"}
    who = "a32af7f1-de9c-52f5-95f2-e39bfc6257dc"
    found = table(
        report("super-users", columns, row(customer=who, score=0.7)), WRITES, lambda words: words.zh
    )
    cell = found.rows[0].cells[0]
    assert (cell.text, cell.customer) == ("a32af7f1", who)
