"""Events of cases reach the topic, in sequence, at least once."""

import asyncio
import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

import pytest

from heedful.alerting.relay import LEASE
from heedful.common.bus.base import Outgoing, Record, records_of
from heedful.common.contracts import CaseEvent
from heedful.common.errors import BusUnavailable, Fatal, UnknownTopic
from heedful.common.events import from_record
from heedful.common.topics import CASE_EVENT
from tests.integration.alerting.world import HOUR, T0, World, contact, enriched, feedback


async def published(world: World) -> list[tuple[Record, CaseEvent]]:
    consumer = world.platform.bus.consumer(f"reader-{uuid.uuid4()}", [CASE_EVENT.name])
    await consumer.start()
    found: list[tuple[Record, CaseEvent]] = []
    try:
        while records := records_of(await consumer.poll(1000, 0.5)):
            for record in records:
                delivery = from_record(record, CASE_EVENT)
                assert isinstance(delivery.payload, CaseEvent)
                assert delivery.event.id == delivery.payload.id
                assert delivery.event.source == f"/{delivery.payload.tenant}/alerting"
                found.append((record, delivery.payload))
    finally:
        await consumer.stop()
    return found


async def test_events_in_sequence_under_a_key_that_names_nobody(world: World) -> None:
    reds = [feedback(number) for number in range(20)]
    await world.consume(*map(enriched, reds))
    relay = world.relay()
    await relay.step()
    await world.consume(contact())
    await world.fire_until(T0 + 100 * HOUR)
    while not await relay.step():
        pass
    sequences = defaultdict(list)
    keys = defaultdict(set)
    for record, event in await published(world):
        sequences[event.case_id].append(event.sequence)
        keys[event.case_id].add(record.key)
        assert event.case_id.encode() not in (record.key or b"")
    assert len(sequences) == 20
    # opened, responded, and two steps of two clocks each
    assert all(found == list(range(1, 7)) for found in sequences.values())
    assert all(len(found) == 1 for found in keys.values())
    assert await relay.step() == 1.0


async def test_the_payload(world: World) -> None:
    red = feedback()
    await world.consume(enriched(red))
    await world.relay().step()
    ((_, event),) = await published(world)
    assert event.feedback is not None
    assert (event.feedback.source, event.feedback.id) == ("calls", "f1")
    assert event.deadlines is not None
    assert event.deadlines.respond == T0 + 24 * HOUR
    assert (event.kind, event.colour, event.sequence) == ("opened", "red", 1)


class Refusing:
    """A log that fails."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def send(self, records: Sequence[Outgoing]) -> None:
        raise self.error


async def test_what_the_log_did_not_take_comes_again(world: World) -> None:
    await world.consume(enriched(feedback()))
    relay = world.relay()
    working = relay._producer
    relay._producer = lambda: Refusing(BusUnavailable("away"))
    with pytest.raises(BusUnavailable):
        await relay.step()
    relay._producer = working
    await relay.step()
    assert len(await published(world)) == 1


async def test_a_missing_topic_stops_the_process(world: World) -> None:
    await world.consume(enriched(feedback()))
    relay = world.relay()
    relay._producer = lambda: Refusing(UnknownTopic(CASE_EVENT.name))
    with pytest.raises(Fatal):
        await relay.step()


async def test_one_replica_at_a_time(world: World) -> None:
    await world.consume(enriched(feedback()))
    first, second = world.relay("one"), world.relay("two")
    await asyncio.gather(first.step(), second.step())
    assert len(await published(world)) == 1
    await first.release()
    await second.release()
    await world.consume(enriched(feedback(2)))
    first._producer = lambda: Refusing(BusUnavailable("away"))
    with pytest.raises(BusUnavailable):
        await first.step()
    assert await second.step() == 1.0
    assert len(await published(world)) == 1
    world.now += LEASE + timedelta(seconds=1)
    await second.step()
    assert len(await published(world)) == 2
