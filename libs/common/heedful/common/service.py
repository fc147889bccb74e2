"""What a service is made of, so that one process can run one of them or all four."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.bus.base import Bus
from heedful.common.db import Migrations
from heedful.common.http.auth import Authenticator
from heedful.common.quota.quota import Quota
from heedful.common.runtime import Subscription
from heedful.common.security.secrets import SecretBox
from heedful.common.settings import Settings
from heedful.common.tracing.base import UNTRACED, Tracing
from heedful.common.waiting import came


@dataclass(frozen=True, slots=True)
class Platform:
    """What the process gives to every service. Nothing here has connected yet.

    Attributes:
        url: where this process answers, as it reaches itself.
    """

    settings: Settings
    url: str
    engine: AsyncEngine
    bus: Bus
    secrets: SecretBox
    auth: Authenticator
    quota: Quota
    tracing: Tracing = UNTRACED


class Background(Protocol):
    """A loop beside the consumers: timers, deliveries, relays."""

    name: str

    async def run(self) -> None:
        """Until `stop`; an exception stops the process."""

    def stop(self) -> None: ...

    def healthy(self, now: float) -> bool: ...


@dataclass(frozen=True, slots=True)
class Service:
    """One of the services, wired but not started.

    Attributes:
        bodies: bytes that the body of a path may have, where it may be larger than others.
        streams: paths whose answers last for as long as somebody looks on: they are not counted
            among the requests under way, so the service bounds them itself.
        start: runs after migrations and before the first record or request.
        closing: runs before the last requests are waited for: ends its streams.
        stop: runs after the last.
        uses_bus: False: neither reads nor writes topics, and starts without the bus.
        serves_without_database: it is ready while PostgreSQL is away, once it has started.
    """

    name: str
    routers: Sequence[APIRouter]
    migrations: Migrations | None = None
    subscriptions: Sequence[Subscription] = ()
    background: Sequence[Background] = ()
    checks: Mapping[str, Callable[[], Awaitable[None]]] = field(default_factory=dict)
    bodies: Mapping[str, int] = field(default_factory=dict)
    streams: frozenset[str] = frozenset()
    start: Callable[[], Awaitable[None]] | None = None
    closing: Callable[[], None] | None = None
    stop: Callable[[], Awaitable[None]] | None = None
    serves_without_database: bool = False
    uses_bus: bool = True


Build = Callable[[Platform], Service]


class Periodic:
    """A background loop that does one step, again and again, until stopped.

    Args:
        step: does what is due and returns how long to wait for the next time, in seconds.
        stall_seconds: without a finished step for so long the part is not healthy.
    """

    def __init__(
        self, name: str, step: Callable[[], Awaitable[float]], stall_seconds: float
    ) -> None:
        self.name = name
        self._step = step
        self._stall_seconds = stall_seconds
        self.stopping = asyncio.Event()
        """A step that takes long ends early when this is set."""
        self._woken = asyncio.Event()
        self._progress_at: float | None = None

    async def run(self) -> None:
        self.progressed()
        while not self.stopping.is_set():
            self._woken.clear()
            seconds = await self._step()
            self.progressed()
            await came(self._woken, seconds)

    def progressed(self) -> None:
        """For a step that takes longer than a stall may."""
        self._progress_at = asyncio.get_running_loop().time()

    def wake(self) -> None:
        """Do the next step now."""
        self._woken.set()

    def stop(self) -> None:
        self.stopping.set()
        self._woken.set()

    def healthy(self, now: float) -> bool:
        return self._progress_at is None or now - self._progress_at < self._stall_seconds
