"""CSV: RFC 4180 with other delimiters, as Excel and Chinese back offices write it.

Quoting is strict: what a lenient reader makes of a quote that stands wrong is not what was meant,
and with one that is never closed it swallows rows without a word.
"""

import csv
import io
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO, Final

from heedful.ingest.importing.encoding import UNDECODED
from heedful.ingest.importing.records import (
    AnyRecord,
    Broken,
    BrokenRecord,
    Cell,
    Limits,
    Record,
    Records,
    Unreadable,
    too_long,
)

DELIMITERS: Final = (",", "\t", ";", "|")
# One for the whole process, and `_Lines` bounds every row: the module's own bound would end a cell
# in its middle and read the rest of it as rows.
csv.field_size_limit(100_000_000)
_SAMPLE_RECORDS: Final = 50
_UNDECODED: Final = Broken(
    "holds bytes that are not of the file's encoding; save the file anew, or name its encoding"
)


class _Lines:
    """Lines of a text, bounded; knows how many and how long since `begin`."""

    def __init__(self, text: io.TextIOWrapper, limits: Limits) -> None:
        self._text = text
        self._most = limits.row_chars
        self._chars = 0
        self.first = self.last = 0

    def begin(self) -> None:
        """The next line begins a record."""
        self.first, self._chars = self.last + 1, 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        try:
            line = self._text.readline(self._most + 1 - self._chars)
        except UnicodeDecodeError as error:
            raise Unreadable(
                f"what stands behind line {self.last} is not {error.encoding}; save the file anew, "
                "or name its encoding"
            ) from error
        if not line:
            raise StopIteration
        self.last += 1
        self._chars += len(line)
        if self._chars > self._most:
            raise Unreadable(
                f"the row that begins in line {self.first} is longer than {self._most:,} "
                'characters: is a quote (") in it not closed? Mend that line and import again; '
                "what was taken before stays and is not taken twice"
            )
        return line


def records(file: BinaryIO, encoding: str, delimiter: str, limits: Limits) -> Records:
    """The rows from where the file stands, the header among them; an empty line is a row.

    Raises:
        Unreadable: a row without end; what came before it was right.
    """
    text = io.TextIOWrapper(file, encoding, errors="surrogateescape", newline="")
    lines = _Lines(text, limits)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    number = 0
    try:
        while True:
            number += 1
            lines.begin()
            try:
                yield _record(number, next(reader), limits)
            except csv.Error:
                yield BrokenRecord(number, _why(lines))
            except StopIteration:
                return
    finally:
        # Else the wrapper closes the file, which is not ours; it may be closed already.
        with suppress(ValueError):
            text.detach()


def delimiter_of(file: BinaryIO, encoding: str, limits: Limits) -> str:
    """What stands between the cells: the one that gives most rows the same number of them."""
    start = file.tell()
    fits: dict[str, tuple[int, int]] = {}
    for delimiter in DELIMITERS:
        file.seek(start)
        widths = [width for width in _widths(file, encoding, delimiter, limits) if width > 1]
        usual = max(set(widths), key=widths.count, default=0)
        fits[delimiter] = (widths.count(usual) if widths else 0, usual)
    file.seek(start)
    return max(fits, key=lambda delimiter: fits[delimiter])


def _widths(file: BinaryIO, encoding: str, delimiter: str, limits: Limits) -> Iterator[int]:
    found = records(file, encoding, delimiter, limits)
    try:
        for record, _ in zip(found, range(_SAMPLE_RECORDS), strict=False):
            if isinstance(record, Record):
                yield len(record.cells)
    except Unreadable:
        return
    finally:
        found.close()


def _record(number: int, cells: list[str], limits: Limits) -> AnyRecord:
    if len(cells) > limits.columns:
        return BrokenRecord(number, f"has {len(cells):,} cells; {limits.columns} are taken")
    return Record(number, [_cell(cell, limits) for cell in cells])


def _cell(cell: str, limits: Limits) -> Cell:
    if not cell.isascii() and UNDECODED.search(cell):
        return _UNDECODED
    if len(cell) > limits.cell_chars:
        return too_long(limits)
    return cell or None


def _why(lines: _Lines) -> str:
    count = lines.last + 1 - lines.first
    where = f"line {lines.first}"
    if count > 1:
        where = f"lines {lines.first} to {lines.last}, {count:,} of them, were read as one row"
    return (
        f'{where}: a quote (") stands wrong or is not closed; a cell that holds one is quoted as a '
        'whole and doubles it within: "he said ""good"""'
    )
