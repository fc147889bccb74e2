"""Rung by a vendor's webhook, answered by the lines."""

import asyncio
from collections.abc import Mapping

from heedful.common.waiting import came


class Bell:
    """Which connections were rung and not answered yet, in this process."""

    def __init__(self) -> None:
        self._rung: dict[str, str | None] = {}
        self._woken = asyncio.Event()

    def ring(self, connection_id: str, hint: str | None = None) -> None:
        """Ask this connection's vendor now."""
        self._rung[connection_id] = hint
        self._woken.set()

    def wake(self) -> None:
        """End the waiting, for another reason."""
        self._woken.set()

    def answered(self) -> Mapping[str, str | None]:
        """Those that were rung and the hint of each, taken away."""
        rung, self._rung = self._rung, {}
        return rung

    async def wait(self, seconds: float) -> None:
        """Until it is rung or woken, but not longer."""
        await came(self._woken, seconds)
        self._woken.clear()
