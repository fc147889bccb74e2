"""What can be traced."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Protocol

from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.types import ASGIApp

from heedful.common.bus.base import Bus
from heedful.common.runtime import Subscription

if TYPE_CHECKING:
    import aiohttp


class Tracing(Protocol):
    """Gives the parts of a process back, with spans around what they do."""

    def app(self, app: ASGIApp) -> ASGIApp:
        """Requests that are answered."""

    def bus(self, bus: Bus) -> Bus:
        """Records that are published."""

    def subscription(self, one: Subscription) -> Subscription:
        """Batches that are handled."""

    def engine(self, engine: AsyncEngine) -> None:
        """Statements within one of the others."""

    def client(self) -> "Sequence[aiohttp.TraceConfig]":
        """Requests to others; for the session that sends them."""

    def close(self) -> None:
        """Send what is left, within the exporter's time limit."""


class _Untraced:
    """Nothing is wrapped."""

    def app(self, app: ASGIApp) -> ASGIApp:
        return app

    def bus(self, bus: Bus) -> Bus:
        return bus

    def subscription(self, one: Subscription) -> Subscription:
        return one

    def engine(self, engine: AsyncEngine) -> None:
        """Stays as it is."""

    def client(self) -> "Sequence[aiohttp.TraceConfig]":
        return ()

    def close(self) -> None:
        """There is nothing."""


UNTRACED: Final[Tracing] = _Untraced()
