"""A day and time as people and systems write them. Pure: no clock is read.

A form that can mean two days (05/06/2026) is read only when it is known which stands first. What is
relative to the day of an export, or has no year, is refused.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Final

from heedful.ingest.importing.number_formats import EPOCH, to_time
from heedful.ingest.importing.records import Broken, Cell


class DateOrder(StrEnum):
    """What stands first in 05/06/2026."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


_CLOCK: Final = r"(?:[ tT]*(\d{1,2})(?::(\d{1,2}))?(?::(\d{1,2})(?:[.,](\d{1,9}))?)?)?"
_ZONE: Final = r"\s*(z|utc|gmt|(?:utc|gmt)?[+-]\d{1,2}(?::?\d{2})?)?"
_YEAR_FIRST: Final = re.compile(
    rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_CLOCK}{_ZONE}", re.IGNORECASE
)
_YEAR_LAST: Final = re.compile(
    rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}),?{_CLOCK}{_ZONE}", re.IGNORECASE
)
_MONTHS: Final = (
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
)
_DAY_MONTH: Final = re.compile(
    rf"(\d{{1,2}})(?:st|nd|rd|th)?[ -]([a-z]{{3}})[a-z]*\.?[ ,-]+(\d{{4}}),?{_CLOCK}{_ZONE}",
    re.IGNORECASE,
)
_MONTH_DAY: Final = re.compile(
    rf"([a-z]{{3}})[a-z]*\.? (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}}),?{_CLOCK}{_ZONE}",
    re.IGNORECASE,
)
# As C's asctime and some social networks: Tue Nov 24 08:15:00 +0800 2026.
_YEAR_BEHIND: Final = re.compile(
    r"([a-z]{3}) (\d{1,2}) (\d{1,2}):(\d{2}):(\d{2})(?: ([+-]\d{4}))? (\d{4})", re.IGNORECASE
)
_COMPACT: Final = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:[ t]?(\d\d):?(\d\d)(?::?(\d\d))?)?",
                             re.IGNORECASE)  # fmt: skip
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_WEEKDAY: Final = re.compile(
    r"\(?(?:星期|周)[一二三四五六日天]\)?|\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\b,? ?",
    re.IGNORECASE,
)
_HALF: Final = re.compile(
    r"(上午|凌晨|早上|下午|晚上|中午|\b[ap]\.?m\.?(?=\W|$)|(?<=\d)[ap]m\b)", re.IGNORECASE
)
_AFTERNOON: Final = ("下午", "晚上", "中午", "p")
_CHINESE: Final = str.maketrans("年月日号时点分秒", "--  ::: ")
_RELATIVE: Final = re.compile(
    r"昨天|今天|前天|刚刚|[天时钟周月年]前|ago\b|yesterday|today|just now", re.IGNORECASE
)
_NO_YEAR: Final = re.compile(rf"\d{{1,2}}[-/.]\d{{1,2}}{_CLOCK}\s*")

_SERIAL: Final = (20_000, 80_000)
_UNIX_S: Final = (300_000_000, 5_000_000_000)
_UNIX_MS: Final = (300_000_000_000, 5_000_000_000_000)
_NOON: Final = 12

NOT_A_TIME: Final = (
    "is no time that is known here; write 2026-11-24 08:15:00, with +08:00 when it is not in the "
    "file's time zone"
)
AMBIGUOUS: Final = (
    "may be two days: say whether the day or the month comes first with the date order dmy or mdy"
)


def read(cell: Cell, order: DateOrder | None) -> datetime | str:
    """The time in a cell, with its offset where it says one; or what is wrong with it."""
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, Broken):
        return cell.reason
    if isinstance(cell, bool) or cell is None:
        return NOT_A_TIME
    if isinstance(cell, int | float):
        return _from_number(str(cell))
    if found := _YEAR_FIRST.fullmatch(cell):
        # The usual form, without the work for all others.
        year, _, month, day, *clock, offset = found.groups()
        return _made(year, month, day, clock, offset)
    if _RELATIVE.search(cell):
        return "is relative to the day of the export; export the full time"
    plain, afternoon = _plain(cell)
    said = _from_number(plain) if _NUMBER.fullmatch(plain) else _from_text(plain, order)
    return _later(said, afternoon) if isinstance(said, datetime) else said


def first_numbers(cell: Cell) -> tuple[int, int] | None:
    """The two numbers before the year of 05/06/2026."""
    found = _YEAR_LAST.match(_plain(cell)[0]) if isinstance(cell, str) else None
    return None if found is None else (int(found[1]), int(found[3]))


def at_clock(
    day: datetime, hour: str | None, minute: str | None, second: str | None, part: str | None = None
) -> datetime | str:
    """That day at a time of it; `part` is the digits of a fraction of the second."""
    micro = int(f"{part or '0':0<6.6}")
    try:
        return day.replace(
            hour=int(hour or 0), minute=int(minute or 0), second=int(second or 0), microsecond=micro
        )
    except ValueError:
        return "is no time of the day"


def _plain(text: str) -> tuple[str, bool | None]:
    """The text in the form of the patterns; and whether it said a half of the day, which one."""
    plain = unicodedata.normalize("NFKC", text).strip()
    half = _HALF.search(plain)
    plain = _WEEKDAY.sub(" ", _HALF.sub(" ", plain)).translate(_CHINESE)
    plain = re.sub(r"\s+", " ", plain).strip(" :,")
    return plain, None if half is None else half[1].casefold().startswith(_AFTERNOON)


def _from_text(text: str, order: DateOrder | None) -> datetime | str:
    if _COMPACT.fullmatch(text):
        return _from_number(text)
    if found := _YEAR_FIRST.fullmatch(text):
        year, _, month, day, *clock, offset = found.groups()
        return _made(year, month, day, clock, offset)
    if found := _YEAR_LAST.fullmatch(text):
        first, _, second, year, *clock, offset = found.groups()
        said = _day_and_month(int(first), int(second), order)
        return said if isinstance(said, str) else _made(year, said[1], said[0], clock, offset)
    if found := _DAY_MONTH.fullmatch(text):
        day, name, year, *clock, offset = found.groups()
        return _made(year, _month(name), day, clock, offset)
    if found := _MONTH_DAY.fullmatch(text):
        name, day, year, *clock, offset = found.groups()
        return _made(year, _month(name), day, clock, offset)
    if found := _YEAR_BEHIND.fullmatch(text):
        name, day, hour, minute, second_, offset, year = found.groups()
        return _made(year, _month(name), day, (hour, minute, second_, None), offset)
    if _NO_YEAR.fullmatch(text):
        return "has no year; export the full date"
    return NOT_A_TIME


def _from_number(text: str) -> datetime | str:
    """A day and time without signs, Excel's days, or Unix seconds or milliseconds: the ranges
    of the years 1979 to 2100 do not touch."""
    if found := _COMPACT.fullmatch(text):
        year, month, day, *clock = found.groups()
        return _made(year, month, day, (*clock, None), None)
    number = float(text)
    if _SERIAL[0] <= number < _SERIAL[1]:
        days = to_time(number, EPOCH)
        return days if isinstance(days, datetime) else NOT_A_TIME
    if _UNIX_S[0] <= number < _UNIX_S[1]:
        return datetime.fromtimestamp(number, UTC)
    if _UNIX_MS[0] <= number < _UNIX_MS[1]:
        return datetime.fromtimestamp(number / 1000, UTC)
    return NOT_A_TIME


def _day_and_month(first: int, second: int, order: DateOrder | None) -> tuple[int, int] | str:
    if order is DateOrder.DAY_FIRST or first > _NOON or first == second:
        return first, second
    if order is DateOrder.MONTH_FIRST or second > _NOON:
        return second, first
    return AMBIGUOUS


def _made(
    year: str, month: str | int, day: str | int, clock: Sequence[str | None], offset: str | None
) -> datetime | str:
    try:
        date = datetime(int(year), int(month), int(day))  # noqa: DTZ001  # its zone comes later
    except ValueError:
        return "is no day of the calendar"
    hour, minute, second, part = clock
    found = at_clock(date, hour, minute, second, part)
    zone = _offset(offset)
    if isinstance(found, str) or zone is None:
        return found
    return zone if isinstance(zone, str) else found.replace(tzinfo=zone)


def _offset(text: str | None) -> timezone | str | None:
    if text is None:
        return None
    digits = text.casefold().removeprefix("utc").removeprefix("gmt")
    if digits in ("", "z"):
        return UTC
    hours, _, minutes = digits[1:].partition(":")
    if not minutes and len(hours) > 2:
        hours, minutes = hours[:-2], hours[-2:]
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if offset > timedelta(hours=14):
        return "has an offset that no clock has"
    return timezone(-offset if digits[0] == "-" else offset)


def _month(name: str) -> int:
    return _MONTHS.index(name.casefold()) + 1 if name.casefold() in _MONTHS else 0


def _later(found: datetime, afternoon: bool | None) -> datetime:
    if afternoon is None:
        return found
    if afternoon and found.hour < _NOON:
        return found + timedelta(hours=_NOON)
    if not afternoon and found.hour == _NOON:
        return found - timedelta(hours=_NOON)
    return found
