"""Groups set back to a moment, and who may be."""

from datetime import UTC, datetime, timedelta

import pytest

from heedful.common.bus import Bus, TopicPartition
from heedful.common.bus.kafka.rewind import GroupInUse, Rewinding
from heedful.common.errors import ConfigurationError
from heedful.common.settings import KafkaSettings
from tests.contract.bus.world import World, record
from tests.patience import until

pytestmark = pytest.mark.kafka


@pytest.fixture
def kind() -> str:
    return "kafka"


async def test_a_group_reads_again_what_was_written_since_and_is_never_set_forward(
    world: World, bus: Bus, kafka_bootstrap: str
) -> None:
    topic, group = await world.topic(bus, 1), world.group()
    rewinding = Rewinding(KafkaSettings(bootstrap_servers=kafka_bootstrap))
    await bus.producer.send([record(topic, b"k") for _ in range(3)])
    member = await world.member(bus, group, topic)
    old = await member.take(3)
    # The next record has a millisecond of its own.
    await until(lambda: datetime.now(UTC).timestamp() * 1000 > old[-1].timestamp + 2)
    moment = datetime.now(UTC)
    await bus.producer.send([record(topic, b"k") for _ in range(3)])
    await member.take(3)
    await member.consumer.commit({TopicPartition(topic, 0): 5})

    other = world.group()
    second = await world.member(bus, other, topic)
    await second.take(6)
    await second.consumer.commit({TopicPartition(topic, 0): 6})

    groups = [group, other]
    planned = await rewinding.plan(moment, groups)
    assert {(one.group, one.committed, one.target, one.cut) for one in planned} == {
        (group, 5, 3, False),
        (other, 6, 3, False),
    }
    # They would go on from where they are, and commit over what is set.
    with pytest.raises(GroupInUse, match=f"{other}.*: there are members"):
        await rewinding.execute(planned)
    for one in (member, second):
        await one.consumer.stop()
    assert await rewinding.plan(moment, groups) == planned
    await rewinding.execute(planned)

    # What they stand at is before what would come later.
    later = await rewinding.plan(datetime.now(UTC) + timedelta(hours=1), groups)
    assert [(one.committed, one.target) for one in later] == [(3, 3)] * 2
    again = await world.member(bus, group, topic)
    assert [one.offset for one in await again.take(3)] == [3, 4, 5]


async def test_a_group_that_has_never_committed_is_told_with_those_that_have(
    kafka_bootstrap: str,
) -> None:
    rewinding = Rewinding(KafkaSettings(bootstrap_servers=kafka_bootstrap))
    with pytest.raises(ConfigurationError, match=r"no such group: heedful\.nobody; there are"):
        await rewinding.plan(datetime.now(UTC), ["heedful.nobody"])
