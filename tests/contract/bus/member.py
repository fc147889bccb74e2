"""A member of a group in a process of its own, for tests that freeze or kill it.

    python -m tests.contract.bus.member KIND ADDRESS GROUP TOPIC [OFFSET]

Prints a JSON line for each partition that it gets and for each record that it reads. With OFFSET it
commits that for every partition it loses, and prints what became of the commit.
"""

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from heedful.common.bus import Consumer, TopicPartition, records_of
from heedful.common.errors import HeedfulError
from tests.contract.bus.world import open_bus


def tell(**facts: Any) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


class Listener:
    """Tells what the group tells it; commits what it is bidden to when it loses partitions."""

    def __init__(self, offset: int | None) -> None:
        self._offset = offset
        self.consumer: Consumer | None = None

    async def on_assigned(self, partitions: Sequence[TopicPartition]) -> None:
        for tp in partitions:
            tell(assigned=tp.partition)

    async def on_revoked(self, partitions: Sequence[TopicPartition]) -> None:
        if self._offset is not None:
            await self.commit(dict.fromkeys(partitions, self._offset))

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        assert self.consumer is not None
        try:
            await self.consumer.commit(offsets)
        except HeedfulError as error:
            tell(commit=type(error).__name__)
        else:
            tell(commit="accepted")


async def main(kind: str, address: str, group: str, topic: str, offset: int | None) -> None:
    bus = open_bus(kind, address)
    await bus.start()
    listener = Listener(offset)
    listener.consumer = consumer = bus.consumer(group, [topic], listener)
    await consumer.start()
    mine: set[TopicPartition] = set()
    while True:
        records = records_of(await consumer.poll(100, 0.1))
        lost = mine - consumer.assignment().keys()
        mine = set(consumer.assignment())
        for record in records:
            tell(partition=record.partition, offset=record.offset)
        if lost and offset is not None and kind == "embedded":
            # That log takes the partitions of a silent member without a word.
            await listener.commit(dict.fromkeys(lost, offset))


if __name__ == "__main__":
    kind, address, group, topic, *rest = sys.argv[1:]
    asyncio.run(main(kind, address, group, topic, int(rest[0]) if rest else None))
