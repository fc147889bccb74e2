"""The report of an import: one CSV row for each row of the file, for people with a spreadsheet."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict

from heedful.ingest.importing.rows import Item, Rejected

# Excel takes a CSV for UTF-8 only by its mark.
HEADER: Final = "\ufeffrow,status,id,detail\r\n".encode()
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class Status(StrEnum):
    """`valid` is what a dry run says of a row that would be sent."""

    IMPORTED = "imported"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    VALID = "valid"


_STATUSES: Final = {
    "accepted": Status.IMPORTED,
    "duplicate": Status.DUPLICATE,
    "valid": Status.VALID,
}


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one row.

    Attributes:
        row: its number in the file, the header included.
        id: of the item that it became.
        detail: why it was rejected, and how to mend it; without the customer's words.
    """

    row: int
    status: Status
    id: str = ""
    detail: str = ""


class Counts(BaseModel):
    """Rows by what became of them; `last_row` is the number of the last one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    last_row: int = 0
    imported: int = 0
    duplicate: int = 0
    rejected: int = 0
    valid: int = 0

    @property
    def rows(self) -> int:
        return self.imported + self.duplicate + self.rejected + self.valid

    def plus(self, lines: Sequence[Line]) -> "Counts":
        """The counts with these rows."""
        found = self.model_dump()
        for line in lines:
            found[line.status] += 1
            found["last_row"] = line.row
        return Counts(**found)


def lines_of(batch: Sequence[Item | Rejected], results: Sequence[tuple[str, str]]) -> list[Line]:
    """What became of a batch.

    Args:
        results: of its items in their order: ingest's word (accepted, duplicate, conflict, …; or
            `valid` in a dry run), and what is wrong.
    """
    left = iter(results)
    return [
        Line(row.number, Status.REJECTED, detail=row.detail)
        if isinstance(row, Rejected)
        else _line(row, *next(left))
        for row in batch
    ]


def _line(row: Item, word: str, detail: str) -> Line:
    return Line(row.number, _STATUSES.get(word, Status.REJECTED), row.posted.id or "", detail)


def written(lines: Sequence[Line]) -> bytes:
    """The lines as CSV, without the header."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerows(
        (line.row, line.status.value, unarmed(line.id), unarmed(line.detail)) for line in lines
    )
    return text.getvalue().encode("utf-8", "replace")


def unarmed(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV Injection): a quote before it."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
