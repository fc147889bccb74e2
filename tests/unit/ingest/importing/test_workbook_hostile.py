"""Excel files that want to harm: refused with words, in little memory, in little time."""

import io
import itertools
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heedful.ingest.importing.records import Unreadable
from tests.unit.ingest.importing.material import LIMITS, Read, read_all
from tests.unit.ingest.importing.sheets import PARTS, package, sheet_xml, workbook

MEMORY = 15_000_000
SMALL = replace(LIMITS, unpacked_bytes=1_500_000, shared_bytes=200_000)
GOOD = '<row r="2"><c r="A2" t="str"><v>慢</v></c><c r="B2"><v>46350</v></c></row>'
LAUGHS = (
    "<!DOCTYPE x ["
    + "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
    + '<!ENTITY a0 "ha">]>'
)


def read_within(content: bytes) -> Read:
    tracemalloc.start()
    try:
        return read_all(content, limits=SMALL)
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < MEMORY, peak


def bomb(name: str, content: bytes) -> bytes:
    return package(sheet_xml(GOOD), **{name: content})


def zip_bomb() -> bytes:
    return package(sheet_xml(f'<row r="3"><c r="A3" t="str"><v>{" " * 10_000_000}</v></c></row>'))


def many_elements() -> bytes:
    return package(sheet_xml(f'<row r="3">{"<x/>" * 400_000}</row>'))


def large_texts() -> bytes:
    return bomb("sharedStrings", b"<sst><si><t>" + b"a" * 300_000 + b"</t></si></sst>")


def many_texts() -> bytes:
    return bomb("sharedStrings", b"<sst>" + b"<si/>" * 35_000 + b"</sst>")


def deep() -> bytes:
    return package(sheet_xml(GOOD, after="<a>" * 100_000 + "</a>" * 100_000))


def laughs() -> bytes:
    row = '<row r="3"><c r="A3" t="str"><v>&a9;</v></c></row>'
    return package(sheet_xml(row, before=LAUGHS))


def external() -> bytes:
    before = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    return package(sheet_xml('<row r="3"><c r="A3" t="str"><v>&e;</v></c></row>', before=before))


def one_endless_tag() -> bytes:
    return package(sheet_xml(f'<row r="3" x="{"a" * 1_400_000}"/>'))


def far_row() -> bytes:
    return package(sheet_xml('<row r="99999999999"/>'))


def far_column() -> bytes:
    return package(sheet_xml('<row r="3"><c r="ZZZZZZ3"><v>1</v></c></row>'))


def backwards() -> bytes:
    return package(sheet_xml(f'{GOOD}<row r="2"/>'))


def no_such_text() -> bytes:
    return package(sheet_xml('<row r="2"><c r="A2" t="s"><v>99999999</v></c></row>'))


def not_a_number() -> bytes:
    return package(sheet_xml('<row r="2"><c r="A2"><v>inf</v></c></row>'))


def cut_off() -> bytes:
    return workbook(("评价内容", "评价时间"), *[("慢", "2026-11-24")] * 500)[:-500]


def no_workbook() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    return file.getvalue()


def packed_otherwise() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_LZMA) as archive:
        for name, content in {**PARTS, "xl/worksheets/sheet1.xml": sheet_xml(GOOD)}.items():
            archive.writestr(name, content)
    return file.getvalue()


def large_directory() -> bytes:
    content = bytearray(package(sheet_xml(GOOD)))
    struct.pack_into("<L", content, content.rfind(b"PK\x05\x06") + 12, 500_000_000)
    return bytes(content)


def a_wrong_checksum() -> bytes:
    content = bytearray(package(sheet_xml(GOOD)))
    place = content.rfind(b"PK\x01\x02")
    struct.pack_into("<L", content, place + 16, 12345)
    return bytes(content)


@pytest.mark.parametrize(
    "make",
    [
        zip_bomb, many_elements, large_texts, deep, laughs, external, one_endless_tag, far_row,
        far_column, backwards, no_such_text, not_a_number, cut_off, no_workbook, packed_otherwise,
        large_directory, a_wrong_checksum,
    ],
)  # fmt: skip
def test_it_is_refused_with_words(make: Callable[[], bytes]) -> None:
    content = make()
    with pytest.raises(Unreadable) as caught:
        read_within(content)
    assert "root:" not in str(caught.value)
    assert len(str(caught.value)) < 250


def test_two_cells_at_the_corners_cost_nothing() -> None:
    row = f'{GOOD}<row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    found = read_within(package(sheet_xml(row)))
    assert found.texts == ["慢"]
    assert "beyond column 200" in found.details[1_048_576]


def test_many_empty_texts_and_rows_cost_little() -> None:
    assert read_within(many_texts()).texts == ["慢"]
    assert read_within(package(sheet_xml(GOOD + "<row/>" * 30_000))).texts == ["慢"]


def test_a_cell_that_is_too_long_breaks_its_row_alone() -> None:
    long = (
        f'<row r="3"><c r="A3" t="str"><v>{"a" * 200_000}</v></c><c r="B3"><v>46350</v></c></row>'
    )
    found = read_within(package(sheet_xml(GOOD + long)))
    assert found.texts == ["慢"]
    assert "longer than 100,000 characters" in found.details[3]


_XML = st.lists(
    st.sampled_from(
        ["<row>", "</row>", '<row r="3">', '<row r="x">', "<c>", "</c>", '<c t="s">', '<c t="d">',
         '<c r="AAAA1">', '<c s="99">', "<v>", "</v>", "1", "-1", "1e999", "x", "<is>", "</is>",
         "<t>", "</t>", "<f/>", "<mergeCell/>", "&amp;", "\0", "]]>"]
    ),
    max_size=20,
)  # fmt: skip


@settings(max_examples=200)
@given(_XML)
def test_any_rows_are_read_or_refused(pieces: list[str]) -> None:
    with_error(package(sheet_xml("".join(pieces))))


@settings(max_examples=200)
@given(st.data())
def test_any_damage_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(package(sheet_xml(GOOD)))
    for _ in itertools.repeat(None, data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with_error(bytes(content))


def with_error(content: bytes) -> None:
    """No exception but the one that has words for the user."""
    with suppress(Unreadable):
        read_all(content, limits=SMALL, mapping=("text=#1",), occurred_at="now")
