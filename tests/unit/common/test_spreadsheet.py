"""A table that a spreadsheet opens as it is meant."""

import csv
import io
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.common.spreadsheet import BOM, Cell, head, lines


def read(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(), newline="")))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+86 138", "'+86 138"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("  =1", "'  =1"),
        ("＝1", "'＝1"),
        ("app.checkout", "app.checkout"),
        ('华东, "一部"', '华东, "一部"'),
        (None, ""),
        (True, "true"),
        (-1.5, "-1.5"),
        (0.1234567891234, "0.1234567891"),
        (7, "7"),
        (datetime(2026, 3, 1, 8, tzinfo=UTC), "2026-03-01T08:00:00Z"),
        (datetime(2026, 3, 1, 8, tzinfo=timezone(timedelta(hours=8))), "2026-03-01T00:00:00Z"),
    ],
)
def test_cells(value: Cell, shown: str) -> None:
    assert read(lines([[value, "end"]])) == [[shown, "end"]]


def test_the_head_says_that_it_is_utf_8() -> None:
    assert head(["a", "b"]) == b"\xef\xbb\xbfa,b\r\n"
    assert BOM.encode() == b"\xef\xbb\xbf"


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8"), max_size=20), min_size=1)))
def test_no_cell_is_a_formula(rows: list[list[str]]) -> None:
    for row in read(lines(rows)):
        assert not any(cell.strip(" ").startswith(("=", "+", "-", "@")) for cell in row)
