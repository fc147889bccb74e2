"""What every kind of file is read into, and what stops a reading."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from heedful.common.errors import HeedfulError


class Unreadable(HeedfulError):
    """The file as a whole cannot be read, or not further. The text says what, where and how to
    mend it, without what stands in the file."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A cell whose value is lost; `reason` says how, and how to mend it."""

    reason: str


Cell = str | int | float | bool | datetime | Broken | None
"""A time without an offset is on the clock of who wrote it."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row. `number` counts from 1, header and empty rows included, as Excel does; of JSON lines
    it is the line."""

    number: int
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class BrokenRecord:
    """A row that cannot be read; those behind it can."""

    number: int
    reason: str


AnyRecord = Record | BrokenRecord
Records = Generator[AnyRecord, None, None]


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    JSONL = "jsonl"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may be; beyond it nothing more is read.

    Attributes:
        cell_chars: of one cell; a row with a longer one is broken.
        row_chars: of one row before it is taken apart. It bounds what a quote that is never
            closed, or a line that never ends, can fill.
        unpacked_bytes: of the parts of an Excel file that are read, together.
        shared_bytes: of its part with the texts of all cells, which is kept in memory.
    """

    rows: int = 1_048_576
    columns: int = 200
    cell_chars: int = 100_000
    row_chars: int = 1_000_000
    unpacked_bytes: int = 2_000_000_000
    shared_bytes: int = 300_000_000


def too_long(limits: Limits) -> Broken:
    return Broken(f"is longer than {limits.cell_chars:,} characters; shorten it")
