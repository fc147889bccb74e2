"""Which faults happen when. Drawn by a seeded generator, so that a run can be had again.

Faults come in tracks that go on beside each other: one of servers and the whole network, two of
single workers, one of members that come and go. Within a track one fault ends before the next.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tests.integration.faults.wiring import SESSION_S, Kind

Name = Literal[
    "kill broker",
    "crash database",
    "cut everybody",
    "refuse everybody",
    "kill worker",
    "freeze worker",
    "slow worker",
    "fail worker",
    "cut worker",
    "refuse worker",
    "delay worker",
    "join",
    "leave",
]
SERVERS: Mapping[Kind, tuple[Name, ...]] = {
    "kafka": ("kill broker", "crash database", "cut everybody", "refuse everybody"),
    "embedded": ("crash database", "cut everybody", "refuse everybody"),
}
PROCESSES: tuple[Name, ...] = ("kill worker", "freeze worker", "slow worker", "fail worker")
NETWORK: tuple[Name, ...] = ("cut worker", "refuse worker", "delay worker")
MEMBERS: tuple[Name, ...] = ("join", "leave")

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    Attributes:
        at: seconds after the start; later where its track has not got there yet.
        seconds: how long it lasts.
        slot: the worker that it is aimed at; the next one that runs takes its place.
        each_s: by how much each batch is slower, or each chunk of bytes is late.
        drops: a cut ends with its connections dropped; otherwise the bytes that were held go on.
    """

    at: float
    name: Name
    seconds: float
    slot: int = 0
    each_s: float = 0.0
    drops: bool = False


@dataclass(frozen=True, slots=True)
class Pace:
    """How long faults last and how far apart they are, in seconds.

    Attributes:
        outage: of a server, a refusal, or the whole network; a killed worker stays away as long.
        silence: of one frozen or cut worker; reaches beyond the session timeout.
        failure: of what a worker's handler needs, so that it raises `Retryable`.
        member: how long a member joins for or is away.
    """

    gap: Span
    outage: Span
    silence: Span
    failure: Span
    member: Span


SHORT = Pace(gap=(0.5, 1.5), outage=(1, 2.5), silence=(1.2 * SESSION_S, 1.4 * SESSION_S),
             failure=(2, 4), member=(3, 5))  # fmt: skip
LONG = Pace(gap=(2, 12), outage=(0.5, 8), silence=(0.5 * SESSION_S, 5 * SESSION_S),
            failure=(1, 15), member=(3, 20))  # fmt: skip


def one_of_each(seed: int, kind: Kind, slots: int) -> list[list[Fault]]:
    """Every fault there is once, in an order that the seed decides."""
    tracks = []
    for number, names in enumerate(_tracks(kind)):
        draw = _Draw(seed, number, slots, SHORT)
        tracks.append(draw.track(draw.shuffled(names)))
    return tracks


def drawn(seed: int, kind: Kind, slots: int, seconds: float) -> list[list[Fault]]:
    """Faults at random that begin before `seconds`."""
    tracks = []
    for number, names in enumerate(_tracks(kind)):
        draw = _Draw(seed, number, slots, LONG)
        found: list[Fault] = []
        while not found or found[-1].at < seconds:
            found = draw.track([draw.one_of(names)], found)
        tracks.append(found[:-1])
    return tracks


def _tracks(kind: Kind) -> tuple[tuple[Name, ...], ...]:
    return SERVERS[kind], PROCESSES, NETWORK, MEMBERS


class _Draw:
    def __init__(self, seed: int, number: int, slots: int, pace: Pace) -> None:
        self._random = random.Random(f"{seed}/{number}")  # noqa: S311  # a plan, no secret
        self._slots = slots
        self._pace = pace

    def shuffled(self, names: Sequence[Name]) -> list[Name]:
        return self._random.sample(names, len(names))

    def one_of(self, names: Sequence[Name]) -> Name:
        return self._random.choice(names)

    def track(self, names: Sequence[Name], before: Sequence[Fault] = ()) -> list[Fault]:
        """Faults of these names, one after the other, behind those that are there."""
        found = list(before)
        for name in names:
            ended = found[-1].at + found[-1].seconds if found else 0.0
            found.append(self._fault(name, ended + self._between(self._pace.gap)))
        return found

    def _fault(self, name: Name, at: float) -> Fault:
        span = self._pace.outage
        if name in ("freeze worker", "cut worker", "slow worker", "delay worker"):
            span = self._pace.silence
        elif name in MEMBERS:
            span = self._pace.member
        elif name == "fail worker":
            span = self._pace.failure
        each_s = 0.0
        if name == "slow worker":
            each_s = self._between((0.2, 1.5 * SESSION_S))
        elif name == "delay worker":
            each_s = self._between((0.02, 0.3))
        return Fault(
            at=at,
            name=name,
            seconds=self._between(span),
            slot=self._random.randrange(self._slots),
            each_s=each_s,
            drops=self._random.random() < 0.5,
        )

    def _between(self, span: Span) -> float:
        return round(self._random.uniform(*span), 2)
