"""What the driver of a year and its replicas say to each other: frames over sockets."""

import asyncio
import pickle
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.integration.alerting.year.scene import Act, Happening

FRAME: Final = 1 << 26
"""Bytes, at most."""
PID: Final = struct.Struct(">I")
"""What a nursery answers."""
_LENGTH: Final = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Wiring:
    """A replica's place. `environment` has its settings."""

    name: str
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Batch:
    """Records that are handled together."""

    now: int
    records: tuple[Happening, ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """What one partition has in a tick, in order. `begun`: a replica was killed over it, and the
    first of these may have been done."""

    number: int
    tasks: tuple[Batch | Act, ...]
    begun: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """Units beside each other."""

    units: tuple[Unit, ...]


@dataclass(frozen=True, slots=True)
class Watch:
    """Look for what has no labels."""

    now: int


@dataclass(frozen=True, slots=True)
class Fire:
    """Fire timers until none is due."""

    now: int


@dataclass(frozen=True, slots=True)
class Send:
    """Send notices until none is due."""

    now: int


@dataclass(frozen=True, slots=True)
class Anchor:
    """Make the anchors of the audit that are due."""

    now: int


Job = Work | Watch | Fire | Send | Anchor


@dataclass(frozen=True, slots=True)
class Finished:
    """The first task of a unit that was not finished before. `answer`: to a request."""

    unit: int
    answer: str | None


@dataclass(frozen=True, slots=True)
class Done:
    """The job is; also the first frame of a replica that is ready."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Something is wrong with the replica itself, or with alerting."""

    said: str


Report = Finished | Done | Failed


def framed(value: Any) -> bytes:
    body = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    return _LENGTH.pack(len(body)) + body


async def received(reader: asyncio.StreamReader) -> Any:
    """The next frame.

    Raises:
        asyncio.IncompleteReadError: the other side is gone.
    """
    (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
    return pickle.loads(await reader.readexactly(length))  # noqa: S301  # of our own process
