"""The bus as a whole: one producer per process, any number of consumers, topics."""

import asyncio
from collections.abc import Sequence

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import NoError, TopicAlreadyExistsError, for_code

from heedful.common.bus.base import RebalanceListener
from heedful.common.bus.kafka.admin import administering
from heedful.common.bus.kafka.consumer import KafkaConsumer
from heedful.common.bus.kafka.producer import KafkaProducer
from heedful.common.bus.limits import kafka_topic_config
from heedful.common.errors import BusUnavailable, ConfigurationError
from heedful.common.settings import KafkaSettings
from heedful.common.topics import DLQ_RETENTION, Topic

_VISIBLE_LOOKS = 100
_VISIBLE_EVERY_S = 0.1


class KafkaBus:
    """One producer per process, any number of consumers."""

    def __init__(self, settings: KafkaSettings, client_id: str) -> None:
        self._settings = settings
        self._client_id = client_id
        self._producer = KafkaProducer(settings, client_id)

    @property
    def producer(self) -> KafkaProducer:
        return self._producer

    async def start(self) -> None:
        await self._producer.start()

    async def stop(self) -> None:
        await self._producer.stop()

    async def create_topics(self, topics: Sequence[Topic]) -> None:
        """Create what is missing and wait until the cluster shows it.

        Raises:
            ConfigurationError: the cluster refuses a topic, for example its replication factor.
            BusUnavailable: no answer in time.
        """
        wanted = []
        for topic in topics:
            partitions = self._settings.partitions or topic.partitions
            wanted.append(self._new_topic(topic.name, partitions, topic.retention.total_seconds()))
            wanted.append(self._new_topic(topic.dlq, partitions, DLQ_RETENTION.total_seconds()))
        async with administering(self._settings, self._client_id) as admin:
            existing = set(await admin.list_topics())
            missing = [new for new in wanted if new.name not in existing]
            if missing:
                _require_created((await admin.create_topics(missing)).topic_errors)
                await _visible(admin, {new.name for new in missing})

    def consumer(
        self, group: str, topics: Sequence[str], listener: RebalanceListener | None = None
    ) -> KafkaConsumer:
        return KafkaConsumer(self._settings, self._client_id, group, topics, listener)

    async def check(self) -> None:
        await self._producer.check()

    def _new_topic(self, name: str, partitions: int, retention_s: float) -> NewTopic:
        return NewTopic(
            name=name,
            num_partitions=partitions,
            replication_factor=self._settings.replication_factor,
            topic_configs={
                name: str(value) for name, value in kafka_topic_config(retention_s).items()
            },
        )


def _require_created(answers: Sequence[tuple[str, int, str | None]]) -> None:
    # aiokafka hands the broker's refusals over in the answer and raises none of them.
    for topic, code, message in answers:
        error = for_code(code)
        if error in (NoError, TopicAlreadyExistsError):
            continue
        reason = f"topic {topic} was not created: {error.__name__}: {message}"
        raise BusUnavailable(reason) if error.retriable else ConfigurationError(reason)


async def _visible(admin: AIOKafkaAdminClient, names: set[str]) -> None:
    for _ in range(_VISIBLE_LOOKS):
        if names <= set(await admin.list_topics()):
            return
        await asyncio.sleep(_VISIBLE_EVERY_S)
    raise BusUnavailable(f"created but not visible yet: {', '.join(sorted(names))}")
