"""The two forms: `heedful up` with everything inside, and one process per service on Kafka."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient

from heedful.cli.postgres import embedded_postgres
from heedful.common.bus.headers import unpack
from tests.e2e.processes import Process, start_all, stop_all
from tests.e2e.receiver import SECRET, Receiver
from tests.kafka_broker import running_broker

KEY = "e2e-key"
SERVICES = ("ingest", "nlp", "journey", "alerting")
SECRET_KEYS = "e2e:" + "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


@dataclass(frozen=True)
class Message:
    """A record as a foreign client sees it."""

    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]

    def header(self, name: str) -> str:
        return dict(self.headers)[name].decode()


class Stack(ABC):
    """A running platform. `processes` are what can be killed."""

    processes: dict[str, Process]

    @abstractmethod
    def url(self, service: str) -> str: ...

    @abstractmethod
    def database_url(self) -> str: ...

    @abstractmethod
    def read_topic(self, topic: str) -> list[Message]: ...

    def query(self, sql: str, *arguments: object) -> Sequence[Mapping[str, Any]]:
        """Rows of the database, for what no API shows."""

        async def run() -> Sequence[Mapping[str, Any]]:
            connection = await asyncpg.connect(self.database_url())
            try:
                return [dict(row) for row in await connection.fetch(sql, *arguments)]
            finally:
                await connection.close()

        return asyncio.run(run())

    def start(self) -> None:
        start_all(self.processes.values())

    def stop(self) -> None:
        stop_all(self.processes.values())


class EmbeddedStack(Stack):
    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self._data = folder / "data"
        up = Process(
            "heedful",
            ("heedful", "up", "--log-file", "-"),
            {**env, "HEEDFUL_DATA_DIR": str(self._data)},
            folder / "heedful.log",
        )
        self.processes = {"heedful": up}

    def url(self, service: str) -> str:
        return self.processes["heedful"].url

    def database_url(self) -> str:
        info = (self._data / "postgres" / "postmaster.pid").read_text().splitlines()
        return f"postgresql://postgres@/postgres?host={info[4]}"

    def read_topic(self, topic: str) -> list[Message]:
        rows = self.query(
            "SELECT key, value, headers FROM bus.record"
            ' WHERE topic = $1 ORDER BY partition, "offset"',
            topic,
        )

        return [Message(r["key"], r["value"], list(unpack(r["headers"]))) for r in rows]


class KafkaStack(Stack):
    def __init__(
        self, folder: Path, env: Mapping[str, str], database_url: str, bootstrap: str
    ) -> None:
        self._database_url = database_url
        self._bootstrap = bootstrap
        shared = {
            **env,
            "HEEDFUL_DATABASE_URL": database_url,
            "HEEDFUL_KAFKA__BOOTSTRAP_SERVERS": bootstrap,
            "HEEDFUL_KAFKA__PARTITIONS": "4",
            # A killed member's partitions pass on after this; the default is 30 s.
            "HEEDFUL_KAFKA__SESSION_TIMEOUT_SECONDS": "6",
            "HEEDFUL_SECRET_KEYS": SECRET_KEYS,
        }
        self.processes = {
            name: Process(name, (f"heedful-{name}",), shared, folder / f"{name}.log")
            for name in SERVICES
        }

    def url(self, service: str) -> str:
        return self.processes[service].url

    def database_url(self) -> str:
        return self._database_url

    def read_topic(self, topic: str) -> list[Message]:
        """All records, read by librdkafka."""
        consumer = Consumer({"bootstrap.servers": self._bootstrap, "group.id": "e2e-reader"})
        try:
            known = consumer.list_topics(topic, timeout=10).topics[topic].partitions
            ends = {
                number: consumer.get_watermark_offsets(TopicPartition(topic, number), timeout=10)
                for number in known
            }
            consumer.assign([TopicPartition(topic, n, low) for n, (low, _) in ends.items()])
            wanted = sum(high - low for low, high in ends.values())
            found: list[Message] = []
            while len(found) < wanted:
                raw = consumer.poll(10)
                assert raw is not None, f"{topic}: {len(found)} of {wanted} records"
                assert raw.error() is None, raw.error()
                found.append(Message(raw.key(), raw.value(), _headers(raw)))
            return found
        finally:
            consumer.close()

    def at_rest(self) -> bool:
        """Every group has read its topics to their ends, and nothing waits to be sent."""
        before = self._committed()
        sent = not self.query("SELECT 1 FROM common.outbox LIMIT 1")
        return sent and before == self._ends(before) and before == self._committed()

    def _committed(self) -> dict[tuple[str, str, int], int]:
        """The offset of each group in each partition that it has read from."""
        admin = AdminClient({"bootstrap.servers": self._bootstrap})
        groups = [one.group_id for one in admin.list_consumer_groups().result(10).valid]
        found = {}
        for group in groups:
            asked = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])
            for place in asked[group].result(10).topic_partitions:
                found[group, place.topic, place.partition] = place.offset
        return found

    def _ends(self, places: Collection[tuple[str, str, int]]) -> dict[tuple[str, str, int], int]:
        consumer = Consumer({"bootstrap.servers": self._bootstrap, "group.id": "e2e-reader"})
        try:
            return {
                (group, topic, number): consumer.get_watermark_offsets(
                    TopicPartition(topic, number), timeout=10
                )[1]
                for group, topic, number in places
            }
        finally:
            consumer.close()


def _headers(raw: Any) -> list[tuple[str, bytes]]:
    # librdkafka gives a list of pairs with bytes; its types admit more.
    return [(name, bytes(value)) for name, value in raw.headers() or []]


@contextmanager
def running_stack(
    form: str, folder: Path, tenant: str, receiver: Receiver, extra: Mapping[str, str]
) -> Iterator[Stack]:
    """A started stack of the form `embedded` or `kafka`; stopped at the end."""
    env = {
        "HEEDFUL_API_KEYS": f"{tenant}:{KEY}:*",
        "HEEDFUL_LOG_FORMAT": "console",
        "HEEDFUL_ALERTING__WEBHOOK_URL": receiver.url,
        "HEEDFUL_ALERTING__WEBHOOK_SECRET": SECRET,
        "HEEDFUL_ALERTING__ALLOW_PRIVATE_TARGETS": "true",
        **extra,
    }
    if form == "embedded":
        yield from _run(EmbeddedStack(folder, env))
        return
    with running_broker() as bootstrap, embedded_postgres(folder / "data") as url:
        yield from _run(KafkaStack(folder, env, url, bootstrap))


def _run(stack: Stack) -> Iterator[Stack]:
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()
