"""Rung by a vendor's webhook, answered by the lines."""

import asyncio

from heedful.common.waiting import came


class Bell:
    """Which connections were rung and not answered yet, in this process."""

    def __init__(self) -> None:
        self._rung: set[str] = set()
        self._woken = asyncio.Event()

    def ring(self, connection_id: str) -> None:
        """Ask this connection's vendor now."""
        self._rung.add(connection_id)
        self._woken.set()

    def wake(self) -> None:
        """End the waiting, for another reason."""
        self._woken.set()

    def answered(self) -> frozenset[str]:
        """Those that were rung, taken away."""
        rung, self._rung = frozenset(self._rung), set()
        return rung

    async def wait(self, seconds: float) -> None:
        """Until it is rung or woken, but not longer."""
        await came(self._woken, seconds)
        self._woken.clear()
