"""Retention: old events go, and a customer goes with the last one."""

from datetime import timedelta

import pytest

from heedful.common.erasure import Tombstones
from heedful.common.retention import Rule, wish
from heedful.common.service import Periodic, Platform
from heedful.journey.ageing import Ageing
from tests.integration.journey.world import NOW, Journey, running
from tests.unit.journey.material import TENANT, feedback, interaction

PHONE = "phone:13900001234"
DAY = 24


async def age(journey: Journey, hours: float, limit: int = 100, **rule: object) -> int:
    """Delete what was received before so many hours behind the first event."""
    before = NOW.replace(day=1) + timedelta(hours=hours)
    values = {"tenant": None, "others": (), **rule}
    delete = Ageing(Tombstones("journey"), lambda: NOW)
    async with journey.platform.engine.begin() as connection:
        return await delete(connection, Rule(before, **values), limit)  # type: ignore[arg-type]


async def test_the_last_event_takes_its_customer_along(journey: Journey) -> None:
    await journey.consume(
        feedback(1, "customer_id:old", "device:d", conversation_id="k1"),
        interaction(2, "customer_id:old", PHONE),
        feedback(3, "customer_id:young", "device:d"),
        feedback(30, "customer_id:young", PHONE),
    )
    assert await age(journey, 20) == 3
    assert await journey.timeline("customer_id:young") == ["f30"]
    rows = await journey.query("SELECT type, value FROM journey.identifier ORDER BY type, value")
    assert [row.value for row in rows] == ["young", "+8613900001234"]
    assert await journey.query("SELECT 1 FROM journey.conversation") == []
    assert await age(journey, 20) == 0


async def test_who_has_a_younger_event_keeps_id_and_identifiers(journey: Journey) -> None:
    await journey.consume(feedback(1, "customer_id:c1", PHONE), feedback(30, PHONE))
    before = await journey.customer_of(PHONE)
    assert await age(journey, 20) == 1
    assert await journey.customer_of("customer_id:c1") == before == await journey.customer_of(PHONE)
    assert await journey.timeline(PHONE) == ["f30"]


async def test_a_phone_that_was_shared_belongs_to_who_is_left(journey: Journey) -> None:
    await journey.consume(
        feedback(1, "external:a", PHONE), feedback(30, "external:b", PHONE), feedback(31, PHONE)
    )
    assert await age(journey, 20) == 1
    assert await journey.timeline("external:b") == ["f30", "f31"]


async def test_tenants_have_rules_of_their_own_and_batches_a_size(journey: Journey) -> None:
    await journey.consume(
        *(feedback(number, PHONE) for number in range(5)),
        *(feedback(number, PHONE, tenant="other") for number in range(5)),
    )
    assert await age(journey, 20, tenant=None, others=(TENANT,)) == 5
    assert await age(journey, 20, limit=3, tenant=TENANT) == 3
    assert await age(journey, 20, limit=3, tenant=TENANT) == 2
    assert await journey.query("SELECT 1 FROM journey.identifier") == []


async def test_the_setting_and_the_tenant_say_how_long(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEEDFUL_JOURNEY__EVENT_DAYS", "20")
    async with platform.engine.begin() as connection:
        await wish(connection, TENANT, 90)
        await wish(connection, "other", 10)
    async with running(platform) as journey:
        for tenant in (TENANT, "other", "third"):
            await journey.consume(
                *(feedback(n, PHONE, tenant=tenant, hours=n * 9 * DAY) for n in range(3))
            )
        loop = next(part for part in journey.service.background if part.name == "journey.retention")
        assert isinstance(loop, Periodic)
        assert await loop._step() == 600
        rows = await journey.query("SELECT tenant, count(*) AS n FROM journey.event GROUP BY 1")
        assert {row.tenant: row.n for row in rows} == {TENANT: 2, "other": 1, "third": 2}
