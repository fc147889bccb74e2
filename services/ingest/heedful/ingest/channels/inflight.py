"""Messages that a line brought and that the log does not have yet.

A vendor that sends each message once has forgotten it by then. So it is kept here and given to
ingest again until it is taken, while the line goes on being read; how much is kept is bounded.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from heedful.common.http.problems import Problem
from heedful.common.logging import OncePerInterval
from heedful.ingest import metrics
from heedful.ingest.channels import ChannelRequest, Deliver

log = logging.getLogger(__name__)
# While the log is away every message fails alike.
log.addFilter(OncePerInterval())

MAX_BYTES = 16 * 1024 * 1024
WORKERS = 4
DRAIN_S = 20.0
_FIRST_PAUSE_S = 0.5
_MAX_PAUSE_S = 10.0
# Ingest is away or busy; any other problem would be the same again.
_PASSING = frozenset({429, 503})

Pause = Callable[[float], Awaitable[None]]
Told = Callable[[bool], Awaitable[None]]
"""Tells the vendor whether a message was taken; does not raise."""


@dataclass(frozen=True, slots=True)
class _Message:
    request: ChannelRequest
    told: Told


class InFlight:
    """What is on its way from one line to the log. Its end waits for what is under way.

    Args:
        channel: for logs and metrics.
        pause: waits between two attempts.
        max_bytes: bodies kept at once; beyond that the line is not read.
        drain_s: how long its end waits; what is not taken by then is lost, counted and logged.
    """

    def __init__(
        self,
        channel: str,
        deliver: Deliver,
        *,
        pause: Pause = asyncio.sleep,
        max_bytes: int = MAX_BYTES,
        drain_s: float = DRAIN_S,
    ) -> None:
        self._channel = channel
        self._deliver = deliver
        self._pause = pause
        self._max_bytes = max_bytes
        self._drain_s = drain_s
        self._queue: asyncio.Queue[_Message] = asyncio.Queue()
        self._bytes = 0
        self._count = 0
        self._room = asyncio.Event()
        self._workers: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._workers = [asyncio.create_task(self._work()) for _ in range(WORKERS)]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            async with asyncio.timeout(self._drain_s):
                await self._queue.join()
        except TimeoutError:
            pass
        finally:
            for worker in self._workers:
                worker.cancel()
            await asyncio.gather(*self._workers, return_exceptions=True)
            if self._count:
                metrics.LINE_LOST.labels(self._channel).inc(self._count)
                log.error("a line ended and its last messages are lost", extra=self._about("stop"))

    async def put(self, request: ChannelRequest, told: Told) -> None:
        """Takes a message over from the line; waits while too much is under way."""
        while self._count and self._bytes + len(request.body) > self._max_bytes:
            log.warning("a line is not read: too much waits for the log")
            self._room.clear()
            await self._room.wait()
        self._count += 1
        self._bytes += len(request.body)
        self._queue.put_nowait(_Message(request, told))

    async def _work(self) -> None:
        while True:
            message = await self._queue.get()
            taken = await self._until_settled(message.request)
            self._count -= 1
            self._bytes -= len(message.request.body)
            self._room.set()
            await message.told(taken)
            self._queue.task_done()

    async def _until_settled(self, request: ChannelRequest) -> bool:
        pause = _FIRST_PAUSE_S
        while True:
            try:
                await self._deliver(request)
                return True
            except Problem as problem:
                if problem.status not in _PASSING:
                    log.error("a message is refused", extra=self._about(problem.code))
                    return False
                reason = problem.code
            except Exception as error:  # noqa: BLE001  # whatever it is, only we have the message
                reason = type(error).__name__
            log.warning("a message waits for the log", extra=self._about(reason))
            await self._pause(pause)
            pause = min(pause * 2, _MAX_PAUSE_S)

    def _about(self, reason: str) -> dict[str, str]:
        return {"channel": self._channel, "reason": reason}
