"""Does to servers, links and workers what the plan says, and tells of it."""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

from tests.integration.faults.fleet import Fleet, Slot
from tests.integration.faults.plan import Fault, Name
from tests.integration.faults.servers import Servers

Tell = Callable[[str], None]


class Injector:
    """Performs the tracks of a plan beside each other.

    Attributes:
        done: faults that happened, by name.
        left_badly: what went wrong with workers that were told to leave.
    """

    def __init__(self, servers: Servers, fleet: Fleet, tell: Tell) -> None:
        self._servers = servers
        self._fleet = fleet
        self._tell = tell
        self._begun = time.monotonic()
        self.done: Counter[str] = Counter()
        self.left_badly: list[str] = []

    async def perform(self, tracks: Sequence[Sequence[Fault]]) -> None:
        """All faults, until the last has ended and was mended."""
        self._begun = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for track in tracks:
                group.create_task(self._perform(track))

    async def _perform(self, track: Sequence[Fault]) -> None:
        acts: Mapping[Name, Callable[[Fault], Awaitable[None]]] = {
            "kill broker": self._kill_broker,
            "crash database": self._crash_database,
            "cut everybody": self._cut_everybody,
            "refuse everybody": self._refuse_everybody,
            "kill worker": self._kill_worker,
            "freeze worker": self._freeze_worker,
            "slow worker": self._slow_worker,
            "fail worker": self._fail_worker,
            "cut worker": self._cut_worker,
            "refuse worker": self._refuse_worker,
            "delay worker": self._delay_worker,
            "join": self._join,
            "leave": self._leave,
        }
        for fault in track:
            await asyncio.sleep(max(0, self._begun + fault.at - time.monotonic()))
            await acts[fault.name](fault)

    def _note(self, fault: Fault, about: str = "") -> None:
        self.done[fault.name] += 1
        more = f" {about}" if about else ""
        if fault.each_s:
            more += f", {fault.each_s:g} s each"
        at = time.monotonic() - self._begun
        self._tell(f"{at:7.1f} s  {fault.name}{more}, for {fault.seconds:g} s")

    async def _kill_broker(self, fault: Fault) -> None:
        self._note(fault, "(kill -9)")
        await self._servers.kill_broker()
        await asyncio.sleep(fault.seconds)
        await self._servers.start_broker()

    async def _crash_database(self, fault: Fault) -> None:
        self._note(fault, "(immediate shutdown)")
        await self._servers.database.crash()
        await asyncio.sleep(fault.seconds)
        await self._servers.database.start()

    async def _cut_everybody(self, fault: Fault) -> None:
        self._note(fault, _ending(fault))
        proxies = [link.proxy for link in self._servers.links.values()]
        for proxy in proxies:
            proxy.silence()
        await asyncio.sleep(fault.seconds)
        for proxy in proxies:
            if fault.drops:
                proxy.drop()
            proxy.heal()

    async def _refuse_everybody(self, fault: Fault) -> None:
        self._note(fault)
        proxies = [link.proxy for link in self._servers.links.values()]
        for proxy in proxies:
            await proxy.refuse()
        await asyncio.sleep(fault.seconds)
        for proxy in proxies:
            await proxy.start()

    async def _kill_worker(self, fault: Fault) -> None:
        async with self._worker(fault, "(SIGKILL)") as slot:
            slot.signal(signal.SIGKILL)
            await asyncio.sleep(fault.seconds)
            await slot.start()

    async def _freeze_worker(self, fault: Fault) -> None:
        async with self._worker(fault, "(SIGSTOP)") as slot:
            slot.signal(signal.SIGSTOP)
            await asyncio.sleep(fault.seconds)
            slot.signal(signal.SIGCONT)

    async def _slow_worker(self, fault: Fault) -> None:
        async with self._worker(fault) as slot:
            slot.tell(fault.seconds, slow_s=fault.each_s)
            await asyncio.sleep(fault.seconds)

    async def _fail_worker(self, fault: Fault) -> None:
        async with self._worker(fault, "(its handler raises Retryable)") as slot:
            slot.tell(fault.seconds, fails=True)
            await asyncio.sleep(fault.seconds)

    async def _cut_worker(self, fault: Fault) -> None:
        async with self._worker(fault, _ending(fault)) as slot:
            proxy = self._servers.links[slot.name].proxy
            proxy.silence()
            await asyncio.sleep(fault.seconds)
            if fault.drops:
                proxy.drop()
            proxy.heal()

    async def _refuse_worker(self, fault: Fault) -> None:
        async with self._worker(fault) as slot:
            proxy = self._servers.links[slot.name].proxy
            await proxy.refuse()
            await asyncio.sleep(fault.seconds)
            await proxy.start()

    async def _delay_worker(self, fault: Fault) -> None:
        async with self._worker(fault) as slot:
            proxy = self._servers.links[slot.name].proxy
            proxy.delay(fault.each_s)
            await asyncio.sleep(fault.seconds)
            proxy.heal()

    async def _join(self, fault: Fault) -> None:
        slot = self._fleet.take(fault.slot, running=False)
        if slot is None:
            self._tell("            no place for one more worker")
            return
        self._note(fault, slot.name)
        await slot.start()
        await asyncio.sleep(fault.seconds)
        slot.signal(signal.SIGTERM)
        await self._left(slot)
        slot.busy = False

    async def _leave(self, fault: Fault) -> None:
        async with self._worker(fault, "(SIGTERM)") as slot:
            slot.signal(signal.SIGTERM)
            await self._left(slot)
            await asyncio.sleep(fault.seconds)
            await slot.start()

    async def _left(self, slot: Slot) -> None:
        wrong = await self._fleet.ended(slot)
        if wrong is not None:
            self.left_badly.append(wrong)

    @asynccontextmanager
    async def _worker(self, fault: Fault, about: str = "") -> AsyncIterator[Slot]:
        """A running worker that no other fault has; waits for one."""
        slot = await self._fleet.taken(fault.slot)
        self._note(fault, f"{slot.name} {about}".strip())
        try:
            yield slot
        finally:
            slot.busy = False


def _ending(fault: Fault) -> str:
    return "(ends with a drop)" if fault.drops else "(held bytes go on)"
