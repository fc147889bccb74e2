"""Events of cases reach the topic, in sequence, at least once."""

import uuid
from collections import defaultdict

import pytest

from heedful.alerting.states import WrongTransition
from heedful.common.bus.base import Record, records_of
from heedful.common.contracts import Actor, ActorType, CaseEvent
from heedful.common.events import from_record
from heedful.common.topics import CASE_EVENT
from tests.integration.alerting.world import (
    HOUR,
    T0,
    World,
    case_id,
    contact,
    enriched,
    feedback,
)

MACHINE = Actor(type=ActorType.SYSTEM, id="key-1")


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
    await world.publish()
    await world.consume(contact())
    await world.fire_until(T0 + 100 * HOUR)
    await world.publish()
    sequences = defaultdict(list)
    keys = defaultdict(set)
    for record, event in await published(world):
        sequences[event.case_id].append(event.sequence)
        keys[event.case_id].add(record.key)
        assert event.case_id.encode() not in (record.key or b"")
    assert len(sequences) == 20
    # opened, responded, six steps of the plan clock and five of the land clock
    assert all(found == list(range(1, 14)) for found in sequences.values())
    assert all(len(found) == 1 for found in keys.values())


async def test_the_payload(world: World) -> None:
    red = feedback()
    await world.consume(enriched(red))
    await world.publish()
    ((_, event),) = await published(world)
    assert event.feedback is not None
    assert (event.feedback.source, event.feedback.id) == ("calls", "f1")
    assert event.deadlines is not None
    assert event.deadlines.respond == T0 + 24 * HOUR
    assert (event.kind, event.colour, event.sequence) == ("opened", "red", 1)


async def test_a_step_that_is_rolled_back_is_not_told(world: World) -> None:
    red = feedback()
    await world.consume(enriched(red))
    with pytest.raises(WrongTransition):
        await world.land(case_id(red), MACHINE)
    await world.publish()
    assert [event.kind for _, event in await published(world)] == ["opened"]
