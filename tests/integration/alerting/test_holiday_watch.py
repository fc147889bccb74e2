"""What calendars know of public holidays is measured, and its end is said in time."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from heedful.alerting import metrics, store_calendars
from heedful.alerting.calendars.announced import Region, announced
from heedful.alerting.calendars.document import CalendarDocument, kept
from heedful.alerting.holiday_watch import HolidayWatch
from tests.integration.alerting.world import World
from tests.integration.conftest import OTHER_TENANT, TENANT

CN = announced(Region.CN)
LAST = max(CN.years)
GAUGE = metrics.HOLIDAYS_KNOWN_DAYS.labels


async def activate(world: World, tenant: str, **changes: Any) -> None:
    """The first version of a calendar of this tenant."""
    document = CalendarDocument.model_validate(
        {
            "zone": "Asia/Shanghai",
            "week": {"monday": ["09:00-18:00"]},
            "public_holidays": {"region": "CN", **changes},
        }
    )
    async with world.database.begin() as (connection, now):
        await store_calendars.put(
            connection, now, tenant, "office", kept(document, CN), note=None, by="test"
        )
        await store_calendars.activate(connection, now, tenant, "office", 1, by="test")


def said(caplog: pytest.LogCaptureFixture) -> list[tuple[str, int]]:
    """Tenants and days of the warnings since it was asked last."""
    found = [
        (vars(one)["tenant"], vars(one)["days"])
        for one in caplog.records
        if one.levelno == logging.WARNING
    ]
    caplog.clear()
    return found


async def test_the_end_of_what_is_known(world: World, caplog: pytest.LogCaptureFixture) -> None:
    await activate(world, TENANT)
    await activate(world, OTHER_TENANT, own_years=[LAST + 1])
    watch = HolidayWatch(world.database)
    world.now = datetime(LAST, 6, 30, 12, tzinfo=UTC)
    await watch.step()
    assert GAUGE("CN")._value.get() == 184
    assert said(caplog) == []
    world.now = datetime(LAST, 12, 1, 12, tzinfo=UTC)
    await watch.step()
    assert GAUGE("CN")._value.get() == 30
    assert said(caplog) == [(TENANT, 30)]
    world.now += timedelta(hours=23)
    await watch.step()
    assert said(caplog) == []
    world.now = datetime(LAST + 1, 1, 2, 12, tzinfo=UTC)
    await watch.step()
    assert GAUGE("CN")._value.get() == -2
    assert said(caplog) == [(TENANT, -2)]


async def test_nothing_is_measured_without_calendars(world: World) -> None:
    GAUGE("CN").set(5)
    await HolidayWatch(world.database).step()
    (family,) = metrics.HOLIDAYS_KNOWN_DAYS.collect()
    assert family.samples == []
