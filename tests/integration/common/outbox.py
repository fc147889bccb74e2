"""An outbox in front of a log, relays that die, and what a reader of the log finds."""

import asyncio
import itertools
import uuid
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import StrEnum

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common import outbox
from heedful.common.bus.base import Bus, Outgoing, Producer
from heedful.common.bus.reading import everything
from heedful.common.errors import BusUnavailable
from heedful.common.outbox import Relay
from heedful.common.settings import ConsumerSettings
from tests.contract.bus.world import World

SETTINGS = ConsumerSettings(retry_seconds=0.01, retry_max_seconds=0.02, stall_seconds=120)
_NUMBERS = itertools.count()


class Death(StrEnum):
    """Where the process of a relay dies while it publishes."""

    BEFORE = "before"
    HALF = "half"
    AFTER = "after"


class Killed(Exception):
    """The process is gone."""


class Mortal:
    """A producer whose process dies once it sends."""

    def __init__(self, inner: Producer, death: Death) -> None:
        self._inner = inner
        self._death = death

    async def send(self, records: Sequence[Outgoing]) -> None:
        sent = {Death.BEFORE: 0, Death.HALF: len(records) // 2, Death.AFTER: len(records)}
        await self._inner.send(records[: sent[self._death]])
        raise Killed


class Away:
    """A log that does not answer, until it does."""

    def __init__(self, inner: Producer, error: Exception | None = None) -> None:
        self.error: Exception | None = error or BusUnavailable("away")
        self.asked = 0
        self.taken: list[Outgoing] = []
        self._inner = inner

    async def send(self, records: Sequence[Outgoing]) -> None:
        self.asked += 1
        if self.error is not None:
            raise self.error
        await self._inner.send(records)
        self.taken += records


class Outbox:
    """The outbox of one service, and the topic that its records go to."""

    def __init__(self, world: World, bus: Bus, engine: AsyncEngine, log_url: str) -> None:
        self.bus = bus
        self.engine = engine
        self.service = f"service-{uuid.uuid4().hex}"
        self.topic = ""
        self.written: dict[bytes | None, list[bytes | None]] = defaultdict(list)
        self._world = world
        self._log_url = log_url

    async def open(self) -> None:
        self.topic = await self._world.topic(self.bus)

    def record(self, key: bytes | None, value: bytes | None = None) -> Outgoing:
        value = value if value is not None else b"%d" % next(_NUMBERS)
        return Outgoing(self.topic, key, value, (("ce_id", value[:40]),))

    async def put(self, *keys: bytes | None) -> None:
        """One transaction with a record for each key."""
        records = [self.record(key) for key in keys]
        async with self.engine.begin() as connection:
            await outbox.put(connection, self.service, records)
        for record in records:
            self.written[record.key].append(record.value)

    def relay(self, producer: Producer | None = None) -> Relay:
        given = producer or self.bus.producer
        return Relay(self.service, self.engine, lambda: given, SETTINGS)

    async def end_lease(self) -> None:
        """As if the time of whoever has it were over."""
        async with self.engine.begin() as connection:
            await connection.execute(
                text(
                    "UPDATE common.outbox_lease SET until = clock_timestamp() - interval '1 s'"
                    " WHERE service = :service"
                ),
                {"service": self.service},
            )

    async def left(self) -> int:
        async with self.engine.connect() as connection:
            found = await connection.scalar(
                text("SELECT count(*) FROM common.outbox WHERE service = :service"),
                {"service": self.service},
            )
        return int(found or 0)

    async def empty(self) -> bool:
        return await self.left() == 0

    async def publish_all(self) -> None:
        """By a relay that lives."""
        await self.end_lease()
        relay = self.relay()
        while await relay.step():
            pass
        await relay.close()

    async def read(self) -> Mapping[bytes | None, list[bytes | None]]:
        """The values of each key as they lie in the log."""
        found: dict[bytes | None, list[bytes | None]] = defaultdict(list)
        if self._world.kind == "kafka":
            async for record in everything(self.bus, [self.topic]):
                found[record.key].append(record.value)
            return found
        connection = await asyncpg.connect(self._log_url)
        rows = await connection.fetch(
            'SELECT key, value FROM bus.record WHERE topic = $1 ORDER BY partition, "offset"',
            self.topic,
        )
        await connection.close()
        for row in rows:
            found[row["key"]].append(row["value"])
        return found


OpenBox = Callable[[], Awaitable[Outbox]]


def first_occurrences(values: Sequence[bytes | None]) -> list[bytes | None]:
    return list(dict.fromkeys(values))


async def kill_after(relay: Relay, turns: int) -> None:
    """Step in a process that is killed after so many turns of its loop, wherever it is then."""
    task = asyncio.create_task(relay.step())
    for _ in range(turns):
        if task.done():
            break
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task})
