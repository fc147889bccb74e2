"""Load over HTTP: closed loop (as fast as answers come) and open loop (by the clock)."""

import asyncio
import contextlib
import random
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import httptools

from benchmarks.support import percentile

LOST = 0
"""Status of a request that was never answered."""

ANSWER_S = 60.0
"""So long after the last request the open loop waits for answers."""

OnAnswer = Callable[["Connection", int], None]


@dataclass
class Load:
    """What a closed loop saw."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def percentile(self, percent: float) -> float:
        return percentile(self.latencies, percent)


@dataclass(frozen=True, slots=True)
class Answer:
    """One request of an open loop; Unix times in seconds."""

    due: float
    sent: float
    answered: float
    status: int


class Connection(asyncio.Protocol):
    """One keep-alive connection with at most one request under way.

    Args:
        on_answer: called with the status of each answer, or with `LOST`.
    """

    def __init__(self, on_answer: OnAnswer) -> None:
        self._on_answer = on_answer
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._waiting = False
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def send(self, request_: bytes) -> None:
        assert self._transport is not None
        self._waiting = True
        self._transport.write(request_)

    def close(self) -> None:
        assert self._transport is not None
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed.set_result(None)
        if self._waiting:
            self._waiting = False
            self._on_answer(self, LOST)

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        self._parser = httptools.HttpResponseParser(self)
        self._waiting = False
        # Not from inside the parser's own call: the next request may go out at once.
        asyncio.get_running_loop().call_soon(self._on_answer, self, status)


async def generate(
    port: int, make: Callable[[], bytes], concurrency: int, seconds: float, warm_s: float
) -> Load:
    """Keep `concurrency` connections busy; requests of the first `warm_s` do not count."""
    load = Load(seconds)
    started = time.perf_counter()
    warm, until = started + warm_s, started + warm_s + seconds
    sent_at: dict[Connection, float] = {}

    def go_on(connection: Connection, status: int) -> None:
        now = time.perf_counter()
        before = sent_at.get(connection)
        if before is not None and before >= warm:
            load.latencies.append(now - before)
            load.statuses[status] = load.statuses.get(status, 0) + 1
        if connection.closed.done():
            return
        if now >= until:
            connection.close()
            return
        sent_at[connection] = now
        connection.send(make())

    connections = [await _connect(port, go_on) for _ in range(concurrency)]
    for connection in connections:
        go_on(connection, LOST)
    await asyncio.gather(*(connection.closed for connection in connections))
    return load


async def send_on_time(port: int, requests: Sequence[bytes], rate: float) -> list[Answer]:
    """Send request n at n / `rate` seconds: `send_at` for even arrivals."""
    return await send_at(port, requests, [number / rate for number in range(len(requests))])


async def send_at(port: int, requests: Sequence[bytes], moments: Sequence[float]) -> list[Answer]:
    """Send each request at its moment, seconds from now, however slowly earlier ones are answered.

    The time from `due` to anything later holds the whole queue: no coordinated omission.

    Returns:
        One answer per request, in the order of the requests.
    """
    loop = asyncio.get_running_loop()
    sender = _OpenLoop(port, len(requests))
    started, started_unix = loop.time(), time.time()
    async with asyncio.TaskGroup() as sends:
        for number, (one, moment) in enumerate(zip(requests, moments, strict=True)):
            await asyncio.sleep(max(0.0, started + moment - loop.time()))
            sends.create_task(sender.send(number, one, started_unix + moment))
    return await sender.answers()


def at_random(rate: float, seconds: float, seed: int) -> list[float]:
    """Moments of arrivals that know nothing of each other: a Poisson process of that rate."""
    chance = random.Random(seed)  # noqa: S311  # not for secrets
    moments: list[float] = []
    moment = chance.expovariate(rate)
    while moment < seconds:
        moments.append(moment)
        moment += chance.expovariate(rate)
    return moments


class _OpenLoop:
    """A request that finds no idle connection opens one, so none waits behind a slow answer."""

    def __init__(self, port: int, requests: int) -> None:
        self._port = port
        self._found: list[Answer | None] = [None] * requests
        self._left = requests
        self._under_way: dict[Connection, tuple[int, float, float]] = {}
        self._idle: deque[Connection] = deque()
        self._finished = asyncio.Event()
        if requests == 0:
            self._finished.set()

    async def send(self, number: int, request_: bytes, due: float) -> None:
        try:
            connection = self._take() or await _connect(self._port, self._answered)
        except OSError:
            # Nobody accepted it, which is an answer that never came.
            now = time.time()
            self._settle(number, Answer(due, now, now, LOST))
            return
        self._under_way[connection] = (number, due, time.time())
        connection.send(request_)

    async def answers(self) -> list[Answer]:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._finished.wait(), ANSWER_S)
        for number, due, sent in self._under_way.values():
            self._found[number] = Answer(due, sent, time.time(), LOST)
        for connection in [*self._idle, *self._under_way]:
            connection.close()
        return [answer for answer in self._found if answer is not None]

    def _take(self) -> Connection | None:
        while self._idle:
            # The one that has rested longest: none grows so old that the server closes it.
            connection = self._idle.popleft()
            if not connection.closed.done():
                return connection
        return None

    def _answered(self, connection: Connection, status: int) -> None:
        number, due, sent = self._under_way.pop(connection)
        self._settle(number, Answer(due, sent, time.time(), status))
        if not connection.closed.done():
            self._idle.append(connection)

    def _settle(self, number: int, answer: Answer) -> None:
        self._found[number] = answer
        self._left -= 1
        if self._left == 0:
            self._finished.set()


def request(
    path: str, body: bytes, headers: Mapping[str, str], media: str = "application/json"
) -> bytes:
    """The bytes of one POST."""
    lines = [f"POST {path} HTTP/1.1", "Host: benchmark", f"Content-Type: {media}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def _connect(port: int, on_answer: OnAnswer) -> Connection:
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(lambda: Connection(on_answer), "127.0.0.1", port)
    return connection
