"""Excel files: as another library writes them, and by hand for what no library would write."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import openpyxl

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
HEAD = '<row r="1"><c r="A1" t="str"><v>评价内容</v></c><c r="B1" t="str"><v>评价时间</v></c></row>'
PARTS: Mapping[str, str] = {
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>'
    '<sheet name="one" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" '
    f'Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}


def workbook(*rows: Sequence[Any], **sheets: Sequence[Sequence[Any]]) -> bytes:
    """A workbook by openpyxl: one sheet of these rows, or several by name."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, content in {**({"one": rows} if rows else {}), **sheets}.items():
        sheet = book.create_sheet(name)
        for row in content:
            sheet.append(list(row))
    return saved(book)


def saved(book: Any) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def sheet_xml(rows: str, *, head: str = HEAD, before: str = "", after: str = "") -> str:
    return (
        f'{before}<worksheet xmlns="{_MAIN}"><sheetData>{head}{rows}</sheetData>{after}</worksheet>'
    )


def package(sheet: str | bytes, **parts: str | bytes) -> bytes:
    """A ZIP with this sheet; `parts` are named by their last word, e.g. `sharedStrings`."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (
            *PARTS.items(),
            ("xl/worksheets/sheet1.xml", sheet),
            *((f"xl/{name}.xml", part) for name, part in parts.items()),
        ):
            archive.writestr(name, content)
    return file.getvalue()
