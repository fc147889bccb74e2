"""Cells to moments in UTC: a time alone, or a day in one column and its time in another."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from heedful.ingest.importing.dates import NOT_A_TIME, DateOrder, at_clock, first_numbers, read
from heedful.ingest.importing.records import Cell, Unreadable

_TIME_OF_DAY: Final = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?")
_YEARS: Final = range(1970, 2101)
_MONTHS: Final = 12
_OUT_OF_RANGE: Final = f"is no day of the years {_YEARS.start} to {_YEARS.stop - 1}"


def zone_of(name: str) -> ZoneInfo:
    """A zone of the IANA time zone database.

    Raises:
        Unreadable: there is none of that name.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Unreadable(
            "there is no such time zone; write e.g. Asia/Shanghai, Europe/Berlin or UTC"
        ) from error


def moment(cells: Sequence[Cell], zone: ZoneInfo, order: DateOrder | None) -> datetime | str:
    """The moment that one or more cells say (a day, and a time of that day), in UTC; or what is
    wrong with them."""
    found = _joined(cells, order)
    if isinstance(found, str):
        return found
    if found.tzinfo is None:
        found = found.replace(tzinfo=zone)
    try:
        found = found.astimezone(UTC)
    except OverflowError:
        return _OUT_OF_RANGE
    return found if found.year in _YEARS else _OUT_OF_RANGE


def order_of(cells: Iterable[Cell]) -> DateOrder | None:
    """Which stands first in the dates of a column that end with the year; None: they do not say,
    or they say both."""
    seen: set[DateOrder] = set()
    for first, second in filter(None, map(first_numbers, cells)):
        if first > _MONTHS >= second:
            seen.add(DateOrder.DAY_FIRST)
        elif second > _MONTHS >= first:
            seen.add(DateOrder.MONTH_FIRST)
    return seen.pop() if len(seen) == 1 else None


def is_time_of_day(cell: Cell) -> bool:
    """Whether a cell holds a time without its day."""
    return _time_of_day(cell) is not None


def _time_of_day(cell: Cell) -> re.Match[str] | None:
    return _TIME_OF_DAY.fullmatch(cell.strip()) if isinstance(cell, str) else None


def _joined(cells: Sequence[Cell], order: DateOrder | None) -> datetime | str:
    given = [cell for cell in cells if cell is not None]
    if len(given) == 2 and (clock := _time_of_day(given[1])):
        day = read(given[0], order)
        return day if isinstance(day, str) else at_clock(day, clock[1], clock[2], clock[3])
    if len(given) == 1:
        return read(given[0], order)
    return "is empty" if not given else NOT_A_TIME
