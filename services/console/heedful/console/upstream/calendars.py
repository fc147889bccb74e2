"""Calendars of alerting: the hours in which clocks run."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Final
from urllib.parse import quote

from heedful.console.upstream import applications
from heedful.console.upstream.applications import Applied
from heedful.console.upstream.caller import Caller, Query
from heedful.console.upstream.reading import Read

_PATH: Final = "/v1/calendars"


class Extra(Read):
    """A date that works: by hours of its own, or like a weekday."""

    date: date
    hours: list[str] | None = None
    like: str | None = None


class PublicHolidays(Read):
    region: str
    make_up_like: str = "monday"
    own_years: tuple[int, ...] = ()
    beyond: str = "week"


class Document(Read):
    """`week`: intervals as `09:00-18:00` by the English name of the weekday."""

    zone: str
    week: dict[str, list[str]]
    holidays: tuple[date, ...] = ()
    extra: tuple[Extra, ...] = ()
    public_holidays: PublicHolidays | None = None


class Known(Read):
    region: str
    known_through: int


class Warned(Read):
    code: str
    label_zh: str
    label_en: str


class Version(Read):
    """`document`: whole, as it was written."""

    ref: str
    name: str
    version: int
    active: bool
    document: dict[str, Any]
    public_holidays: Known | None
    warnings: list[Warned]
    note: str | None
    created_at: datetime
    created_by: str

    @cached_property
    def shown(self) -> Document:
        return Document.model_validate(self.document)


class PutVersion(Version):
    """`created`: false where the newest version says the same."""

    created: bool


class Calendar(Read):
    name: str
    active_version: int | None
    activated_at: datetime | None
    newest: Version


class CalendarPage(Read):
    items: list[Calendar]
    next_cursor: str | None = None


class VersionPage(Read):
    items: list[Version]
    next_cursor: str | None = None


class Move(Read):
    """A deadline that would move; `new_due_at` None: there would be none within 400 days."""

    case_id: str
    metric: str
    calendar: str
    due_at: datetime
    new_due_at: datetime | None
    by_seconds: float | None

    @property
    def by(self) -> timedelta | None:
        return None if self.by_seconds is None else timedelta(seconds=abs(self.by_seconds))


class Preview(Read):
    ref: str
    of: str
    looked_at: int
    complete: bool
    earlier: int
    later: int
    out_of_reach: int
    overdue: int
    moves: list[Move]


class Day(Read):
    """`hours`: none where it is closed; `said_by`: extra, holidays, public_holidays or week."""

    date: date
    hours: list[str]
    said_by: str
    guessed: bool

    @property
    def kind(self) -> str:
        """How a month shows it."""
        if self.said_by == "week":
            return "usual" if self.hours else "off"
        return "extra" if self.hours else "holiday"


class Days(Read):
    days: list[Day]


class Due(Read):
    start: datetime
    due_at: datetime
    next_open: datetime
    guessed: bool


async def listed(alerting: Caller, cursor: str | None) -> CalendarPage:
    return await alerting.get(CalendarPage, _PATH, {"cursor": cursor, "limit": 50})


async def get(alerting: Caller, name: str) -> Calendar:
    return await alerting.get(Calendar, _of(name))


async def put(alerting: Caller, name: str, document: Mapping[str, Any]) -> PutVersion:
    return await alerting.put(PutVersion, _of(name), document)


async def versions(alerting: Caller, name: str, cursor: str | None = None) -> VersionPage:
    query: Query = {"cursor": cursor, "limit": 20}
    return await alerting.get(VersionPage, _of(name) + "/versions", query)


async def version(alerting: Caller, name: str, number: int) -> Version:
    return await alerting.get(Version, _version(name, number))


async def activate(alerting: Caller, name: str, number: int) -> Version:
    return await alerting.post(Version, _version(name, number) + "/activate")


async def preview(alerting: Caller, name: str, number: int, of: str | None) -> Preview:
    """Which deadlines would move; `of`: the calendar whose clocks are meant."""
    query = {"of": of, "limit": 20}
    return await alerting.get(Preview, _version(name, number) + "/preview", query)


async def days(alerting: Caller, name: str, number: int, month: date) -> list[Day]:
    """Of the month of a date."""
    query: Query = {"year": month.year, "month": month.month}
    found = await alerting.get(Days, _version(name, number) + "/days", query)
    return found.days


async def due(alerting: Caller, name: str, number: int, start: datetime, target: timedelta) -> Due:
    query: Query = {"start": start.isoformat(), "target_seconds": target.total_seconds()}
    return await alerting.get(Due, _version(name, number) + "/due", query)


async def apply(alerting: Caller, name: str, number: int, *, dry_run: bool) -> Applied:
    """To clocks that run under another version of it."""
    return await applications.apply(alerting, _version(name, number), dry_run=dry_run)


def _of(name: str) -> str:
    return f"{_PATH}/{quote(name, safe='')}"


def _version(name: str, number: int) -> str:
    return f"{_of(name)}/versions/{number}"
