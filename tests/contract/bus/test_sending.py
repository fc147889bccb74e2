"""What goes in comes out: whole, in order, in the right place."""

import asyncio
import itertools
import os
from collections.abc import Sequence
from typing import Any

import pytest
from confluent_kafka import Producer as Librdkafka
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heedful.common.bus import Bus, Header, Outgoing
from heedful.common.bus.limits import ENVELOPE_BYTES
from heedful.common.errors import RecordTooLarge, UnknownTopic
from heedful.common.topics import MAX_RECORD_BYTES
from tests.contract.bus.world import (
    Member,
    World,
    described,
    keys_for,
    places,
    record,
    values,
)

# key -> murmur2 of it, from Apache Kafka's own UtilsTest.testMurmur2.
JAVA_MURMUR2 = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    b"abc": 479470107,
}
PARTITIONS = 7


@pytest.fixture
async def narrow(world: World, bus: Bus) -> str:
    """A topic with one partition, which has one order."""
    return await world.topic(bus, 1)


@pytest.fixture
async def reader(world: World, bus: Bus, narrow: str) -> Member:
    """Reads all of it."""
    return await world.member(bus, world.group(), narrow)


async def test_records_of_one_key_keep_their_order(world: World, bus: Bus, topic: str) -> None:
    keys = keys_for(3, each=2)
    for number in range(20):
        await bus.producer.send([record(topic, key, b"%d" % number) for key in keys])
    member = await world.member(bus, world.group(), topic)
    taken = await member.take(20 * len(keys))
    for key in keys:
        assert values(r for r in taken if r.key == key) == [b"%d" % n for n in range(20)]


async def test_offsets_of_a_partition_begin_at_0_and_have_no_gaps(
    world: World, bus: Bus, topic: str
) -> None:
    for size in (1, 3, 2):
        await bus.producer.send([record(topic, key) for key in keys_for(3)] * size)
    member = await world.member(bus, world.group(), topic)
    taken = places(await member.take(18))
    assert sorted(taken) == list(itertools.product(range(3), range(6)))


async def test_a_key_goes_to_the_partition_that_java_chooses(world: World, bus: Bus) -> None:
    topic = await world.topic(bus, PARTITIONS)
    await bus.producer.send([record(topic, key) for key in JAVA_MURMUR2])
    member = await world.member(bus, world.group(), topic)
    placed = {taken.key: taken.partition for taken in await member.take(len(JAVA_MURMUR2))}
    assert placed == {
        key: (hashed & 0x7FFFFFFF) % PARTITIONS for key, hashed in JAVA_MURMUR2.items()
    }


@pytest.mark.kafka
async def test_a_key_goes_to_the_partition_that_librdkafka_chooses(
    world: World, bus: Bus, kafka_bootstrap: str
) -> None:
    keys = [b"", b"\x00", b"\xff" * 5, "客户".encode(), *(os.urandom(n) for n in range(1, 30))]
    topic = await world.topic(bus, PARTITIONS)
    await bus.producer.send([record(topic, key) for key in keys])
    member = await world.member(bus, world.group(), topic)
    placed = {taken.key: taken.partition for taken in await member.take(len(keys))}
    reference = World("kafka", kafka_bootstrap, world._stack)
    beside = await reference.topic(await reference.bus(), PARTITIONS)
    assert placed == _as_librdkafka(kafka_bootstrap, beside, keys)


def _as_librdkafka(bootstrap: str, topic: str, keys: Sequence[bytes]) -> dict[bytes, int]:
    found: dict[bytes, int] = {}

    def delivered(error: Any, sent: Any) -> None:
        assert error is None
        found[sent.key()] = sent.partition()

    producer = Librdkafka({"bootstrap.servers": bootstrap, "partitioner": "murmur2_random"})
    for key in keys:
        producer.produce(topic, key=key, on_delivery=delivered)
    producer.flush(30)
    return found


async def test_records_without_a_key_do_not_all_go_to_one_partition(
    world: World, bus: Bus, topic: str
) -> None:
    for _ in range(40):
        await bus.producer.send([record(topic, None)])
    member = await world.member(bus, world.group(), topic)
    assert len({taken.partition for taken in await member.take(40)}) > 1


async def test_concurrent_callers_each_keep_their_order(world: World, bus: Bus, topic: str) -> None:
    """They share batches and transactions; nobody's record overtakes his earlier one."""
    callers, each = 30, 15
    keys = keys_for(3)

    async def call(caller: int) -> None:
        for number in range(each):
            value = b"%d:%d" % (caller, number)
            await bus.producer.send([record(topic, keys[caller % 3], value)])

    await asyncio.gather(*(call(caller) for caller in range(callers)))
    member = await world.member(bus, world.group(), topic)
    taken = values(await member.take(callers * each))
    for caller in range(callers):
        mine = [value for value in taken if value and value.startswith(b"%d:" % caller)]
        assert mine == [b"%d:%d" % (caller, number) for number in range(each)]


async def test_one_send_may_write_to_several_topics(world: World, bus: Bus, topic: str) -> None:
    other = await world.topic(bus)
    await bus.producer.send([record(topic, b"k", b"1"), record(other, b"k", b"2")] * 2)
    member = await world.member(bus, world.group(), topic, other)
    taken = await member.take(4)
    assert values(r for r in taken if r.topic == topic) == [b"1", b"1"]
    assert values(r for r in taken if r.topic == other) == [b"2", b"2"]


async def test_sending_nothing_does_nothing(bus: Bus) -> None:
    await bus.producer.send([])


async def test_headers_come_back_in_order_with_repeated_names_and_any_bytes(
    world: World, bus: Bus, topic: str
) -> None:
    headers = (("b", b"1"), ("a", bytes(range(256))), ("b", b""), ("b", b"1"), ("名", b"\x00"))
    await bus.producer.send([Outgoing(topic, b"k", b"v", headers)])
    member = await world.member(bus, world.group(), topic)
    assert (await member.take(1))[0].headers == headers


@pytest.mark.parametrize("key", [None, b"", b"k"])
@pytest.mark.parametrize("value", [None, b"", b"v"])
async def test_absent_and_empty_are_two_things(
    world: World, bus: Bus, topic: str, key: bytes | None, value: bytes | None
) -> None:
    """None is a tombstone or no key; b"" is neither."""
    await bus.producer.send([Outgoing(topic, key, value, (("n", b"1"),))])
    member = await world.member(bus, world.group(), topic)
    taken = (await member.take(1))[0]
    assert (taken.key, taken.value, taken.headers) == (key, value, (("n", b"1"),))


@given(
    sent=st.lists(
        st.tuples(
            st.none() | st.binary(max_size=40),
            st.none() | st.binary(max_size=200),
            st.lists(st.tuples(st.text(max_size=12), st.binary(max_size=40)), max_size=4),
        ),
        min_size=1,
        max_size=8,
    )
)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_record_comes_back_as_it_was(
    bus: Bus,
    narrow: str,
    reader: Member,
    sent: list[tuple[bytes | None, bytes | None, list[Header]]],
) -> None:
    records = [Outgoing(narrow, key, value, tuple(headers)) for key, value, headers in sent]
    await bus.producer.send(records)
    taken = await reader.take(len(sent))
    assert [(r.key, r.value, r.headers) for r in taken] == [
        (r.key, r.value, r.headers) for r in records
    ]


async def test_the_time_of_a_record_is_when_it_was_written(
    world: World, bus: Bus, topic: str
) -> None:
    await bus.producer.send([record(topic, b"k", b"1")])
    await bus.producer.send([record(topic, b"k", b"2")])
    member = await world.member(bus, world.group(), topic)
    first, second = await member.take(2)
    assert 1_700_000_000_000 < first.timestamp <= second.timestamp


# Sizes


@pytest.mark.parametrize("envelope", [0, ENVELOPE_BYTES])
async def test_the_largest_record_passes(world: World, bus: Bus, topic: str, envelope: int) -> None:
    value = os.urandom(MAX_RECORD_BYTES)
    headers = (("n", os.urandom(envelope - 2)),) if envelope else ()
    await bus.producer.send([Outgoing(topic, b"k" if envelope else None, value, headers)])
    member = await world.member(bus, world.group(), topic)
    taken = (await member.take(1))[0]
    assert (taken.value, taken.headers) == (value, headers)


@pytest.mark.parametrize(
    "too_large",
    [
        Outgoing("", b"k", bytes(MAX_RECORD_BYTES + 1)),
        Outgoing("", bytes(ENVELOPE_BYTES + 1), bytes(MAX_RECORD_BYTES)),
        Outgoing("", None, bytes(MAX_RECORD_BYTES), (("n", bytes(ENVELOPE_BYTES)),)),
    ],
    ids=["value", "key", "headers"],
)
async def test_a_larger_record_is_refused_and_harms_nobody(
    world: World, bus: Bus, topic: str, too_large: Outgoing
) -> None:
    """Neither what was sent with it is written, nor what others send is held up."""
    refused = Outgoing(topic, too_large.key, too_large.value, too_large.headers)
    neighbours = asyncio.gather(
        *(bus.producer.send([record(topic, b"k", b"%d" % n)]) for n in range(5))
    )
    with pytest.raises(RecordTooLarge):
        await bus.producer.send([record(topic, b"k", b"with it"), refused])
    await neighbours
    await bus.producer.send([record(topic, b"k", b"after")])
    member = await world.member(bus, world.group(), topic)
    taken = values(await member.take(6))
    assert sorted(taken, key=str) == [b"0", b"1", b"2", b"3", b"4", b"after"]
    assert taken[-1] == b"after"


async def test_a_dead_letter_may_be_larger_than_its_record(world: World, bus: Bus) -> None:
    """Whatever the log once gave to a consumer should find its way to the dead letters."""
    topic = described(f"contract.{world.group()}", 1)
    await bus.create_topics([topic])
    value = bytes(3 * MAX_RECORD_BYTES)
    await bus.producer.send([record(topic.dlq, b"k", value)])
    member = await world.member(bus, world.group(), topic.dlq)
    assert (await member.take(1))[0].value == value


async def test_a_record_that_cannot_be_written_does_not_take_its_neighbours_with_it(
    world: World, bus: Bus, topic: str
) -> None:
    """They would share one batch."""
    broken = Outgoing(topic, b"k", b"v", (("\ud800", b""),))
    results = await asyncio.gather(
        bus.producer.send([record(topic, b"k", b"1")]),
        bus.producer.send([broken]),
        bus.producer.send([record(topic, b"k", b"2")]),
        return_exceptions=True,
    )
    assert isinstance(results[1], UnicodeEncodeError)
    member = await world.member(bus, world.group(), topic)
    assert values(await member.take(2)) == [b"1", b"2"]


# Unknown topics


async def test_a_send_to_an_unknown_topic_says_so_and_harms_nobody(
    world: World, bus: Bus, topic: str
) -> None:
    with pytest.raises(UnknownTopic, match="nowhere"):
        await bus.producer.send([record(topic, b"k"), record("contract.nowhere", b"k")])
    await bus.producer.send([record(topic, b"k", b"after")])
    member = await world.member(bus, world.group(), topic)
    assert values(await member.take(1))[-1] == b"after"


async def test_a_topic_can_be_written_to_as_soon_as_it_is_created(world: World, bus: Bus) -> None:
    """Also by a producer that asked for it before."""
    topic = f"contract.{world.group()}"
    with pytest.raises(UnknownTopic):
        await bus.producer.send([record(topic, b"k")])
    await bus.create_topics([described(topic, 1)])
    await bus.producer.send([record(topic, b"k")])
