"""Public holidays that a government announces year by year, from packages that keep them.

Mainland China's come from `chinesecalendar` (https://pypi.org/project/chinesecalendar/): what the
State Council announced each autumn for the next year, with the weekends on which work is made up
for it (调休). It is asked when a version of a calendar is made, never later: the version keeps the
dates, so an upgrade moves no deadline by itself.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from chinese_calendar import constants

from heedful.alerting.calendars.model import Hours, PublicHolidays


class Region(StrEnum):
    """Whose public holidays are known; ISO 3166."""

    CN = "CN"


@dataclass(frozen=True)
class Announced:
    """All that the package knows of a region."""

    known_from: int
    known_through: int
    off: frozenset[date]
    working: frozenset[date]


def announced(region: Region) -> Announced:
    """What is known today."""
    match region:
        case Region.CN:
            off, working = frozenset(constants.holidays), frozenset(constants.workdays)
            return Announced(min(off).year, max(off).year, off, working)


def public_holidays(
    region: Region, hours: Hours, own_years: Collection[int], known: Announced
) -> PublicHolidays:
    """What a version of a calendar keeps.

    Args:
        hours: worked on the weekends that are made working days.
        own_years: years of which the calendar's own holidays and extra days are all there is.
    """
    through = known.known_through
    while through + 1 in own_years:
        through += 1
    return PublicHolidays(
        region=region.value,
        known_from=known.known_from,
        known_through=through,
        off=frozenset(day for day in known.off if day.year not in own_years),
        working=frozenset(day for day in known.working if day.year not in own_years),
        hours=hours,
    )
