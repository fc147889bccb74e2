"""A table that a spreadsheet opens as it is meant. Pure.

Excel takes a file for UTF-8 only if it begins with a mark, and runs a cell that begins like a
formula: https://owasp.org/www-community/attacks/CSV_Injection
"""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

BOM: Final = "\ufeff"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

Cell = str | int | float | bool | datetime | None


def lines(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Rows as RFC 4180 has them."""
    out = io.StringIO()
    csv.writer(out).writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue().encode()


def head(names: Sequence[str]) -> bytes:
    """The beginning of a file: the mark and the names of its columns."""
    return BOM.encode() + lines([names])


def _cell(value: Cell) -> str:
    """Words that would be a formula get an apostrophe before them; numbers are no words."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, str):
        return f"'{value}" if value.lstrip(" ").startswith(_FORMULA) else value
    return f"{value:.10g}" if isinstance(value, float) else str(value)
