"""CSV as it comes: delimiters, quotes, lines, and what breaks them."""

import io
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace

import pytest

from heedful.ingest.importing.layout import Hints, find
from heedful.ingest.importing.layout import read as read_rows
from heedful.ingest.importing.records import Unreadable
from tests.unit.ingest.importing.material import LIMITS, Read, read_all

HEAD = "评价内容,评价时间,星级\n"
MORE = "快,2026-11-25,5\n" * 10


def read(rows: str, head: str = HEAD) -> Read:
    return read_all((head + rows).encode())


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(delimiter: str, line_end: str) -> None:
    rows = [
        ["评价内容", "评价时间", "星级"],
        ['"慢, 很慢; 真的|慢\t\r\n不来了"', "2026-11-24", "1"],
        ['"说""好""的呢"', "2026-11-25", "2"],
        ["", "", ""],
        ["快", "2026-11-26", "5"],
    ]
    content = line_end.join(delimiter.join(row) for row in rows)
    found = read_all(content.encode())
    assert found.proposal.layout.delimiter == delimiter
    assert found.texts == ["慢, 很慢; 真的|慢\t\r\n不来了", '说"好"的呢', "快"]
    assert [item.number for item in found.items] == [2, 3, 5]


def test_the_delimiter_can_be_given() -> None:
    content = "评价内容^评价时间\n慢^2026-11-24\n".encode()
    assert read_all(content, hints=Hints(delimiter="^")).texts == ["慢"]
    assert read_all(content.replace(b"^", b"\t"), hints=Hints(delimiter="tab")).texts == ["慢"]
    for wrong in ('"', "\n", "\0", ",,"):
        with pytest.raises(Unreadable, match="one character"):
            read_all(content, hints=Hints(delimiter=wrong))


def test_one_column_alone_is_a_file_too() -> None:
    assert read_all("评论\n慢\n快\n".encode(), occurred_at="now").texts == ["慢", "快"]


def test_titles_above_the_header_are_left_out_and_the_header_can_be_given() -> None:
    found = read("慢,2026-11-24,1\n", head=f"门店评价导出\n时间：2026-11\n\n{HEAD}")
    assert found.proposal.layout.header_row == 4
    assert "the header is row 4" in found.proposal.notes[1]
    content = "甲,乙\n慢,2026-11-24\n".encode()
    with pytest.raises(Unreadable, match="header_row"):
        read_all(content)
    given = read_all(content, hints=Hints(header_row=1), mapping=("text=甲", "occurred_at=乙"))
    assert given.texts == ["慢"]
    none = read_all(
        content, hints=Hints(header_row=0), mapping=("text=#1",), occurred_at="2026-11-24"
    )
    assert none.texts == ["甲", "慢"]
    with pytest.raises(Unreadable, match="row 9 is empty"):
        read_all(content, hints=Hints(header_row=9))


def test_columns_without_a_name_and_with_the_same_one() -> None:
    found = read_all("评论,,评论,时间,\n慢,x,更慢,2026-11-24,\n".encode())
    assert found.proposal.layout.columns == ("评论", "#2", "评论 (2)", "时间")
    assert read_all(
        "评论,,评论,时间,\n慢,x,更慢,2026-11-24,\n".encode(), mapping=("text=评论 (2)", "device=#2")
    ).texts == ["更慢"]


def test_a_name_is_one_that_can_be_stored() -> None:
    found = read_all(f"评\0论\x1b,时间,{'长' * 300}\n慢,2026-11-24,x\n".encode())
    assert found.proposal.layout.columns == ("评论", "时间", "长" * 200)


def test_a_quote_that_stands_wrong_breaks_its_row_and_not_the_next() -> None:
    found = read('"他说"好"的",2026-11-24,1\n快,2026-11-25,5\n')
    assert found.texts == ["快"]
    assert "line 2: a quote" in found.details[2]
    assert "好" not in found.details[2]


def test_what_is_left_of_a_broken_row_is_not_taken_for_a_row() -> None:
    found = read('"他说"好"\n第二行, 我不来了\n快,2026-11-25,5\n慢,2026-11-26\n' + MORE)
    assert found.texts[:2] == ["快", "慢"]
    assert list(found.details) == [2, 3]
    assert "what is left of that row" in found.details[3]


def test_a_quote_that_is_never_closed_says_which_lines_it_swallowed() -> None:
    found = read("慢,2026-11-24,1\n" + '"没有关,2026-11-24,1\n' + "好,2026-11-25,5\n" * 30)
    assert found.texts == ["慢"]
    assert "lines 3 to 33, 31 of them, were read as one row" in found.details[3]


def test_a_row_without_end_stops_the_reading() -> None:
    with pytest.raises(Unreadable, match="begins in line 3 is longer than 1,000,000 characters"):
        read("慢,2026-11-24,1\n" + '"' + "没有关,2026-11-24,1\n" * 100_000)
    with pytest.raises(Unreadable, match="longer than"):
        read("x" * 3_000_000)


def test_memory_does_not_grow_with_a_hostile_row() -> None:
    tracemalloc.start()
    with pytest.raises(Unreadable):
        read_all((HEAD + '"' + '","' * 2_000_000).encode(), limits=replace(LIMITS, columns=50))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60_000_000


def test_more_cells_than_the_header_has() -> None:
    found = read("慢,很慢,2026-11-24,1\n快,2026-11-25,5,,\n" + MORE)
    assert found.texts == ["快"] * 11
    assert "has 4 cells, the header 3" in found.details[2]


def test_more_columns_than_are_taken() -> None:
    found = read("," * 500 + "\n快,2026-11-25,5\n")
    assert "has 501 cells; 200 are taken" in found.details[2]
    assert found.texts == ["快"]


def test_nul_and_too_long_cells_break_their_rows_alone() -> None:
    long = "长" * 100_001
    found = read(f"a\0b,2026-11-24,1\n{long},2026-11-24,1\n快,2026-11-25,5\n")
    assert found.texts == ["快"]
    assert "U+0000" in found.details[2]
    assert "longer than 100,000" in found.details[3]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b" \n \n", "empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old form"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "HTML"),
        (b'[{"text": "x"}]', "one object a line"),
        (b"PK\x03\x04" + b"\0" * 100, "damaged"),
        (b",,,\n,,,\n", "no row has anything"),
    ],
)
def test_what_is_no_table_is_told(content: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        read_all(content)


def test_rows_are_read_as_they_come() -> None:
    """A million of them need no more memory than a thousand."""

    def peak(rows: int) -> int:
        content = (HEAD + "等了两个小时,2026-11-24,1\n" * rows).encode()
        file = io.BytesIO(content)
        layout = find(file, Hints(), LIMITS).layout
        tracemalloc.start()
        records: Iterator[object] = iter(read_rows(file, layout, LIMITS))
        assert sum(1 for _ in records) == rows + 1
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert peak(50_000) < 2 * peak(2_000) + 100_000
