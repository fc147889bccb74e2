"""Reading topics from their beginning, or from where a group stopped, to where they end now."""

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Final

from heedful.common.bus.base import Bus, Consumer, Record, records_of
from heedful.common.errors import BusUnavailable

PASSING: Final = "heedful.read."
"""Begins the names of groups that read a topic once, and of nobody else."""
_POLL_RECORDS = 500
_POLL_S = 0.5
_SILENT_S = 60.0


def passing_group() -> str:
    """A group for one reading."""
    return f"{PASSING}{uuid.uuid4().hex}"


async def everything(bus: Bus, topics: Sequence[str]) -> AsyncGenerator[Record, None]:
    """Every record of the topics, in the order of each partition, until none is left.

    Reads under a group of its own that never commits, so it disturbs nobody.

    Raises:
        UnknownTopic: one of them does not exist.
        BusUnavailable: the log gave nothing for a minute although there is more.
    """
    consumer = bus.consumer(passing_group(), topics)
    await consumer.start()
    try:
        async with aclosing(until_end(consumer, _POLL_RECORDS)) as batches:
            async for records in batches:
                for record in records:
                    yield record
    finally:
        await consumer.stop()


async def until_end(consumer: Consumer, max_records: int) -> AsyncGenerator[Sequence[Record], None]:
    """What a started consumer has to read, a batch at a time, until nothing is left.

    Raises:
        BusUnavailable: the log gave nothing for a minute although there is more.
    """
    heard = time.monotonic()
    while True:
        records = records_of(await consumer.poll(max_records, _POLL_S))
        if records:
            yield records
            # Not before: the caller may have worked on them for longer than the log may be silent.
            heard = time.monotonic()
            continue
        assigned = consumer.assignment()
        lag = await consumer.lag()
        if assigned and lag.keys() >= assigned.keys() and not any(lag.values()):
            return
        if time.monotonic() - heard > _SILENT_S:
            raise BusUnavailable(f"nothing was read for {_SILENT_S:g} s")
        await asyncio.sleep(0)
