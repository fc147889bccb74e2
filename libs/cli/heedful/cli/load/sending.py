"""An open loop: each request goes out when it is due, however slowly earlier ones are answered.

Latency counts from that moment, so a server that stalls shows the whole queue that its customers
would have stood in: no coordinated omission (Gil Tene, "How NOT to Measure Latency").
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from heedful.cli.load.connection import Connection, Lost, Target

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Request(Generic[T]):
    """Something to send.

    Attributes:
        due: seconds from the begin of the run.
        make: its bytes; called when it goes out.
        about: of the caller.
    """

    due: float
    make: Callable[[], bytes]
    about: T


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What became of a request; seconds of the loop's clock.

    Attributes:
        taken: when the generator turned to it. Later than `due` is the generator's own lateness.
        held: whether it waited because as many connections were busy as there may be.
        status: of HTTP, or one of `Lost`.
    """

    about: T
    due: float
    taken: float
    answered: float
    held: bool
    status: int
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class _UnderWay(Generic[T]):
    request: Request[T]
    taken: float
    held: bool


class OpenLoop(Generic[T]):
    """Sends on time. A request that finds no idle connection opens one, up to a limit; beyond it,
    it waits for one, and the time that it waits counts.

    Args:
        on_answer: told of each request, once.
        connections: most at one time.
        timeout_s: from when it was taken to its answer.
    """

    def __init__(
        self,
        target: Target,
        on_answer: Callable[[Answer[T]], None],
        connections: int,
        timeout_s: float,
    ) -> None:
        self._target = target
        self._tell = on_answer
        self._most = connections
        self._timeout_s = timeout_s
        self._loop = asyncio.get_running_loop()
        self._open = 0
        self._idle: deque[Connection] = deque()
        self._busy: dict[Connection, tuple[_UnderWay[T], asyncio.TimerHandle]] = {}
        self._queue: deque[_UnderWay[T]] = deque()
        self._connecting: set[asyncio.Task[None]] = set()
        self._empty = asyncio.Event()
        self._ending = False
        self.begun = self._loop.time()
        self.sent = 0
        self.told = 0

    @property
    def under_way(self) -> int:
        return self.sent - self.told

    async def run(self, requests: Iterable[Request[T]]) -> None:
        """Send all, in the order of their due times, and wait for the last answer."""
        self.begun = self._loop.time()
        for one in requests:
            wait = self.begun + one.due - self._loop.time()
            # Also when late: answers have to be read between two requests.
            await asyncio.sleep(max(0.0, wait))
            if self._ending:
                break
            self.sent += 1
            self._take(one)
        if self.under_way:
            self._empty.clear()
            await self._empty.wait()
        for connection in self._idle:
            connection.close()

    def end(self) -> None:
        """Send no more; what is under way is still waited for."""
        self._ending = True

    def _take(self, request: Request[T]) -> None:
        taken = self._loop.time()
        connection = self._rested()
        if connection is not None:
            self._send(connection, _UnderWay(request, taken, held=False))
        elif self._open < self._most:
            self._connect(_UnderWay(request, taken, held=False))
        else:
            # One that is late already is thrown away when it is its turn.
            self._queue.append(_UnderWay(request, taken, held=True))

    def _rested(self) -> Connection | None:
        while self._idle:
            # The one that has rested longest: none grows so old that the server closes it.
            connection = self._idle.popleft()
            if connection.usable:
                return connection
        return None

    def _connect(self, one: _UnderWay[T]) -> None:
        self._open += 1
        task = self._loop.create_task(self._opened(one))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    async def _opened(self, one: _UnderWay[T]) -> None:
        try:
            async with asyncio.timeout_at(one.taken + self._timeout_s):
                connection = await self._target.connect(self._answered)
        except OSError as error:
            # A TimeoutError is an OSError, too.
            lost = Lost.TIMEOUT if isinstance(error, TimeoutError) else Lost.REFUSED
            self._free()
            self._settle(one, lost)
            return
        connection.closed.add_done_callback(lambda _: self._free())
        self._send(connection, one)

    def _free(self) -> None:
        self._open -= 1
        self._next(None)

    def _send(self, connection: Connection, one: _UnderWay[T]) -> None:
        timer = self._loop.call_at(one.taken + self._timeout_s, connection.give_up)
        self._busy[connection] = (one, timer)
        connection.send(one.request.make())

    def _answered(self, connection: Connection, status: int, body: bytes) -> None:
        one, timer = self._busy.pop(connection)
        timer.cancel()
        self._settle(one, status, body)
        if not connection.usable:
            connection.close()
            return
        self._next(connection)

    def _next(self, connection: Connection | None) -> None:
        """A connection, or room for one, goes to who has waited longest."""
        now = self._loop.time()
        while self._queue and self._queue[0].taken + self._timeout_s <= now:
            self._settle(self._queue.popleft(), Lost.TIMEOUT)
        if not self._queue:
            if connection is not None:
                self._idle.append(connection)
        elif connection is not None:
            self._send(connection, self._queue.popleft())
        elif self._open < self._most:
            self._connect(self._queue.popleft())

    def _settle(self, one: _UnderWay[T], status: int, body: bytes = b"") -> None:
        self.told += 1
        due = self.begun + one.request.due
        now = self._loop.time()
        self._tell(Answer(one.request.about, due, one.taken, now, one.held, status, body))
        if not self.under_way:
            self._empty.set()
