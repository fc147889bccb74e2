"""A broker that tests take away."""

import asyncio
from pathlib import Path

from tests.kafka_broker import LocalBroker


class Killable:
    """Knows whether it runs, and does not block the loop while it comes and goes."""

    def __init__(self, broker: LocalBroker) -> None:
        self._broker = broker
        self.running = True

    @property
    def bootstrap(self) -> str:
        return self._broker.bootstrap

    @property
    def folder(self) -> Path:
        """Where it keeps its logs."""
        return self._broker.folder / "data"

    async def kill(self) -> None:
        """kill -9."""
        self.running = False
        await asyncio.to_thread(self._broker.kill)

    async def start(self) -> None:
        await asyncio.to_thread(self._broker.start)
        self.running = True
