"""Which cells of an Excel file are times: a number is one by its format alone.

ECMA-376 part 1 §18.8.30 (numFmt) lists the built-in formats; 27 to 36 and 50 to 58 are dates in
Chinese, Japanese and Korean Excel. §18.17.4.1: days since 1899-12-30, or 1904-01-01.
"""

import re
from datetime import datetime, timedelta
from typing import Final

from heedful.ingest.importing.package import Attributes, Elements, Package

_BUILT_IN: Final = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
# Words in quotes, escaped characters, [Red], [$-804], [h] and the like of durations, fillers.
_NOT_FORMAT: Final = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|[_*].')
_OF_TIME: Final = re.compile(r"[ymdhs]", re.IGNORECASE)
_OF_NUMBER: Final = re.compile(r"[0#?]|general", re.IGNORECASE)
_PARTS_OF_SECONDS: Final = re.compile(r"\.0+")
_STYLES: Final = "xl/styles.xml"
_MOST_BYTES: Final = 20_000_000

EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001  # on the clock of who wrote it
EPOCH_1904: Final = datetime(1904, 1, 1)  # noqa: DTZ001
# A number below 61 is before 1900-03-01, where Excel counts a day that never was.
_FIRST: Final = 61.0
_BEHIND_LAST: Final = 2_958_466.0
_DAY_MS: Final = 86_400_000


def time_styles(package: Package) -> frozenset[int]:
    """The numbers of the cell styles that show a time."""
    if package.size(_STYLES) is None:
        return frozenset()
    reader = _Styles()
    elements = Elements(reader.start, reader.end, lambda _: None)
    for block in package.blocks(_STYLES, _MOST_BYTES):
        elements.feed(block)
    elements.feed(b"")
    return frozenset(reader.found)


def is_time_format(code: str) -> bool:
    """Whether a format shows a number as a time, e.g. `yyyy"年"m"月"d"日"`."""
    plain = _NOT_FORMAT.sub("", code.split(";")[0])
    return bool(_OF_TIME.search(plain)) and not _OF_NUMBER.search(_PARTS_OF_SECONDS.sub("", plain))


def to_time(days: float, epoch: datetime) -> datetime | str | None:
    """The time that a number means, to the millisecond; without a day it is written `08:15:00`.

    None: it is no time that Excel shows.
    """
    milliseconds = round(days * _DAY_MS)
    if 0 <= milliseconds < _DAY_MS:
        return (epoch + timedelta(milliseconds=milliseconds)).strftime("%H:%M:%S")
    if not _FIRST <= days < _BEHIND_LAST - (epoch - EPOCH).days:
        return None
    return epoch + timedelta(milliseconds=milliseconds)


class _Styles:
    """Reads numFmts, which come first, and cellXfs."""

    def __init__(self) -> None:
        self.found: list[int] = []
        self._own: set[int] = set()
        self._in_cells = False
        self._count = 0

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "numFmt":
            number = _int(attributes.get("numFmtId"))
            if is_time_format(attributes.get("formatCode", "")):
                self._own.add(number)
            else:
                self._own.discard(number)
        elif name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells:
            number = _int(attributes.get("numFmtId"))
            if number in _BUILT_IN or number in self._own:
                self.found.append(self._count)
            self._count += 1

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._in_cells = False


def _int(value: str | None) -> int:
    return int(value) if value is not None and value.isdecimal() else 0
