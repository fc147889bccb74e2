"""Tells the report of the last month to the endpoints that ask for it, once.

It is due at nine in the morning of the first working day; who was down then tells it later in the
month. The row of a tenant's month and its deliveries are one transaction, so that of any number of
replicas one tells it, and a killed one has not.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import store_deliveries
from heedful.alerting.calendars import (
    CLOSED,
    Calendar,
    Interval,
    PublicHolidays,
    next_open,
)
from heedful.alerting.calendars.announced import Region, announced
from heedful.alerting.database import Database
from heedful.alerting.delivery_records import Frozen
from heedful.alerting.endpoint_kinds import Language
from heedful.alerting.reports import sections, store
from heedful.alerting.reports.model import Report
from heedful.alerting.reports.month import Month
from heedful.alerting.webhook import EventType
from heedful.common.events import deterministic_id

EVERY_S: Final = 60.0
_HOURS: Final = (Interval(9 * 60, 18 * 60),)

_CLAIM = text(
    """
    INSERT INTO alerting.report (tenant, month, told_at)
    SELECT w.tenant, CAST(:month AS text), CAST(:now AS timestamptz)
    FROM unnest(CAST(:tenants AS text[])) AS w (tenant) ORDER BY 1
    ON CONFLICT DO NOTHING
    RETURNING tenant
    """
)

_LISTENING = text(
    """
    SELECT id FROM alerting.endpoint
    WHERE enabled AND tenant IN (:tenant, '*') AND :event = ANY(events)
    ORDER BY id
    """
)


def working_days(zone: ZoneInfo) -> Calendar:
    """Monday to Friday from nine, without the public holidays of mainland China where the zone is
    one of its own."""
    public = None
    if zone.key in ("Asia/Shanghai", "Asia/Urumqi", "Asia/Chongqing", "Asia/Harbin", "PRC"):
        known = announced(Region.CN)
        public = PublicHolidays(Region.CN, known.years, known.off, known.working, _HOURS)
    week = (*(_HOURS,) * 5, CLOSED, CLOSED)
    return Calendar("report", 1, zone.key, week, public=public)


def due_at(month: Month, calendar: Calendar) -> datetime:
    """When the report of a month is told: as the first working day after it begins."""
    return next_open(calendar, month.end(calendar.timezone))


class ReportLoop:
    """One step tells what is due.

    Args:
        public_url: where alerting is reached; None gives a link without a host.
        woken: called after a commit that deliveries wait for.
    """

    def __init__(
        self,
        database: Database,
        zone: ZoneInfo,
        public_url: str | None,
        woken: Callable[[], None],
    ) -> None:
        self._database = database
        self._zone = zone
        self._base = (public_url or "").rstrip("/")
        self._woken = woken
        self._calendar = working_days(zone)
        self._done: Month | None = None

    async def step(self) -> float:
        told = 0
        async with self._database.begin() as (connection, now):
            month = Month.before(now, self._zone)
            if month == self._done or now < due_at(month, self._calendar):
                return EVERY_S
            values = {
                "tenants": await store.tenants(connection),
                "month": str(month),
                "now": now,
            }
            claimed = (await connection.execute(_CLAIM, values)).scalars().all()
            for tenant in claimed:
                told += await self._tell(connection, now, tenant, month)
        self._done = month
        if told:
            self._woken()
        return EVERY_S

    async def _tell(
        self, connection: AsyncConnection, now: datetime, tenant: str, month: Month
    ) -> int:
        values = {"tenant": tenant, "event": EventType.REPORT.value}
        listening = (await connection.execute(_LISTENING, values)).scalars().all()
        if not listening:
            return 0
        report = await store.report(connection, now, tenant, month, self._zone)
        told = body(report, now, f"{self._base}/v1/reports/monthly?month={month}&format=html")
        await store_deliveries.insert_frozen(
            connection,
            now,
            [
                Frozen(
                    id=deterministic_id("webhook-report", tenant, str(month), endpoint),
                    tenant=tenant,
                    case_id="",
                    endpoint_id=endpoint,
                    type=EventType.REPORT,
                    body=told,
                )
                for endpoint in listening
            ],
        )
        return len(listening)


def body(report: Report, now: datetime, url: str) -> bytes:
    """Both languages: whoever composes the message knows which is wanted."""
    told = {
        language.value: {
            "title": sections.title(report, language),
            "lines": sections.lines(report, language),
        }
        for language in Language
    }
    data = {"tenant": report.tenant, "month": str(report.month), "url": url, "told": told}
    at = now.astimezone(UTC).isoformat()
    return orjson.dumps({"type": EventType.REPORT, "timestamp": at, "data": data})
