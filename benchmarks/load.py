"""Load over HTTP: closed loop (as fast as answers come), and open loop (by the clock) with every
answer kept; `heedful load` sends in the same way and keeps distributions."""

import asyncio
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from benchmarks.support import percentile
from heedful.cli.load import sending
from heedful.cli.load.connection import Connection, Target

LOST = 0
"""Status of a request that was never answered."""

ANSWER_S = 60.0
"""So long the open loop waits for an answer."""

_CONNECTIONS = 100_000


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


async def generate(
    port: int, make: Callable[[], bytes], concurrency: int, seconds: float, warm_s: float
) -> Load:
    """Keep `concurrency` connections busy; requests of the first `warm_s` do not count."""
    load = Load(seconds)
    started = time.perf_counter()
    warm, until = started + warm_s, started + warm_s + seconds
    sent_at: dict[Connection, float] = {}

    def go_on(connection: Connection, status: int, _body: bytes = b"") -> None:
        now = time.perf_counter()
        before = sent_at.get(connection)
        if before is not None and before >= warm:
            load.latencies.append(now - before)
            load.statuses[status] = load.statuses.get(status, 0) + 1
        if not connection.usable:
            return
        if now >= until:
            connection.close()
            return
        sent_at[connection] = now
        connection.send(make())

    connections = [await _target(port).connect(go_on) for _ in range(concurrency)]
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
    answers: list[Answer | None] = [None] * len(requests)
    unix = time.time() - asyncio.get_running_loop().time()

    def answered(one: sending.Answer[int]) -> None:
        answers[one.about] = Answer(
            one.due + unix, one.taken + unix, one.answered + unix, max(one.status, LOST)
        )

    loop = sending.OpenLoop(_target(port), answered, _CONNECTIONS, ANSWER_S)
    await loop.run(
        sending.Request(moment, partial(requests.__getitem__, number), number)
        for number, moment in enumerate(moments)
    )
    return [one for one in answers if one is not None]


def _target(port: int) -> Target:
    return Target("127.0.0.1", port)


def at_random(rate: float, seconds: float, seed: int) -> list[float]:
    """Moments of arrivals that know nothing of each other: a Poisson process of that rate."""
    chance = random.Random(seed)  # noqa: S311  # not for secrets
    moments: list[float] = []
    moment = chance.expovariate(rate)
    while moment < seconds:
        moments.append(moment)
        moment += chance.expovariate(rate)
    return moments


def request(
    path: str, body: bytes, headers: Mapping[str, str], media: str = "application/json"
) -> bytes:
    """The bytes of one POST."""
    return Target("benchmark", 80).request(path, body, headers, media)
