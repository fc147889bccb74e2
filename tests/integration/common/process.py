"""The small service as a process: started, watched, told to stop."""

import asyncio
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

ROOT = Path(__file__).parents[3]
DEADLINE_S = 30.0


@dataclass
class SmallProcess:
    """One run of `small_service`."""

    folder: Path
    environment: dict[str, str]
    _process: asyncio.subprocess.Process | None = None
    _lines: list[str] = field(default_factory=list)
    _reading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        files = {
            f"SMALL_{name.upper()}": str(self.file(name)) for name in ("trace", "release", "fail")
        }
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.integration.common.small_service",
            cwd=ROOT,
            env={**files, "HEEDFUL_DATA_DIR": str(self.folder / "data"), **self.environment},
            stderr=asyncio.subprocess.PIPE,
        )
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stderr is not None
        async for line in self._process.stderr:
            self._lines.append(line.decode().rstrip("\n"))

    def file(self, name: str) -> Path:
        return self.folder / name

    @property
    def errors(self) -> list[str]:
        """What it wrote to standard error."""
        return self._lines

    @property
    def trace(self) -> list[str]:
        """What has happened."""
        path = self.file("trace")
        return path.read_text().split() if path.exists() else []

    def logged(self, event: str) -> list[dict[str, Any]]:
        """Its log lines with this text."""
        found = [orjson.loads(line) for line in self._lines if line.startswith("{")]
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
                assert self._process.returncode is None or condition(), self._lines
                await asyncio.sleep(0.01)

    def terminate(self, number: signal.Signals = signal.SIGTERM) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    async def end(self) -> int:
        """Its exit code; everything that it wrote has been read."""
        assert self._process is not None
        assert self._reading is not None
        async with asyncio.timeout(DEADLINE_S):
            code = await self._process.wait()
            await self._reading
        return code

    async def kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self.end()
