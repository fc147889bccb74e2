"""The report: a CSV that a spreadsheet may open."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.ingest.importing.report import HEADER, Line, Status, unarmed, written


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_it_is_read_back_as_it_was_meant() -> None:
    lines = [
        Line(2, Status.IMPORTED, "r-1"),
        Line(3, Status.DUPLICATE, "r-2"),
        Line(4, Status.REJECTED, detail='评论, "时间": is empty'),
    ]
    assert HEADER.startswith(b"\xef\xbb\xbf")
    assert read(HEADER + written(lines)) == [
        ["row", "status", "id", "detail"],
        ["2", "imported", "r-1", ""],
        ["3", "duplicate", "r-2", ""],
        ["4", "rejected", "", '评论, "时间": is empty'],
    ]


@pytest.mark.parametrize(
    "cell", ["=HYPERLINK(1)", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "=1", "＝1"]
)
def test_no_cell_is_a_formula(cell: str) -> None:
    (row,) = read(written([Line(2, Status.REJECTED, cell, cell)]))
    for found in row[2:]:
        assert not found.startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.text(max_size=30))
def test_whatever_is_in_a_cell_no_spreadsheet_computes_it(cell: str) -> None:
    (row,) = read(written([Line(1, Status.REJECTED, "", cell)])) or [["", "", "", ""]]
    assert row[3][:1] not in {"=", "+", "-", "@", "\t"}
    assert unarmed(cell).endswith(cell)
