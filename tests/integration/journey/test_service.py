"""The service as main wires it, fed through the embedded bus."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from heedful.common.bus.base import Outgoing
from heedful.common.errors import ConfigurationError
from heedful.common.events import Delivery
from heedful.common.runtime import ConsumerRunner
from heedful.common.service import Platform
from heedful.common.settings import ConsumerSettings
from heedful.common.topics import INTERACTION_RECORDED
from heedful.journey.main import build
from tests.integration.journey.world import Journey
from tests.unit.journey.material import feedback, interaction

PHONE = "phone:13900001234"
DEADLINE_S = 30


def outgoing(delivery: Delivery) -> Outgoing:
    """The record that another service would have written."""
    record = delivery.record
    return Outgoing(record.topic, record.key, record.value, record.headers)


@contextlib.asynccontextmanager
async def consuming(journey: Journey) -> AsyncIterator[None]:
    """A member of the group, as `serve` runs it."""
    settings = ConsumerSettings(poll_seconds=0.05, commit_seconds=0.05, retry_seconds=0.01)
    runner = ConsumerRunner(journey.subscription, journey.platform.bus, settings)
    task = asyncio.create_task(runner.run())
    try:
        yield
    finally:
        runner.stop()
        await task


async def known(journey: Journey, events: int) -> None:
    """Until journey knows so many events."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            summary = await journey.get("/v1/summary")
            if summary["events"] == events:
                return
            await asyncio.sleep(0.02)


async def test_what_is_published_appears_in_the_timeline(journey: Journey) -> None:
    """Both topics, out of order, and a record of a stranger that no contract allows."""
    sent = [
        outgoing(feedback(3, PHONE)),
        outgoing(interaction(2, "customer_id:c1", PHONE)),
        outgoing(feedback(1, PHONE)),
        Outgoing(INTERACTION_RECORDED.name, b"k", b"{}", (("ce_specversion", b"1.0"),)),
        outgoing(interaction(4, "customer_id:c1")),
    ]
    await journey.platform.bus.producer.send(sent)
    async with consuming(journey):
        await known(journey, 4)
    assert await journey.timeline("customer_id:c1") == ["f1", "i2", "f3", "i4"]
    (letter,) = await journey.query(
        "SELECT value FROM bus.record WHERE topic = :topic", topic=INTERACTION_RECORDED.dlq
    )
    assert bytes(letter.value) == b"{}"


async def test_a_member_goes_on_where_the_last_one_stopped(journey: Journey) -> None:
    for day in range(3):
        batch = [outgoing(feedback(10 * day + n, PHONE)) for n in range(10)]
        await journey.platform.bus.producer.send(batch)
        async with consuming(journey):
            await known(journey, 10 * (day + 1))
    assert len(await journey.timeline(PHONE)) == 30


async def test_a_reset_group_rebuilds_what_was_forgotten(journey: Journey) -> None:
    """Replay from the log into empty tables gives the same customers."""
    batch = [outgoing(feedback(n, PHONE, f"wechat_openid:o{n}")) for n in range(5)]
    await journey.platform.bus.producer.send(batch)
    async with consuming(journey):
        await known(journey, 5)
    before = await journey.tables()
    await journey.forget()
    async with journey.platform.engine.begin() as connection:
        await connection.execute(text("DELETE FROM bus.committed"))
    async with consuming(journey):
        await known(journey, 5)
    assert await journey.tables() == before


async def test_a_region_without_numbers_stops_the_start(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEEDFUL_JOURNEY__PHONE_REGION", "XX")
    with pytest.raises(ConfigurationError):
        build(platform)
