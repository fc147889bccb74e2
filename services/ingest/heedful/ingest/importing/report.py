"""The report of an import: one CSV row for each row of the file, for people with a spreadsheet."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

# Excel takes a CSV for UTF-8 only by its mark.
HEADER: Final = "\ufeffrow,status,id,detail\r\n".encode()
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class Status(StrEnum):
    """`valid` is what a dry run says of a row that would be sent."""

    IMPORTED = "imported"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    VALID = "valid"


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
