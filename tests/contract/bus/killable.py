"""A broker that tests take away."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

from tests.kafka_broker import LocalBroker


class Killable:
    """Knows whether it runs, and does not block the loop while it comes and goes."""

    def __init__(self, broker: LocalBroker, settings: Mapping[str, str]) -> None:
        self._broker = broker
        self._settings = " ".join(f"{name}={value}" for name, value in settings.items())
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
        # Read at every start; another broker of the session may have changed it meanwhile.
        os.environ["KAFKA_SET"] = self._settings
        await asyncio.to_thread(self._broker.start)
        self.running = True
