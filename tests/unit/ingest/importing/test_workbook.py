"""Excel files as people make them."""

from datetime import datetime, time
from typing import Any

import openpyxl
import pytest
from openpyxl.styles import numbers

from heedful.ingest.importing.layout import Hints
from heedful.ingest.importing.number_formats import EPOCH, EPOCH_1904, is_time_format, to_time
from heedful.ingest.importing.records import Unreadable
from tests.unit.ingest.importing.material import read_all
from tests.unit.ingest.importing.sheets import package, saved, sheet_xml, workbook

HEAD = ("评价ID", "评价内容", "评价时间", "评分", "会员号")
WHEN = datetime(2026, 11, 24, 8, 15)  # noqa: DTZ001  # Excel knows no zone


def test_cells_are_read_as_excel_shows_them() -> None:
    found = read_all(
        workbook(
            HEAD,
            ("a1", "上菜太慢", WHEN, 2, 13900001234),
            ("a2", "一般般吧", "2026-11-24 10:00", 3.5, "V01"),
            ("a3", 666, WHEN, None, None),
        )
    )
    assert found.rejected == []
    first, second, third = (item.posted for item in found.items)
    assert (first.text, str(first.occurred_at)) == ("上菜太慢", "2026-11-24 00:15:00+00:00")
    assert first.identifiers[0].value == "13900001234"
    assert second.score is not None
    assert second.score.value == 3.5
    assert third.text == "666"


def test_a_title_over_merged_cells_is_no_header_and_merging_is_counted() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in [("11月评价导出",), (), HEAD, ("a1", "慢", WHEN, 1, 7), ("a2", "快", WHEN, 5, None)]:
        sheet.append(row)
    sheet.merge_cells("A1:E1")
    sheet.merge_cells("E4:E5")
    found = read_all(saved(book))
    assert found.proposal.layout.header_row == 3
    assert [item.number for item in found.items] == [4, 5]
    assert len(found.items[1].posted.identifiers) == 0
    assert found.merged == 2


def test_a_formula_is_its_stored_value_and_without_one_the_row_is_told() -> None:
    rows = (
        '<row r="2"><c r="A2" t="str"><f>A1&amp;"x"</f><v>算出来的话</v></c>'
        '<c r="B2"><f>NOW()</f><v>46350</v></c></row>'
        '<row r="3"><c r="A3"><f>WEBSERVICE("http://x")</f></c><c r="B3"><v>46350</v></c></row>'
        '<row r="4"><c r="A4" t="e"><v>#REF!</v></c><c r="B4"><v>46350</v></c></row>'
    )
    found = read_all(package(sheet_xml(rows)))
    assert found.texts == ["算出来的话"]
    assert "formula without its value" in found.details[3]
    assert "error such as #N/A" in found.details[4]


def test_numbers_that_excel_has_cut_are_told() -> None:
    rows = [("a1", "慢", WHEN, 1, "V1"), ("a2", "快", WHEN, 5, 1234567890123456789)]
    found = read_all(
        workbook(HEAD, *rows * 3, ("a9", "好", WHEN, 5, "V9")), mapping=("member_card=会员号",)
    )
    assert "more than 15 digits" in found.details[3]


def test_sheets_are_chosen_by_name_and_hidden_ones_come_last() -> None:
    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.active.sheet_state = "hidden"
    for name, words in (("十月", "十月的话"), ("十一月", "十一月的话")):
        sheet = book.create_sheet(name)
        sheet.append(HEAD[1:3])
        sheet.append((words, WHEN))
    content = saved(book)
    first = read_all(content)
    assert first.texts == ["十月的话"]
    assert first.proposal.notes[0] == "sheet '十月'; not read: 十一月"
    assert read_all(content, hints=Hints(sheet="十一月")).texts == ["十一月的话"]
    with pytest.raises(Unreadable, match="there are: 说明, 十月, 十一月"):
        read_all(content, hints=Hints(sheet="十二月"))


def test_rich_text_is_joined_and_how_it_is_read_aloud_is_left_out() -> None:
    shared = (
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si>'
        '<r><t>红色</t></r><r><t xml:space="preserve"> 的字</t></r>'
        '<rPh sb="0" eb="2"><t>hong</t></rPh></si></sst>'
    )
    rows = '<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2"><v>46350</v></c></row>'
    assert read_all(package(sheet_xml(rows), sharedStrings=shared)).texts == ["红色 的字"]


def test_rows_and_cells_may_leave_out_their_places() -> None:
    rows = (
        '<row><c t="inlineStr"><is><t>没有位置</t></is></c><c><v>46350</v></c></row>'
        '<row r="9"><c r="B9"><v>46350</v></c></row>'
    )
    found = read_all(package(sheet_xml(rows)))
    assert [item.number for item in found.items] == [2]
    assert "no words" in found.details[9]


def test_days_since_1904() -> None:
    book = openpyxl.Workbook()
    book.epoch = datetime(1904, 1, 1)  # noqa: DTZ001
    book.active.append(HEAD[1:3])
    book.active.append(("慢", WHEN))
    assert str(read_all(saved(book)).items[0].posted.occurred_at) == "2026-11-24 00:15:00+00:00"


def test_a_day_and_a_time_of_day_in_their_own_columns() -> None:
    rows = [("日期", "时间", "意见"), (datetime(2026, 11, 24), time(8, 15), "慢")]  # noqa: DTZ001
    assert str(read_all(workbook(*rows)).items[0].posted.occurred_at) == "2026-11-24 00:15:00+00:00"


@pytest.mark.parametrize(
    ("code", "is_time"),
    [
        ("yyyy-mm-dd", True), ('yyyy"年"m"月"d"日"', True), ("[$-804]yyyy/m/d h:mm;@", True),
        ("mm:ss.0", True), ("[Red]0.00", False), ("General", False), ('0"天"', False),
        ("#,##0.00_);(#,##0.00)", False), ('"day" 0', False), ("@", False), (r"0\d", False),
        (numbers.FORMAT_DATE_XLSX22, True), (numbers.FORMAT_PERCENTAGE_00, False),
    ],
)  # fmt: skip
def test_formats_of_times(code: str, is_time: bool) -> None:
    assert is_time_format(code) is is_time


@pytest.mark.parametrize(
    ("days", "epoch", "found"),
    [
        (46350.34375, EPOCH, WHEN),
        (44888.34375, EPOCH_1904, WHEN),
        (46350.343749999, EPOCH, WHEN),
        (0.34375, EPOCH, "08:15:00"),
        (0, EPOCH, "00:00:00"),
        (59, EPOCH, None),
        (-1, EPOCH, None),
        (1e9, EPOCH, None),
    ],
)
def test_numbers_of_days(days: float, epoch: datetime, found: Any) -> None:
    assert to_time(days, epoch) == found
