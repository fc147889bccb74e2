"""What only Kafka, and aiokafka in front of it, can get wrong."""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import RequestTimedOutError
from confluent_kafka import Producer as Librdkafka
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from pydantic import SecretStr

from heedful.common.bus import TopicPartition
from heedful.common.bus.kafka import KafkaBus
from heedful.common.errors import BusUnavailable, ConfigurationError, Fatal, RecordTooLarge
from heedful.common.settings import KafkaSettings, SecurityProtocol
from tests.contract.bus.killable import Killable
from tests.contract.bus.world import (
    KAFKA_LEASE_S,
    Rebalances,
    World,
    described,
    keys_for,
    places,
    record,
    values,
)
from tests.patience import until

pytestmark = pytest.mark.kafka


@pytest.fixture
def kind() -> str:
    return "kafka"


@pytest.fixture
async def kafka_bus(kafka_bootstrap: str) -> AsyncIterator[KafkaBus]:
    settings = KafkaSettings(
        bootstrap_servers=kafka_bootstrap, session_timeout_seconds=KAFKA_LEASE_S
    )
    bus = KafkaBus(settings, "contract")
    await bus.start()
    yield bus
    await bus.stop()


def create(bootstrap: str, topic: str, **config: str) -> None:
    """As a platform team would, with settings of its own."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    new = NewTopic(topic, num_partitions=1, replication_factor=1, config=config)
    for created in admin.create_topics([new]).values():
        created.result()


async def test_a_topic_that_the_cluster_refuses_is_an_error_with_its_reason(
    kafka_bootstrap: str,
) -> None:
    """aiokafka hands the refusal over in its answer and raises nothing."""
    settings = KafkaSettings(bootstrap_servers=kafka_bootstrap, replication_factor=3)
    topic = described(f"contract.{uuid.uuid4().hex}", 1)
    with pytest.raises(ConfigurationError, match=rf"{topic.name}.*InvalidReplicationFactor"):
        await KafkaBus(settings, "contract").create_topics([topic])


async def test_a_record_that_the_broker_refuses_does_not_cost_the_next_one(
    world: World, kafka_bus: KafkaBus, kafka_bootstrap: str
) -> None:
    """It leaves a hole in the numbering of an idempotent producer, which must be replaced."""
    topic = f"contract.{uuid.uuid4().hex}"
    await asyncio.to_thread(create, kafka_bootstrap, topic, **{"max.message.bytes": "1000"})
    for turn in range(3):
        with pytest.raises(RecordTooLarge):
            await kafka_bus.producer.send([record(topic, b"k", os.urandom(8000))])
        await kafka_bus.producer.send([record(topic, b"k", b"%d" % turn)])
    member = await world.member(kafka_bus, world.group(), topic)
    assert values(await member.take(3)) == [b"0", b"1", b"2"]


async def test_a_producer_whose_sender_died_is_replaced(
    world: World, kafka_bus: KafkaBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """aiokafka would fail every later send with the error of the first."""
    topic = await world.topic(kafka_bus, 1)
    await kafka_bus.producer.send([record(topic, b"k", b"before")])
    client: AIOKafkaProducer = kafka_bus.producer._client

    async def fail(*_: Any, **__: Any) -> None:
        raise LookupError("a bug in aiokafka")

    monkeypatch.setattr(client.client, "send", fail)
    with pytest.raises(BusUnavailable):
        await kafka_bus.producer.send([record(topic, b"k", b"during")])
    await kafka_bus.producer.send([record(topic, b"k", b"after")])
    member = await world.member(kafka_bus, world.group(), topic)
    assert values(await member.take(2)) == [b"before", b"after"]


async def test_a_commit_under_way_ends_before_the_partitions_go(
    world: World, kafka_bus: KafkaBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """aiokafka tries it again until it succeeds, also for a partition that is another's by then."""
    topic = await world.topic(kafka_bus, 2)
    await kafka_bus.producer.send([record(topic, key) for key in keys_for(2)] * 9)
    group = world.group()
    revoked = Rebalances()
    member = await world.member(kafka_bus, group, topic, listener=revoked)
    await member.take(18)
    coordinator = member.consumer._client._coordinator  # type: ignore[attr-defined]
    commit_once = coordinator._do_commit_offsets
    answering = asyncio.Event()

    async def answer_late(*arguments: Any) -> None:
        if not answering.is_set():
            raise RequestTimedOutError
        await commit_once(*arguments)

    monkeypatch.setattr(coordinator, "_do_commit_offsets", answer_late)
    late = asyncio.create_task(member.consumer.commit(dict.fromkeys(await member.owns(2), 7)))
    other = await world.member(await world.bus(), group, topic)
    await until(lambda: [what for _, what, _ in revoked.events].count("revoked") == 2)
    for _ in range(5):
        assert await other.consumer.poll(10, 0.1) == {}
    answering.set()
    await late
    assert min(offset for _, offset in places(await other.take(1))) == 7


async def test_a_member_that_is_never_given_an_assignment_says_so(own_broker: Killable) -> None:
    """aiokafka waits for one without end and without a word (aiokafka#1154)."""
    topic = described(f"contract.{uuid.uuid4().hex}", 2)
    slow, quick = (
        KafkaBus(
            KafkaSettings(
                bootstrap_servers=own_broker.bootstrap,
                session_timeout_seconds=session_s,
                rebalance_timeout_seconds=rebalance_s,
            ),
            "contract",
        )
        for session_s, rebalance_s in ((6, 20), (0.5, 0.1))
    )
    await slow.start()
    await slow.create_topics([topic])
    drained = asyncio.Event()

    async def drain(_: Sequence[TopicPartition]) -> None:
        await drained.wait()

    first = slow.consumer("stuck", [topic.name], Rebalances(when_revoked=drain))
    await first.start()
    await until(lambda: len(first.assignment()) == 2)
    second = quick.consumer("stuck", [topic.name])
    await second.start()

    async def told() -> bool:
        try:
            return await second.poll(1, 0.1) != {}
        except BusUnavailable as error:
            return "no assignment" in str(error)

    await until(told)
    drained.set()
    await until(lambda: len(second.assignment()) == 1)
    assert await second.poll(1, 0.1) == {}
    for consumer in (first, second):
        await consumer.stop()
    await slow.stop()


async def test_a_damaged_record_stops_the_process(own_broker: Killable) -> None:
    """With the error aiokafka loses what it had taken from other partitions in the same poll:
    going on would commit past records that nobody has seen."""
    topic = described(f"contract.{uuid.uuid4().hex}", 1)
    bus = KafkaBus(KafkaSettings(bootstrap_servers=own_broker.bootstrap), "contract")
    await bus.start()
    await bus.create_topics([topic])
    await bus.producer.send([record(topic.name, b"k", b"v")])
    await asyncio.to_thread(damage, own_broker.folder / f"{topic.name}-0")
    consumer = bus.consumer("damaged", [topic.name])
    await consumer.start()
    with pytest.raises(Fatal, match="damaged"):
        await until(lambda: _polled(consumer))
    await consumer.stop()
    await bus.stop()


def damage(partition: Path) -> None:
    segment = partition / "00000000000000000000.log"
    content = bytearray(segment.read_bytes())
    content[-1] ^= 0xFF
    with segment.open("r+b") as file:
        file.write(content)


async def _polled(consumer: Any) -> bool:
    return bool(await consumer.poll(1, 0.1))


async def test_headers_without_a_value_are_passed_on(
    world: World, kafka_bus: KafkaBus, kafka_bootstrap: str
) -> None:
    """Kafka has them, and a record that carries one must still reach its dead letter queue."""
    topic = await world.topic(kafka_bus, 1)
    producer = Librdkafka({"bootstrap.servers": kafka_bootstrap})
    producer.produce(topic, key=b"k", value=b"v", headers=[("n", None), ("n", b"")])
    await asyncio.to_thread(producer.flush, 30)
    member = await world.member(kafka_bus, world.group(), topic)
    taken = (await member.take(1))[0]
    assert [raw or b"" for _, raw in taken.headers] == [b"", b""]
    letter = record(f"{topic}.dlq", b"k")
    await kafka_bus.producer.send([type(letter)(letter.topic, b"k", b"v", taken.headers)])


# Connecting


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        (
            KafkaSettings(security_protocol=SecurityProtocol.SASL_PLAINTEXT, sasl_username="me"),
            "SASL_PASSWORD",
        ),
        (
            KafkaSettings(
                security_protocol=SecurityProtocol.SASL_PLAINTEXT, sasl_password=SecretStr("x")
            ),
            "SASL_USERNAME",
        ),
        (
            KafkaSettings(security_protocol=SecurityProtocol.SSL, ssl_certfile=Path("cert.pem")),
            "SSL_KEYFILE",
        ),
    ],
)
async def test_half_of_a_pair_of_credentials_is_a_configuration_error(
    settings: KafkaSettings, missing: str
) -> None:
    with pytest.raises(ConfigurationError, match=missing):
        await KafkaBus(settings, "contract").start()
