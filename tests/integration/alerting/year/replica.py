"""A replica of alerting in a simulated year: does what the driver hands out, at the time it says.

It is forked by nursery.py; the first frame that it gets is its `Wiring`. It is killed at any time.
"""

import asyncio
import itertools
import os
import socket
import traceback
from collections.abc import Awaitable, Callable
from contextlib import suppress

from heedful.common.db import create_engine
from heedful.common.errors import Retryable
from heedful.common.settings import Settings
from tests.integration.alerting.year.asking import Asking
from tests.integration.alerting.year.parts import NOW, Parts
from tests.integration.alerting.year.payloads import delivered, time
from tests.integration.alerting.year.scene import Act
from tests.integration.alerting.year.wire import (
    FRAME,
    Anchor,
    Batch,
    Done,
    Failed,
    Finished,
    Fire,
    Job,
    Report,
    Send,
    Unit,
    Watch,
    Wiring,
    Work,
    framed,
    received,
)

_TRIES = 10


class Replica:
    """Does one job at a time; the units of one beside each other."""

    def __init__(self, parts: Parts, report: Callable[[Report], None]) -> None:
        self._parts = parts
        self._asking = Asking(parts.engine, parts.actions)
        self._report = report
        self._offsets = itertools.count()

    async def do(self, job: Job) -> None:
        if isinstance(job, Work):
            async with asyncio.TaskGroup() as group:
                for unit in job.units:
                    group.create_task(self._unit(unit))
            return
        NOW.set(time(job.now))
        doings: dict[type[Job], Callable[[], Awaitable[None]]] = {
            Watch: self._watch,
            Fire: self._fire,
            Send: self._send,
            Anchor: self._anchor,
        }
        await doings[type(job)]()

    async def _unit(self, unit: Unit) -> None:
        for place, task in enumerate(unit.tasks):
            answer = await self._finish(task, again=unit.begun and place == 0)
            self._report(Finished(unit.number, answer))

    async def _finish(self, task: Batch | Act, *, again: bool) -> str | None:
        """As a consumer and a client do: what may have failed for now is tried once more."""
        for _ in range(_TRIES):
            try:
                if isinstance(task, Act):
                    NOW.set(time(task.at))
                    return await self._asking.ask(task, again=again)
                await self._handle(task)
            except Retryable:
                again = True
            else:
                return None
        raise TimeoutError(f"{_TRIES} tries were not enough")

    async def _handle(self, batch: Batch) -> None:
        NOW.set(time(batch.now))
        records = [delivered(one, next(self._offsets)) for one in batch.records]
        results = await self._parts.handler(records)
        assert all(result == [] for result in results), results

    async def _watch(self) -> None:
        while await self._parts.watch.step() == 0:
            pass

    async def _fire(self) -> None:
        while True:
            claimed, _ = await self._parts.timers.claim()
            if not claimed:
                return
            await self._parts.timers.fire(claimed)

    async def _send(self) -> None:
        deliveries = self._parts.deliveries
        while True:
            await deliveries.step()
            if not deliveries.busy:
                return
            await deliveries.drained()

    async def _anchor(self) -> None:
        await self._parts.anchoring.step()


async def serve(channel: socket.socket) -> None:
    """Do what comes, until the other side is gone."""
    reader, writer = await asyncio.open_connection(sock=channel, limit=FRAME)

    def report(value: Report) -> None:
        writer.write(framed(value))

    wiring: Wiring = await received(reader)
    os.environ.update(wiring.environment)
    settings = Settings()
    engine = create_engine(settings, wiring.name)
    parts = Parts(wiring.name, engine, settings)
    await parts.use_secrets()
    replica = Replica(parts, report)
    report(Done())
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            job: Job = await received(reader)
            try:
                await replica.do(job)
            except Exception:  # noqa: BLE001  # the driver wants to know, whatever it is
                report(Failed(traceback.format_exc()))
            else:
                report(Done())
            await writer.drain()
