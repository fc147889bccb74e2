"""The rows of one sheet of an Excel file, one after the other (ECMA-376 part 1 §18.3.1).

A formula counts as the value that Excel has stored with it; nothing is ever computed.
"""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from heedful.ingest.importing.number_formats import to_time
from heedful.ingest.importing.package import Attributes, Elements, damaged
from heedful.ingest.importing.records import (
    AnyRecord,
    Broken,
    BrokenRecord,
    Cell,
    Limits,
    Record,
    Records,
    too_long,
)
from heedful.ingest.importing.workbook import Sheet, Workbook, shared_texts, styles

MOST_ROWS: Final = 1_048_576
MOST_COLUMNS: Final = 16_384
_EXACT: Final = 10**15
_VALUES: Final = frozenset({"v", "t"})
_LETTERS: Final = 3


class SheetRows:
    """Iterates over the rows; afterwards `merged` says how many ranges are merged."""

    def __init__(self, workbook: Workbook, sheet: Sheet, limits: Limits) -> None:
        self._package, self._path = workbook.package, sheet.path
        self._size = max(1, workbook.package.size(sheet.path) or 1)
        self._read = 0
        self._reader = _Reader(
            shared_texts(workbook, limits), styles(workbook), workbook.epoch, limits
        )

    @property
    def merged(self) -> int:
        return self._reader.merged

    def fraction(self) -> float:
        """How much of the sheet was read."""
        return min(1.0, self._read / self._size)

    def __iter__(self) -> Records:
        reader = self._reader
        elements = Elements(reader.start, reader.end, reader.text)
        for block in self._package.blocks(self._path):
            self._read += len(block)
            elements.feed(block)
            yield from reader.take()
        elements.feed(b"")
        yield from reader.take()


class _Reader:
    def __init__(
        self, shared: Sequence[str], times: frozenset[int], epoch: datetime, limits: Limits
    ) -> None:
        self.merged = 0
        self._shared, self._times, self._epoch, self._limits = shared, times, epoch, limits
        self._rows: list[AnyRecord] = []
        self._cells: list[Cell] = []
        self._row = self._column = 0
        self._kind = ""
        self._is_time = False
        self._formula = False
        self._aloud = False
        self._reading = False
        self._parts: list[str] = []
        self._chars = 0

    def take(self) -> list[AnyRecord]:
        """The rows that have come up since the last time."""
        rows, self._rows = self._rows, []
        return rows

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._begin_cell(attributes)
        elif name in _VALUES:
            self._reading = True
        elif name == "row":
            self._begin_row(attributes.get("r"))
        elif name == "f":
            self._formula = True
        elif name == "rPh":
            self._aloud = True
        elif name == "mergeCell":
            self.merged += 1

    def text(self, text: str) -> None:
        if self._reading and not self._aloud and self._chars <= self._limits.cell_chars:
            self._parts.append(text)
            self._chars += len(text)

    def end(self, name: str) -> None:
        if name == "c":
            self._end_cell()
        elif name in _VALUES:
            self._reading = False
        elif name == "row":
            self._end_row()
        elif name == "rPh":
            self._aloud = False

    def _begin_row(self, number: str | None) -> None:
        row = self._row + 1 if number is None else _whole(number)
        if not self._row < row <= MOST_ROWS:
            raise damaged()
        self._row, self._column, self._cells = row, 0, []

    def _begin_cell(self, attributes: Attributes) -> None:
        place = attributes.get("r")
        column = self._column + 1 if place is None else _column(place)
        if not self._column < column <= MOST_COLUMNS:
            raise damaged()
        self._column = column
        self._kind = attributes.get("t", "n")
        style = attributes.get("s")
        self._is_time = style is not None and _whole(style) in self._times
        self._formula = False
        self._parts, self._chars = [], 0

    def _end_cell(self) -> None:
        value = self._value("".join(self._parts))
        if value is None:
            return
        missing = min(self._column, self._limits.columns + 1) - 1 - len(self._cells)
        self._cells.extend([None] * missing)
        if len(self._cells) <= self._limits.columns:
            self._cells.append(value)

    def _end_row(self) -> None:
        if len(self._cells) > self._limits.columns:
            reason = f"has cells beyond column {self._limits.columns}; no more are taken"
            self._rows.append(BrokenRecord(self._row, reason))
        else:
            self._rows.append(Record(self._row, self._cells))
        self._cells = []

    def _value(self, text: str) -> Cell:
        if not text:
            return _NO_VALUE if self._formula else None
        if self._kind == "n":
            return self._number(text)
        if self._kind == "s":
            place = _whole(text)
            if place >= len(self._shared):
                raise damaged()
            text = self._shared[place]
        elif self._kind == "b":
            return text == "1"
        elif self._kind == "e":
            return _ERROR
        return too_long(self._limits) if len(text) > self._limits.cell_chars else text or None

    def _number(self, text: str) -> Cell:
        try:
            number = float(text)
        except ValueError as error:
            raise damaged() from error
        if not math.isfinite(number):
            raise damaged()
        if self._is_time:
            return to_time(number, self._epoch) or _NO_TIME
        if not number.is_integer():
            return number
        return int(number) if abs(number) < _EXACT else _CUT


_NO_VALUE: Final = Broken(
    "holds a formula without its value; open the file in Excel, let it compute, and save it"
)
_ERROR: Final = Broken("holds an error such as #N/A in place of a value")
_NO_TIME: Final = Broken("is formatted as a time, but holds a number that is none")
_CUT: Final = Broken(
    "holds a number of more than 15 digits, of which Excel keeps no more; format the column as "
    "text and fill it again"
)


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > len(str(_EXACT)):
        raise damaged()
    return int(text)


def _column(place: str) -> int:
    """The number of a column from 1: of `B12` it is 2."""
    letters = place.rstrip("0123456789")
    if not 1 <= len(letters) <= _LETTERS:
        raise damaged()
    number = 0
    for letter in letters.upper():
        if not "A" <= letter <= "Z":
            raise damaged()
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
