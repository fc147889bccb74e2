"""Says in time that what calendars know of public holidays comes to its end."""

import logging
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from heedful.alerting import metrics, store_calendars
from heedful.alerting.calendars import Calendar, PublicHolidays
from heedful.alerting.calendars.knowledge import SAID_AHEAD, known_days
from heedful.alerting.database import Database

log = logging.getLogger(__name__)

EVERY_S = 60.0
_SAID_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Known:
    """`days` are left of what the calendar knows; negative: it is over."""

    tenant: str
    calendar: str
    region: str
    days: int


class HolidayWatch:
    """A step measures; once a day it also says what an operator must do."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._said_at: datetime | None = None

    async def step(self) -> float:
        async with self._database.begin() as (connection, now):
            active = await store_calendars.active(connection)
        known = [
            _known(tenant, calendar, calendar.public, now)
            for tenant, named in sorted(active.items())
            for calendar in named.values()
            if calendar.public is not None
        ]
        metrics.HOLIDAYS_KNOWN_DAYS.clear()
        for one in sorted(known, key=lambda one: one.days, reverse=True):
            metrics.HOLIDAYS_KNOWN_DAYS.labels(one.region).set(one.days)
        if self._said_at is None or now - self._said_at >= _SAID_EVERY:
            self._said_at = now
            _say([one for one in known if one.days <= SAID_AHEAD.days])
        return EVERY_S


def _known(tenant: str, calendar: Calendar, public: PublicHolidays, now: datetime) -> _Known:
    days = known_days(public, now.astimezone(calendar.timezone).date())
    return _Known(tenant, calendar.ref, public.region, days)


def _say(ending: list[_Known]) -> None:
    for one in ending:
        log.warning(
            "a calendar's public holidays come to the end of what is known; see its warnings",
            extra=asdict(one),
        )
