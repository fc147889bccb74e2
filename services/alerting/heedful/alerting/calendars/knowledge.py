"""What is not known of public holidays, and whether it matters yet. Pure.

The State Council announces a year's holidays in the autumn before, so the end of what is known is
always near; it is said from when deadlines reach it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from heedful.alerting.calendars.announced import Announced
from heedful.alerting.calendars.document import KeptCalendar
from heedful.alerting.calendars.model import Calendar, PublicHolidays

SAID_AHEAD = timedelta(days=45)
"""So long before the end of what is known a calendar warns."""


class Lack(StrEnum):
    UNKNOWN = "public_holidays_unknown"
    """Nothing was announced, or has reached this release."""
    OUTDATED = "public_holidays_outdated"
    """The release knows more than the version of the calendar does."""


@dataclass(frozen=True)
class Warned:
    """What an operator should know of a calendar, and how to mend it."""

    code: Lack
    label_zh: str
    label_en: str


def known_days(public: PublicHolidays, today: date) -> int:
    """How many days of what is known are left; negative when it has ended."""
    return (date(public.known_through, 12, 31) - today).days


def guessed(calendar: Calendar, until: datetime) -> bool:
    """Whether a deadline then rests on years of which public holidays are not known."""
    if calendar.public is None:
        return False
    return until.astimezone(calendar.timezone).year > calendar.public.known_through


def warnings(
    version: KeptCalendar, calendar: Calendar, today: date, known: Announced | None
) -> list[Warned]:
    """What is to be said of a version today.

    Args:
        known: what this release knows of the region; None when the calendar has none.
    """
    public = calendar.public
    if public is None or known is None or version.announced is None:
        return []
    fresh = sorted(known.years.difference(version.announced.years))
    if fresh:
        return [_outdated(public, fresh)]
    return [_unknown(public)] if known_days(public, today) <= SAID_AHEAD.days else []


def _outdated(public: PublicHolidays, fresh: list[int]) -> Warned:
    region, years = public.region, ", ".join(map(str, fresh))
    return Warned(
        Lack.OUTDATED,
        f"{region} 公众假期（{years} 年）在本版本之后公布；请用相同内容再次 PUT 该日历，生成新版本",
        f"public holidays of {region} for {years} have become known since this version; put the "
        "calendar again with the same body to make a version with them",
    )


def _unknown(public: PublicHolidays) -> Warned:
    region, through = public.region, public.known_through
    year = through + 1
    return Warned(
        Lack.UNKNOWN,
        f"{region} 公众假期只知道到 {through} 年；{year}-01-01 起每个工作日都按上班计算，"
        "截止时间可能偏早；遇调休周末则可能偏晚。请升级 heedful 后再次 PUT，"
        f"或把 {year} 年的日期写入 holidays 和 extra，并加入 own_years",
        f"public holidays of {region} are known through {through}; from {year}-01-01 on every "
        "weekday counts as working, so deadlines may be too early, and, over a weekend that is "
        "made a working day, too late. Upgrade heedful and put the calendar again, or enter the "
        f"dates of {year} in holidays and extra and name the year in own_years",
    )
