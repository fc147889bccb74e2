"""What the values of a column look like."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from heedful.ingest.importing.dates import DateOrder
from heedful.ingest.importing.records import Broken, Cell
from heedful.ingest.importing.scores import NOTHING, value_of
from heedful.ingest.importing.times import is_time_of_day, moment, order_of, zone_of

_UTC: Final = zone_of("UTC")
_PHONE: Final = re.compile(
    r"(?:\+?86)?[-\s]?1[3-9](?:[-\s]?\d){9}|\+\d[\d\s-]{6,16}|0\d{2,3}-?\d{7,8}"
)
_MASKED: Final = re.compile(r"[\w+@.-]*\*{2,}[\w@.*-]*")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_LINK: Final = re.compile(r"https?://\S+", re.IGNORECASE)
_FORMS: Final = {"phone": _PHONE, "masked": _MASKED, "email": _EMAIL, "link": _LINK}
_ROUNDED: Final = re.compile(r"\d(?:\.\d+)?e\+\d+", re.IGNORECASE)
_WRAPPED: Final = re.compile(r'="([^"]*)"')
_INVISIBLE: Final = re.compile("[\ufeff\u200b\u200c\u200d\u2060\u00ad]")

CUT: Final = (
    "is a number that Excel has rounded (1.23E+17): its last digits are lost; format the column as "
    "text and export again"
)


@dataclass(frozen=True, slots=True)
class Profile:
    """Shares go from 0 to 1, of the cells that hold something.

    Attributes:
        cells: of the rows that were looked at, empty ones among them.
        filled: how many of them hold something.
        words: share of words: no number, time, link, phone or address of mail.
        masked: share of values in which an exporter has put stars.
        lost: share of numbers and formulas whose value is lost.
        length: characters on average.
        distinct: different values among the filled ones.
    """

    cells: Sequence[Cell]
    filled: int
    words: float
    times: float
    clocks: float
    numbers: float
    phones: float
    emails: float
    masked: float
    lost: float
    length: float
    distinct: float
    order: DateOrder | None


def profile(cells: Sequence[Cell]) -> Profile:
    """Look at the values of one column."""
    filled = [cell for cell in cells if not says_nothing(cell)]
    texts = [written(cell) for cell in filled]
    order = order_of(filled)
    kinds = [_kind(cell, text, order) for cell, text in zip(filled, texts, strict=True)]
    count = max(1, len(filled))

    def share(*wanted: str) -> float:
        return sum(kind in wanted for kind in kinds) / count

    return Profile(
        cells=cells,
        filled=len(filled),
        words=share("words"),
        times=share("time"),
        clocks=share("clock"),
        numbers=sum(isinstance(value_of(cell), float) for cell in filled) / count,
        phones=share("phone", "masked") if share("phone") else 0.0,
        emails=share("email"),
        masked=share("masked"),
        lost=share("lost"),
        length=sum(map(len, texts)) / count,
        distinct=len(set(texts)) / count,
        order=order,
    )


def written(cell: Cell) -> str:
    """A cell as its text: outer space, invisible characters, and the `="…"` by which exporters keep
    Excel from reading a number are left out; 5.0 is 5."""
    if isinstance(cell, str):
        text = cell.strip()
        if not text.isascii() and _INVISIBLE.search(text):
            text = _INVISIBLE.sub("", text).strip()
        wrapped = _WRAPPED.fullmatch(text) if text.startswith("=") else None
        return text if wrapped is None else wrapped[1].strip()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return "" if cell is None or isinstance(cell, Broken) else str(cell)


def says_nothing(cell: Cell) -> bool:
    """Whether a cell is empty, or holds a dash, 无, N/A and the like."""
    return cell is None or (
        isinstance(cell, str)
        and len(cell) < 10
        and unicodedata.normalize("NFKC", written(cell)).casefold() in NOTHING
    )


def is_masked(text: str) -> bool:
    """Whether stars stand in it, as in 139****1234: many customers look like that."""
    return "*" in text and _MASKED.fullmatch(text) is not None


def is_rounded(text: str) -> bool:
    return text[:1].isdigit() and _ROUNDED.fullmatch(text) is not None


def _kind(cell: Cell, text: str, order: DateOrder | None) -> str:
    if isinstance(cell, Broken) or is_rounded(text):
        return "lost"
    if isinstance(cell, datetime):
        return "time"
    if is_time_of_day(cell):
        return "clock"
    for name, pattern in (
        ("phone", _PHONE),
        ("masked", _MASKED),
        ("email", _EMAIL),
        ("link", _LINK),
    ):
        if pattern.fullmatch(text):
            return name
    if not isinstance(moment([cell], _UTC, order or DateOrder.DAY_FIRST), str):
        return "time"
    if isinstance(cell, int | float) or isinstance(value_of(cell), float):
        return "number"
    return "words"
