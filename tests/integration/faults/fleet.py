"""The worker processes of a run, kept running as a supervisor does, and the source."""

import asyncio
import json
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.integration.faults.history import Exit
from tests.integration.faults.wiring import Wiring

_LOOK_S = 0.1
_RESTART_S = 0.5
_STOP_S = 45
_TAIL_LINES = 25
# A process that is told to end before it listens to signals just ends; it has done nothing yet.
_ENDED_WELL = (0, -signal.SIGTERM)
ROOT = Path(__file__).resolve().parents[3]


@dataclass(slots=True)
class Slot:
    """A place for one worker, with its own link; `wanted` says whether one should run here.

    Attributes:
        busy: a fault has it.
        count: processes that were started here.
    """

    number: int
    wiring: Wiring
    folder: Path
    wanted: bool = False
    busy: bool = False
    count: int = 0
    process: asyncio.subprocess.Process | None = None

    @property
    def name(self) -> str:
        return f"worker-{self.number}"

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.returncode is None

    @property
    def trouble(self) -> Path:
        return self.folder / f"{self.name}.trouble"

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    async def start(self) -> None:
        self.count += 1
        told = replace(self.wiring, name=f"{self.name}#{self.count}")
        self.process = await spawn("worker", self.log, told.encode(), str(self.trouble))

    def signal(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(number)

    def tell(self, seconds: float, *, slow_s: float = 0, fails: bool = False) -> None:
        """For so long every batch takes longer, or fails; also those of a new process here."""
        written = self.trouble.with_suffix(".new")
        written.write_text(json.dumps([time.time() + seconds, slow_s, fails]))
        written.replace(self.trouble)

    def tail(self) -> str:
        return tail(self.log)


@dataclass(slots=True)
class Fleet:
    """All slots; starts again what ends by itself, and remembers that."""

    slots: Sequence[Slot]
    exits: list[Exit] = field(default_factory=list)

    async def supervise(self) -> None:
        """Runs until cancelled."""
        while True:
            for slot in self.slots:
                if not slot.wanted or slot.busy or slot.running:
                    continue
                if slot.process is not None:
                    self._note(slot)
                    await asyncio.sleep(_RESTART_S)
                await slot.start()
            await asyncio.sleep(_LOOK_S)

    def take(self, wished: int, *, running: bool) -> Slot | None:
        """The wished slot, or the next one that no fault has and that runs or does not."""
        for offset in range(len(self.slots)):
            slot = self.slots[(wished + offset) % len(self.slots)]
            if not slot.busy and slot.wanted == running and slot.running == running:
                slot.busy = True
                return slot
        return None

    async def taken(self, wished: int) -> Slot:
        """As `take`; waits for one that runs."""
        while True:
            slot = self.take(wished, running=True)
            if slot is not None:
                return slot
            await asyncio.sleep(_LOOK_S)

    async def stop(self) -> list[str]:
        """SIGTERM to all; who did not end well and in time."""
        for slot in self.slots:
            slot.wanted = False
            slot.signal(signal.SIGTERM)
        return [found for slot in self.slots if (found := await self.ended(slot)) is not None]

    async def ended(self, slot: Slot) -> str | None:
        """Wait for a worker that was told to end; what was wrong about it."""
        if slot.process is None:
            return None
        try:
            code = await asyncio.wait_for(slot.process.wait(), _STOP_S)
        except TimeoutError:
            slot.process.kill()
            await slot.process.wait()
            return f"{slot.name}#{slot.count} did not end within {_STOP_S} s:\n{slot.tail()}"
        if code in _ENDED_WELL:
            return None
        return f"{slot.name}#{slot.count} ended with {code}:\n{slot.tail()}"

    async def kill(self) -> None:
        """Whatever still runs; for the end of a run that failed."""
        for slot in self.slots:
            slot.wanted = False
            slot.signal(signal.SIGKILL)
            if slot.process is not None:
                await slot.process.wait()

    def _note(self, slot: Slot) -> None:
        assert slot.process is not None
        code = slot.process.returncode
        assert code is not None
        self.exits.append(Exit(f"{slot.name}#{slot.count}", code, slot.tail()))


async def spawn(module: str, log: Path, *arguments: str) -> asyncio.subprocess.Process:
    with log.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            f"tests.integration.faults.{module}",
            *arguments,
            stdout=output,
            stderr=output,
            cwd=ROOT,
        )


def tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-_TAIL_LINES:])
