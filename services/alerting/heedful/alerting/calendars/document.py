"""A calendar as it is written in JSON, and as a version of it is kept.

What a field alone can say is checked in it; what fields say of each other is in faults.py.
"""

import difflib
import re
from datetime import date
from functools import cache
from typing import Annotated, Any, Final, Self
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from heedful.alerting.calendars.announced import Announced, Region
from heedful.alerting.calendars.model import (
    Beyond,
    Calendar,
    ExtraDay,
    Hours,
    Interval,
    PublicHolidays,
    Weekday,
)
from heedful.common.contracts import Whole

NAME_PATTERN = r"^[a-z][a-z0-9-]{0,39}$"
MAX_INTERVALS = 24
"""Of one day."""
MAX_DATES = 2000
"""In `holidays`, and in `extra`."""
MAX_OWN_YEARS = 50
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)

_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_INTERVAL = rf"^{_TIME}-(?:{_TIME}|24:00)$"
_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


def _interval(written: str) -> str:
    if not re.fullmatch(_INTERVAL, written):
        raise ValueError("write an interval as 09:00-18:00, by a 24-hour clock; 24:00 may end it")
    start, end = _minutes(written)
    if start >= end:
        raise ValueError(
            "an interval ends after it begins; split a night at midnight: 22:00-24:00 on one day "
            "and 00:00-06:00 on the next"
        )
    return written


def _in_order(day: list[str]) -> list[str]:
    ends = 0
    for number, (start, end) in enumerate(map(_minutes, day)):
        if start < ends:
            raise ValueError(
                f"interval {number} begins before the one before it has ended; write the intervals "
                "of a day in order, without overlap"
            )
        ends = end
    return day


def _iana(name: str) -> str:
    if name not in _zones():
        near = difflib.get_close_matches(name, _zones(), n=1)
        hint = f"did you mean {near[0]}?" if near else "write for example Asia/Shanghai"
        raise ValueError(f"there is no such time zone in the IANA database; {hint}")
    return name


def _written_date(value: object) -> object:
    if isinstance(value, date) or (isinstance(value, str) and re.fullmatch(_DATE, value)):
        return value
    raise ValueError("write a date as 2026-10-01")


def _within(day: date) -> date:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"a date lies between {FIRST_DAY} and {LAST_DAY}")
    return day


Zone = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64),
    AfterValidator(_iana),
    Field(examples=["Asia/Shanghai"], description="IANA name."),
]
WrittenInterval = Annotated[
    str,
    AfterValidator(_interval),
    Field(json_schema_extra={"pattern": _INTERVAL}, examples=["09:00-18:00"]),
]
Day = Annotated[
    list[WrittenInterval],
    Field(max_length=MAX_INTERVALS, examples=[["09:00-12:00", "13:30-18:00"]]),
    AfterValidator(_in_order),
]
WrittenDate = Annotated[
    date,
    BeforeValidator(_written_date),
    AfterValidator(_within),
    Field(examples=["2026-10-01"]),
]
Year = Annotated[Whole, Field(ge=FIRST_DAY.year, le=LAST_DAY.year, examples=[2027])]


EXAMPLE: Final[dict[str, Any]] = {
    "zone": "Asia/Shanghai",
    "week": {day: ["09:00-12:00", "13:30-18:00"] for day in list(Weekday)[:5]},
    "holidays": ["2027-01-01"],
    "extra": [{"date": "2026-12-26", "hours": ["10:00-14:00"]}],
    "public_holidays": {"region": "CN"},
}


class Written(BaseModel):
    """Base of what a calendar consists of."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Week(Written):
    """The working intervals of each weekday, half-open, in local time; a day without is closed."""

    monday: Day = []
    tuesday: Day = []
    wednesday: Day = []
    thursday: Day = []
    friday: Day = []
    saturday: Day = []
    sunday: Day = []

    def day(self, weekday: Weekday) -> Hours:
        found: list[str] = getattr(self, weekday.value)
        return _hours(found)


class ExtraDate(Written):
    """A date that works, whatever the rest says: with hours of its own, or those of a weekday."""

    date: WrittenDate
    hours: Day | None = None
    like: Weekday | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (not self.hours) == (self.like is None):
            raise ValueError("give either hours or like; a date without work goes into holidays")
        return self


class Announcements(Written):
    """Public holidays and the weekends that make up for them, as the government announced them."""

    region: Region
    make_up_like: Weekday = Field(
        default=Weekday.MONDAY,
        description="Whose hours are worked on a weekend that was made a working day.",
    )
    own_years: list[Year] = Field(
        default=[],
        max_length=MAX_OWN_YEARS,
        description="Years of which `holidays` and `extra` say all: nothing else is asked.",
    )
    beyond: Beyond = Field(
        default=Beyond.WEEK,
        description="What holds in years of which nothing was announced yet. `week`: the plain "
        "week, so weekdays work and weekends rest. `every_day`: weekends work, too, so that no "
        "deadline is later than it should be.",
    )


class CalendarDocument(Written):
    """When work is done. A day's hours are those of the first that says something about it:
    `extra`, `holidays`, `public_holidays`, `week`."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    zone: Zone
    week: Week
    holidays: list[WrittenDate] = Field(
        default=[], max_length=MAX_DATES, description="Dates without work."
    )
    extra: list[ExtraDate] = Field(
        default=[], max_length=MAX_DATES, description="Dates that work, e.g. for 调休."
    )
    public_holidays: Announcements | None = None


class AnnouncedDates(Written):
    """What was known of public holidays when the version was made."""

    years: list[int]
    off: list[date]
    working: list[date]


class KeptCalendar(Written):
    """All that a version is made of; it gives the same calendar for ever."""

    document: CalendarDocument
    announced: AnnouncedDates | None = None

    def calendar(self, name: str, version: int) -> Calendar:
        written = self.document
        return Calendar(
            name=name,
            version=version,
            zone=written.zone,
            week=tuple(written.week.day(weekday) for weekday in Weekday),
            holidays=frozenset(written.holidays),
            extra=tuple(_extra(one, written.week) for one in written.extra),
            public=self._public(),
        )

    def _public(self) -> PublicHolidays | None:
        asked, known = self.document.public_holidays, self.announced
        if asked is None or known is None:
            return None
        return PublicHolidays(
            region=asked.region.value,
            years=frozenset(known.years),
            off=frozenset(known.off),
            working=frozenset(known.working),
            hours=self.document.week.day(asked.make_up_like),
            beyond=asked.beyond,
        )


def kept(document: CalendarDocument, known: Announced | None) -> KeptCalendar:
    """What a version keeps of a document that is put now.

    Args:
        known: of the region of its public holidays; None when it has none.
    """
    asked = document.public_holidays
    if asked is None or known is None:
        return KeptCalendar(document=document)
    others = known.without(asked.own_years)
    return KeptCalendar(
        document=document,
        announced=AnnouncedDates(
            years=sorted({*others.years, *asked.own_years}),
            off=sorted(others.off),
            working=sorted(others.working),
        ),
    )


def _extra(one: ExtraDate, week: Week) -> ExtraDay:
    own = _hours(one.hours or [])
    return ExtraDay(one.date, own if one.like is None else week.day(one.like))


def _hours(day: list[str]) -> Hours:
    return tuple(Interval(*_minutes(written)) for written in day)


def _minutes(written: str) -> tuple[int, int]:
    start, end = (int(edge[:2]) * 60 + int(edge[3:]) for edge in written.split("-"))
    return start, end


@cache
def _zones() -> frozenset[str]:
    """Names of places; not the machine's own, nor those that count leap seconds."""
    return frozenset(
        name
        for name in available_timezones()
        if name not in {"localtime", "posixrules", "Factory"}
        and not name.startswith(("posix/", "right/", "SystemV/"))
    )
