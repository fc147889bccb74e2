"""The small service as a process: started, watched, told to stop.

It is forked from one that has imported all of heedful, which would be most of what a test takes.
"""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import orjson

from tests.integration.common import small_service

DEADLINE_S = 30.0
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload([small_service.__name__])


@dataclass
class SmallProcess:
    """One run of `small_service`."""

    folder: Path
    environment: dict[str, str]
    _process: BaseProcess | None = None

    def start(self) -> None:
        files = {
            f"SMALL_{name.upper()}": str(self.file(name)) for name in ("trace", "release", "fail")
        }
        environment = {
            **files,
            "HEEDFUL_DATA_DIR": str(self.folder / "data"),
            **self.environment,
        }
        self._process = _PROCESSES.Process(
            target=small_service.run, args=(environment, self.file("errors"))
        )
        self._process.start()

    def file(self, name: str) -> Path:
        return self.folder / name

    @property
    def errors(self) -> list[str]:
        """What it has written to standard error."""
        path = self.file("errors")
        return path.read_text().splitlines() if path.exists() else []

    @property
    def trace(self) -> list[str]:
        """What has happened."""
        path = self.file("trace")
        return path.read_text().split() if path.exists() else []

    def logged(self, event: str) -> list[dict[str, Any]]:
        """Its log lines with this text."""
        found = [orjson.loads(line) for line in self.errors if line[:1] + line[-1:] == "{}"]
        return [line for line in found if line["event"] == event]

    async def url(self) -> str:
        """Where it answers, once it does."""
        await self.until(lambda: bool(self.logged("ready")))
        return str(self.logged("ready")[0]["url"])

    async def until(self, condition: Callable[[], bool]) -> None:
        """Poll; a process that has ended, or a deadline that has passed, fails the test."""
        assert self._process is not None
        async with asyncio.timeout(DEADLINE_S):
            while not condition():
                assert self._process.exitcode is None or condition(), self.errors
                await asyncio.sleep(0.01)

    def terminate(self, number: signal.Signals = signal.SIGTERM) -> None:
        assert self._process is not None
        assert self._process.pid is not None
        os.kill(self._process.pid, number)

    async def end(self) -> int:
        """Its exit code."""
        assert self._process is not None
        await asyncio.to_thread(self._process.join, DEADLINE_S)
        assert self._process.exitcode is not None, "it has not ended"
        return self._process.exitcode

    async def kill(self) -> None:
        if self._process is not None and self._process.exitcode is None:
            self._process.kill()
            await self.end()
