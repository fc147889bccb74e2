"""The service as main wires it: started, fed through the bus, stopped."""

import asyncio

import pytest
from prometheus_client import generate_latest
from sqlalchemy.ext.asyncio import create_async_engine

from heedful.alerting.database import RETRY_S, surviving
from heedful.alerting.main import build
from heedful.alerting.upkeep import Upkeep
from heedful.common.errors import Retryable
from heedful.common.events import to_record
from heedful.common.runtime import ConsumerRunner
from heedful.common.service import Background, Platform
from heedful.common.settings import ConsumerSettings
from heedful.common.topics import FEEDBACK_ENRICHED
from tests.integration.alerting.receiver import receiving
from tests.integration.alerting.signals import outcomes, show, signal, silence
from tests.integration.alerting.world import (
    HOUR,
    SECRET,
    T0,
    World,
    contact,
    enriched,
    feedback,
)


async def test_from_the_bus_to_the_webhook(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All loops run; of a red light that is days old one notice tells all steps of a clock."""
    async with receiving() as receiver:
        monkeypatch.setenv("HEEDFUL_ALERTING__WEBHOOK_URL", receiver.url)
        monkeypatch.setenv("HEEDFUL_ALERTING__WEBHOOK_SECRET", SECRET)
        monkeypatch.setenv("HEEDFUL_ALERTING__ALLOW_PRIVATE_TARGETS", "true")
        service = build(platform)
        assert service.start is not None
        assert service.stop is not None
        await service.start()
        await service.start()
        parts: list[Background] = [*service.background]
        parts += [
            ConsumerRunner(one, platform.bus, ConsumerSettings()) for one in service.subscriptions
        ]
        tasks = [asyncio.create_task(part.run()) for part in parts]
        red = enriched(feedback())
        record = to_record(FEEDBACK_ENRICHED, red, id=red.id, source="/acme/nlp", key="k", time=T0)
        await platform.bus.producer.send([record])
        async with asyncio.timeout(30):
            await receiver.wait_for(4)
        for part in parts:
            part.stop()
        await asyncio.gather(*tasks)
        await service.stop()
    assert len(set(receiver.ids)) == 4
    assert all(part.healthy(0) for part in service.background)
    exposition = generate_latest().decode()
    assert 'heedful_alerting_deliveries_total{outcome="delivered"}' in exposition
    assert 'heedful_alerting_clock_results_total{metric="respond",result="breached"}' in exposition


async def test_the_handler_asks_again_when_the_database_is_away(world: World) -> None:
    await world.platform.engine.dispose()
    nowhere = create_async_engine("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    world.database.engine = nowhere
    with pytest.raises(Retryable):
        await world.consume(enriched(feedback()))
    assert await surviving("timers", world.timers.step)() == RETRY_S
    await nowhere.dispose()


async def test_upkeep_forgets_and_measures(world: World) -> None:
    await world.consume(enriched(feedback()), contact())
    await show(world, signal(feedback()), silence(2, identifiers=()))
    upkeep = Upkeep(world.database, 720 * HOUR, HOUR)
    await upkeep.step()
    assert len(await world.query("SELECT 1 FROM alerting.enriched")) == 1
    assert await outcomes(world) == {"signal-1": "joined", "signal-2": "unplaced"}
    world.now = T0 + 800 * HOUR
    await upkeep.step()
    assert await world.query("SELECT 1 FROM alerting.contact") == []
    assert await world.query("SELECT 1 FROM alerting.enriched") == []
    assert await outcomes(world) == {"signal-1": "joined"}
    exposition = generate_latest().decode()
    assert 'heedful_alerting_open_cases{colour="red",state="new"} 1.0' in exposition
    assert 'heedful_alerting_open_cases{colour="amber",state="new"} 0.0' in exposition
    assert "heedful_alerting_timers_overdue 2.0" in exposition
