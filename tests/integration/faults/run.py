"""One run: servers, workers, a source, faults, and the verdict."""

import asyncio
import signal
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from pydantic import SecretStr

from heedful.common.db import create_engine, migrate
from heedful.common.db.migrate import COMMON
from heedful.common.settings import Settings
from tests.integration.faults.checker import check
from tests.integration.faults.effects import SCHEMA
from tests.integration.faults.fleet import Fleet, Slot, spawn, tail
from tests.integration.faults.gather import gather
from tests.integration.faults.history import Commit, History
from tests.integration.faults.inject import Injector, Tell
from tests.integration.faults.plan import Fault
from tests.integration.faults.reading import BOOK_KEEPING, Reader, Unreadable
from tests.integration.faults.servers import Servers, running_servers
from tests.integration.faults.wiring import Kind, Wiring, started
from tests.patience import until

SOURCE = "source"
_SAMPLE_S = 0.2
_SOURCE_STOP_S = 90
_SETUP_S = 60


@dataclass(frozen=True, slots=True)
class Workload:
    """What is written and who reads it.

    Attributes:
        rate: records per second; 0 as many as the log takes.
        concurrency: batches that a worker has under way at once; order is that of keys.
        static: Kafka's group knows a worker again after a restart.
        places: of workers, those that join later included.
        catch_up_s: time to commit everything once the faults are over.
    """

    kind: Kind
    seed: int
    rate: float = 400
    keys: int = 64
    partitions: int = 4
    poison: float = 0.004
    concurrency: int = 4
    static: bool = False
    workers: int = 4
    places: int = 6
    catch_up_s: float = 120


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did and what was wrong.

    Attributes:
        faults: by name, how many.
        violations: by rule, also of rules that hold.
        catch_up_s: from the end of the faults until everything was committed.
    """

    history: History
    faults: Mapping[str, int]
    violations: Mapping[str, Sequence[str]]
    catch_up_s: float

    @property
    def wrong(self) -> Mapping[str, Sequence[str]]:
        return {rule: found for rule, found in self.violations.items() if found}


async def run(
    workload: Workload, tracks: Sequence[Sequence[Fault]], tell: Tell, keep: Path | None = None
) -> Report:
    """Perform the faults under the workload and judge what is left.

    Args:
        tell: takes a line about each thing that happens.
        keep: folder for the logs of all processes; otherwise they go when the run ends.
    """
    names = [SOURCE, *(f"worker-{number}" for number in range(workload.places))]
    with tempfile.TemporaryDirectory(prefix="heedful-faults-run-") as temporary:
        folder = keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        async with running_servers(workload.kind, names) as servers:
            return await _Run(workload, servers, folder, tell).perform(tracks)


class _Run:
    def __init__(self, workload: Workload, servers: Servers, folder: Path, tell: Tell) -> None:
        self._workload = workload
        self._servers = servers
        self._folder = folder
        self._tell = tell
        self._accepted_file.unlink(missing_ok=True)
        self._topic = f"faults.{uuid.uuid4().hex[:8]}"
        self._samples: list[Commit] = []
        slots = [
            Slot(number, self._wiring(f"worker-{number}"), folder, number < workload.workers)
            for number in range(workload.places)
        ]
        self._fleet = Fleet(slots)
        self._injector = Injector(servers, self._fleet, tell)

    async def perform(self, tracks: Sequence[Sequence[Fault]]) -> Report:
        async with asyncio.timeout(_SETUP_S):
            await self._set_up()
        supervisor = asyncio.create_task(self._fleet.supervise())
        sampler = asyncio.create_task(self._sample())
        source = await self._start_source()
        try:
            await self._all_partitions_read()
            await self._injector.perform(tracks)
            ended = time.monotonic()
            await self._stop_source(source)
            self._tell(f"faults are over, the source has stopped: {len(self._accepted())} accepted")
            caught_up = await self._caught_up()
            catch_up_s = time.monotonic() - ended
            supervisor.cancel()
            await asyncio.gather(supervisor, return_exceptions=True)
            ill_ended = [*self._injector.left_badly, *await self._fleet.stop()]
        finally:
            for task in (supervisor, sampler):
                task.cancel()
            await asyncio.gather(supervisor, sampler, return_exceptions=True)
            with suppress(ProcessLookupError):
                source.kill()
            await self._fleet.kill()
        history = await gather(
            self._servers.reader, self._servers.database.url, self._topic, self._accepted()
        )
        history.samples = self._samples
        history.exits = self._fleet.exits
        history.caught_up = caught_up
        violations = {**check(history), "worker did not stop well": ill_ended}
        return Report(history, Counter(self._injector.done), violations, catch_up_s)

    async def _set_up(self) -> None:
        wiring = self._wiring(SOURCE)
        connection = await asyncpg.connect(wiring.database)
        await connection.execute(SCHEMA)
        if self._workload.kind == "embedded":
            await _migrated(wiring.database)
            await connection.execute(BOOK_KEEPING)
        await connection.close()
        bus = await started(wiring)
        await bus.create_topics(wiring.topics)
        await bus.stop()

    async def _start_source(self) -> asyncio.subprocess.Process:
        workload = self._workload
        return await spawn(
            "source", self._folder / "source.log", self._wiring(SOURCE).encode(),
            str(workload.seed), str(workload.rate), str(workload.keys), str(workload.poison),
            str(self._accepted_file),
        )  # fmt: skip

    async def _stop_source(self, source: asyncio.subprocess.Process) -> None:
        with suppress(ProcessLookupError):
            source.send_signal(signal.SIGTERM)
        async with asyncio.timeout(_SOURCE_STOP_S):
            code = await source.wait()
        if code != 0:
            raise RuntimeError(
                f"the source ended with {code}:\n{tail(self._folder / 'source.log')}"
            )

    async def _all_partitions_read(self) -> None:
        """Faults before the group has begun would only be a late start."""
        await until(lambda: len(self._last()) == self._workload.partitions)

    async def _caught_up(self) -> bool:
        deadline = time.monotonic() + self._workload.catch_up_s
        ends = await self._servers.reader.ends(self._topic)
        while time.monotonic() < deadline:
            last = self._last()
            if all(last.get(partition, 0) >= end for partition, end in ends.items()):
                return True
            await asyncio.sleep(_SAMPLE_S)
        return False

    def _last(self) -> Mapping[int, int]:
        return {sample.partition: sample.offset for sample in self._samples}

    async def _sample(self) -> None:
        while True:
            with suppress(Unreadable):
                await self._take_sample()
            await asyncio.sleep(_SAMPLE_S)

    async def _take_sample(self) -> None:
        reader: Reader = self._servers.reader
        found = await reader.committed(self._topic, self._topic)
        now = time.time()
        self._samples += [Commit(now, partition, offset) for partition, offset in found.items()]

    def _wiring(self, name: str) -> Wiring:
        return Wiring(
            kind=self._workload.kind,
            name=name,
            bus=self._servers.links[name].address,
            database=self._servers.database.url,
            group=self._topic,
            topic=self._topic,
            partitions=self._workload.partitions,
            concurrency=self._workload.concurrency,
            instance=name if self._workload.static else None,
        )

    @property
    def _accepted_file(self) -> Path:
        return self._folder / "accepted"

    def _accepted(self) -> list[str]:
        return self._accepted_file.read_text().splitlines()


async def _migrated(url: str) -> None:
    """The log's own schema."""
    engine = create_engine(Settings(database_url=SecretStr(url)), "faults")
    await migrate(engine, [COMMON])
    await engine.dispose()
