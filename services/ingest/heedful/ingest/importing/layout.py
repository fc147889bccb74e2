"""How a file is laid out: its format, its encoding, its sheet, where its header is."""

import io
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO, Final

from pydantic import BaseModel, ConfigDict, Field

from heedful.ingest.importing import delimited, encoding, json_lines
from heedful.ingest.importing.names import Match, meaning
from heedful.ingest.importing.records import (
    Broken,
    Cell,
    Format,
    Limits,
    Record,
    Records,
    Unreadable,
)
from heedful.ingest.importing.workbook import open_workbook, sheet_of
from heedful.ingest.importing.worksheet import SheetRows

SAMPLE_ROWS: Final = 1000
"""Rows from which columns are guessed."""
_HEADER_WITHIN: Final = 20
_LONGEST_NAME: Final = 200
_ZIP: Final = b"PK\x03\x04"
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARK: Final = b"\xef\xbb\xbf"


class Hints(BaseModel):
    """What the user says about the file; the rest is found out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    encoding: str | None = Field(default=None, max_length=40, description="Of a CSV.")
    delimiter: str | None = Field(
        default=None, min_length=1, max_length=3, description="Of a CSV: one character, or tab."
    )
    sheet: str | None = Field(
        default=None, max_length=200, description="Of an Excel file; default: the first visible."
    )
    header_row: int | None = Field(
        default=None, ge=0, le=1_048_576, description="Row with the column names; 0: there is none."
    )


class Layout(BaseModel):
    """How one file is laid out.

    Attributes:
        header_row: number of the row with the names of the columns; 0: there is none.
        columns: their names, each one once; a nameless third one is `#3`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Format
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header_row: int
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A layout, and what the user should know about it; `sure` is false when it is a mere guess."""

    layout: Layout
    notes: Sequence[str]
    sure: bool = True


class Rows:
    """The rows of a file, the header among them.

    Attributes:
        fraction: how much of the file was read, 0 to 1.
        merged: ranges of merged cells that have come up; they do at the end.
    """

    def __init__(
        self,
        records: Records,
        fraction: Callable[[], float],
        merged: Callable[[], int] = lambda: 0,
    ) -> None:
        self._records = records
        self.fraction = fraction
        self.merged = merged

    def __iter__(self) -> Records:
        return self._records


def find(file: BinaryIO, hints: Hints, limits: Limits) -> Found:
    """Find out how a file is laid out; the file is left at its start.

    Raises:
        Unreadable: it is no CSV, Excel or JSON lines, or has no header.
    """
    kind = _format(file)
    if kind is Format.JSONL:
        names = json_lines.columns(file, limits, SAMPLE_ROWS)
        return Found(Layout(format=kind, header_row=0, columns=tuple(names)), ())
    notes: list[str] = []
    sure = True
    given: dict[str, str] = {}
    if kind is Format.XLSX:
        book = open_workbook(file, limits)
        sheet = sheet_of(book, hints.sheet)
        others = [one.name for one in book.sheets if one.visible and one is not sheet]
        given["sheet"] = sheet.name
        notes.append(f"sheet {sheet.name!r}" + _others(others))
    else:
        found = _encoding(file, hints)
        sure = found.sure >= encoding.SURE
        given["encoding"] = found.name
        given["delimiter"] = _delimiter(file, found.name, hints, limits)
        shown = {"\t": "tab"}.get(given["delimiter"], given["delimiter"])
        notes.append(f"encoding {found.name}: {found.reason}; cells end with {shown}")
    bare = Layout(format=kind, header_row=0, columns=(), **given)
    with closing(iter(read(file, bare, limits))) as records:
        first = [record for record in islice(records, SAMPLE_ROWS) if isinstance(record, Record)]
    number, columns = _header(first, hints.header_row)
    if number > 1 and hints.header_row is None:
        notes.append(f"the header is row {number}; what stands above it is left out")
    layout = bare.model_copy(update={"header_row": number, "columns": columns})
    return Found(layout, tuple(notes), sure)


def read(file: BinaryIO, layout: Layout, limits: Limits) -> Rows:
    """All rows of the file from its start.

    Raises:
        Unreadable: also in the middle; what came before it was right.
    """
    if layout.format is Format.XLSX:
        book = open_workbook(file, limits)
        sheet = SheetRows(book, sheet_of(book, layout.sheet), limits)
        return Rows(_bounded(iter(sheet), limits), sheet.fraction, lambda: sheet.merged)
    size = max(1, file.seek(0, io.SEEK_END))
    file.seek(0)
    if layout.format is Format.JSONL:
        _skip_mark(file)
        records = json_lines.records(file, layout.columns, limits)
    else:
        records = delimited.records(
            file, layout.encoding or encoding.UTF_8, layout.delimiter or ",", limits
        )
    return Rows(_bounded(records, limits), lambda: min(1.0, file.tell() / size))


def _bounded(records: Records, limits: Limits) -> Records:
    for record in records:
        if record.number > limits.rows:
            raise Unreadable(
                f"the file has more than {limits.rows:,} rows; what stands behind them is not "
                "taken: split it"
            )
        yield record


def _format(file: BinaryIO) -> Format:
    file.seek(0)
    head = file.read(4096)
    file.seek(0)
    if not head.strip():
        raise Unreadable("the file is empty")
    if head.startswith(_ZIP):
        return Format.XLSX
    if head.startswith(_OLD_EXCEL):
        raise Unreadable(
            "this is an Excel file of the old form (.xls) or one with a password; save it as "
            ".xlsx without a password, or as CSV UTF-8"
        )
    text = head.removeprefix(_MARK).lstrip()
    if text[:1] == b"<":
        raise Unreadable(
            "this is HTML or XML, though it may be called .xls; open it in Excel and save it as "
            ".xlsx, or as CSV UTF-8"
        )
    if text[:1] == b"[":
        raise Unreadable(
            "this is a JSON array; write one object a line, e.g. with: jq -c '.[]' FILE"
        )
    if text[:1] == b"{":
        _skip_mark(file)
        return Format.JSONL
    return Format.CSV


def _skip_mark(file: BinaryIO) -> None:
    file.seek(len(_MARK) if file.read(len(_MARK)) == _MARK else 0)


def _others(names: Sequence[str]) -> str:
    return f"; not read: {', '.join(names)}" if names else ""


def _encoding(file: BinaryIO, hints: Hints) -> encoding.Encoding:
    if hints.encoding is not None:
        return encoding.Encoding(encoding.known(hints.encoding), 1.0, "as given")
    return encoding.detect(file)


def _delimiter(file: BinaryIO, codec: str, hints: Hints, limits: Limits) -> str:
    if hints.delimiter is None:
        return delimited.delimiter_of(file, codec, limits)
    found = {"tab": "\t", "\\t": "\t"}.get(hints.delimiter, hints.delimiter)
    if len(found) != 1 or found in '"\r\n\0':
        raise Unreadable("the delimiter is one character, or the word tab")
    return found


def _header(records: Sequence[Record], given: int | None) -> tuple[int, tuple[str, ...]]:
    """The number of the header's row and the names in it."""
    if given == 0:
        width = max((len(record.cells) for record in records), default=0)
        return 0, tuple(f"#{position}" for position in range(1, width + 1))
    filled = [record for record in records if any(cell is not None for cell in record.cells)]
    if given is not None:
        chosen = next((record for record in filled if record.number == given), None)
        if chosen is None:
            raise Unreadable(f"row {given} is empty or cannot be read; it is no header")
        return given, names_of(chosen.cells)
    near = filled[:_HEADER_WITHIN]
    if not near:
        raise Unreadable("no row has anything in it; is it the right sheet?")
    chosen = max(near, key=lambda record: (_known(record), -record.number))
    if not _known(chosen):
        raise Unreadable(
            "no row looks like a header; name the row with header_row, or 0 when the file has none"
        )
    return chosen.number, names_of(chosen.cells)


def _known(record: Record) -> int:
    """How many cells are called as columns are."""
    return sum(
        isinstance(cell, str)
        and len(cell) <= _LONGEST_NAME
        and (found := meaning(cell)) is not None
        and found.match is not Match.WITHIN
        for cell in record.cells
    )


def names_of(cells: Sequence[Cell]) -> tuple[str, ...]:
    """The names of columns, each one once."""
    taken: set[str] = set()
    found: list[str] = []
    for position, cell in enumerate(cells, start=1):
        said = "" if cell is None or isinstance(cell, Broken) else str(cell)
        bare = "".join(char for char in " ".join(said.split()) if char.isprintable())
        name = bare[:_LONGEST_NAME] or f"#{position}"
        again = 2
        while name in taken:
            name = f"{bare[:_LONGEST_NAME]} ({again})"
            again += 1
        taken.add(name)
        found.append(name)
    while found and found[-1] == f"#{len(found)}":
        found.pop()
    return tuple(found)
