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


class Region(StrEnum):
    """Whose public holidays are known; ISO 3166."""

    CN = "CN"


@dataclass(frozen=True)
class Announced:
    """What is known of a region; the dates are of these years."""

    years: frozenset[int]
    off: frozenset[date]
    working: frozenset[date]

    def without(self, years: Collection[int]) -> "Announced":
        """The same with other years' dates only."""
        return Announced(
            self.years.difference(years),
            frozenset(day for day in self.off if day.year not in years),
            frozenset(day for day in self.working if day.year not in years),
        )


def announced(region: Region) -> Announced:
    """All that the package of the region knows."""
    match region:
        case Region.CN:
            off, working = frozenset(constants.holidays), frozenset(constants.workdays)
            # As the package itself counts: from its first year through its last.
            years = range(min(off).year, max(off).year + 1)
            return Announced(frozenset(years), off, working)
