"""How late the event loop is: whoever computes on it delays every heartbeat."""

import asyncio

from heedful.common import metrics
from heedful.common.waiting import came

_EVERY_S = 0.25


class LoopLag:
    """Measures for as long as the process runs."""

    name = "loop lag"

    def __init__(self) -> None:
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._stopping.is_set():
            due = loop.time() + _EVERY_S
            if not await came(self._stopping, _EVERY_S):
                metrics.LOOP_LAG.observe(max(0.0, loop.time() - due))

    def stop(self) -> None:
        self._stopping.set()

    def healthy(self, now: float) -> bool:
        """Whoever can ask is answered by a loop that runs."""
        return True
