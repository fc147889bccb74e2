"""Rows that were written are the rows that are read, in every format and encoding."""

import csv
import io
from collections.abc import Sequence

import openpyxl
import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from heedful.ingest.importing.layout import Layout, read
from heedful.ingest.importing.records import Format, Record
from tests.unit.ingest.importing.material import LIMITS
from tests.unit.ingest.importing.sheets import workbook

_CELL = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x9FFF, exclude_categories=["Cs", "Cc"])
    | st.sampled_from("\n\t\",;|'=\u3000，。😀"),
    max_size=12,
)
_TABLE = st.integers(1, 5).flatmap(
    lambda width: st.lists(
        st.lists(_CELL, min_size=width, max_size=width).filter(any), min_size=1, max_size=6
    )
)


def read_back(content: bytes, layout: Layout) -> list[list[str]]:
    width = len(layout.columns)
    found: list[list[str]] = []
    for record in read(io.BytesIO(content), layout, LIMITS):
        assert isinstance(record, Record), record
        cells = ["" if cell is None else str(cell) for cell in record.cells]
        found.append([*cells, *[""] * (width - len(cells))])
    return found


def columns(table: Sequence[Sequence[str]]) -> tuple[str, ...]:
    return tuple(f"#{place}" for place in range(1, len(table[0]) + 1))


@given(
    _TABLE,
    st.sampled_from([",", "\t", ";", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
def test_csv(
    table: list[list[str]], delimiter: str, encoding: str, line_end: str, quoting: int
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=line_end, quoting=quoting).writerows(table)  # type: ignore[arg-type]
    layout = Layout(
        format=Format.CSV,
        encoding=encoding,
        delimiter=delimiter,
        header_row=0,
        columns=columns(table),
    )
    assert read_back(text.getvalue().encode(encoding), layout) == table


@settings(max_examples=50)
@given(_TABLE)
def test_excel(table: list[list[str]]) -> None:
    # What looks like a formula openpyxl writes as one.
    plain = [[cell.lstrip("=") or "x" for cell in row] for row in table]
    layout = Layout(format=Format.XLSX, sheet="one", header_row=0, columns=columns(table))
    content = workbook(*plain)
    assert read_back(content, layout) == plain
    # Another reader sees the same.
    sheet = openpyxl.load_workbook(io.BytesIO(content), read_only=True)["one"]
    assert [[str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)] == plain


@given(_TABLE)
def test_json_lines(table: list[list[str]]) -> None:
    names = columns(table)
    content = b"\n".join(orjson.dumps(dict(zip(names, row, strict=True))) for row in table)
    layout = Layout(format=Format.JSONL, header_row=0, columns=names)
    assert read_back(content, layout) == table
