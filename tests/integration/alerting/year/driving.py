"""Lets a year pass: hands out what happens, looks at the timers, and kills replicas meanwhile.

What was not acknowledged is handed out again, in the order of its partition and at its own time.
Timers that a killed replica had leased are looked at again when the lease is over.
"""

import asyncio
import random
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from tests.integration.alerting.year.fleet import Fleet, Replica
from tests.integration.alerting.year.parts import Parts
from tests.integration.alerting.year.payloads import time as utc
from tests.integration.alerting.year.preparing import activate
from tests.integration.alerting.year.reading import Connection
from tests.integration.alerting.year.scene import DAY, Act, Happening, Year
from tests.integration.alerting.year.wire import (
    Anchor,
    Batch,
    Finished,
    Fire,
    Job,
    Send,
    Unit,
    Watch,
    Work,
)

REPLICAS: Final = 3
PARTITIONS: Final = 12
AGAIN_S: Final = 16
"""A little more than the lease of a timer."""
_REPLAYED: Final = 0.03
_TOLD_S: Final = 20.0
_DUE: Final = """
    SELECT
        (SELECT count(*) FROM alerting.timer WHERE due_at <= $1) AS timers,
        (SELECT count(*) FROM alerting.watch WHERE due_at <= $1) AS watched,
        (SELECT count(*) FROM alerting.delivery
         WHERE state = 'pending' AND due_at <= $1 AND $2) AS unsent,
        least(
            (SELECT min(due_at) FROM alerting.timer),
            (SELECT min(due_at) FROM alerting.watch),
            (SELECT min(due_at) FROM alerting.delivery WHERE state = 'pending' AND $2)
        ) AS soonest
"""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Due:
    """How much is due at a moment, and when anything is."""

    timers: int
    watched: int
    unsent: int
    soonest: int


@dataclass(slots=True)
class Passed:
    """What came of a run.

    Attributes:
        again: by tick, when it was looked once more.
        answers: to requests, by their ids.
        announced: records that the outbox held.
        until: the last tick.
    """

    again: dict[int, list[int]] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    announced: int = 0
    until: int = 0
    ticks: int = 0
    counts: Counter[str] = field(default_factory=Counter)


class Driver:
    """
    Args:
        parts: for what an administrator does.
        kill_every: so many jobs of a kind are handed out for one kill among them.
        deliver: whether notices are sent.
    """

    def __init__(
        self,
        year: Year,
        fleet: Fleet,
        parts: Parts,
        database: Connection,
        tell: Tell,
        *,
        kill_every: int,
        deliver: bool,
    ) -> None:
        self._year, self._fleet, self._parts, self._database = year, fleet, parts, database
        self._tell, self._kill_every, self._deliver = tell, kill_every, deliver
        self._draw = random.Random(f"{year.seed}/kills")  # noqa: S311  # a plan, no secret
        self._lasted: dict[type[Job], float] = {}
        self._changes = sorted(
            (one for tenant in year.tenants for one in tenant.activations), key=lambda one: one.at
        )
        self._first = {one.until for one in year.downtimes if one.timers_first}
        self.passed = Passed()

    async def perform(self, seconds: float) -> Passed:
        """The year, or what of it passes in so many seconds of this day."""
        begun, told, place, due = time.monotonic(), time.monotonic(), 0, 0
        anchored = self._year.start
        for tick in self._year.ticks():
            behind = bisect_right(self._year.happenings, tick, lo=place, key=lambda one: one.at)
            happenings, place = self._year.happenings[place:behind], behind
            changes = [one for one in self._changes if self.passed.until < one.at <= tick]
            self.passed.until = tick
            if not happenings and not changes and due > tick:
                continue
            for change in changes:
                await activate(self._parts, change)
            due = (await self._tick(tick, happenings)).soonest
            if tick - anchored >= DAY:
                anchored = tick
                await self._end_of_day(tick)
            if time.monotonic() - told > _TOLD_S:
                told = time.monotonic()
                self._say(tick, told - begun, place)
            if time.monotonic() - begun > seconds:
                break
        await self._end_of_day(self.passed.until)
        if self._deliver:
            await self._send_all()
        return self.passed

    async def _tick(self, tick: int, happenings: Sequence[Happening]) -> Due:
        self.passed.ticks += 1
        if tick in self._first:
            await self._each(Fire(tick), REPLICAS, kills=False)
        if happenings:
            await self._work(happenings)
        due = await self._due(tick)
        if due.watched:
            await self._one(Watch(tick))
            due = await self._due(tick)
        if due.timers:
            due = await self._fire(tick, due)
        if due.unsent:
            await self._each(Send(tick), due.unsent)
            due = await self._due(tick)
        return due

    async def _work(self, happenings: Sequence[Happening]) -> None:
        pending = {unit.number: unit for unit in _units(happenings)}
        replayed = [unit for unit in pending.values() if self._draw.random() < _REPLAYED]
        while pending:
            replicas = list(self._fleet.alive)
            self._draw.shuffle(replicas)
            units = list(pending.values())
            shares = [units[number :: len(replicas)] for number in range(len(replicas))]
            jobs = [
                (replica, Work(tuple(share)))
                for replica, share in zip(replicas, shares, strict=True)
                if share
            ]
            for replica in await self._hand_out(jobs, lambda one: self._finish(pending, one)):
                gone = next(work for given, work in jobs if given is replica)
                for unit in gone.units:
                    if unit.number in pending:
                        pending[unit.number] = replace(pending[unit.number], begun=True)
        for unit in replayed:
            batches = tuple(task for task in unit.tasks if isinstance(task, Batch))
            self.passed.counts["batches again"] += len(batches)
            await self._one(Work((Unit(unit.number, batches),)))

    def _finish(self, pending: dict[int, Unit], report: Finished) -> None:
        unit = pending[report.unit]
        task = unit.tasks[0]
        if isinstance(task, Act) and report.answer is not None:
            self.passed.answers[task.id] = report.answer
        if unit.tasks[1:]:
            pending[report.unit] = Unit(unit.number, unit.tasks[1:])
        else:
            del pending[report.unit]

    async def _fire(self, tick: int, due: Due) -> Due:
        """All replicas beside each other, and again until nothing is left of a killed one's."""
        now = tick
        while due.timers:
            assert now - tick < self._year.quiet, f"timers stay due at {utc(tick)}"
            if now > tick:
                self.passed.again.setdefault(tick, []).append(now)
            await self._each(Fire(now), due.timers)
            now += AGAIN_S
            due = await self._due(now - AGAIN_S)
        return due

    async def _send_all(self) -> None:
        """What is due by the end, also what killed replicas had leased."""
        now = self.passed.until
        while (await self._due(self.passed.until)).unsent:
            now += AGAIN_S
            await self._each(Send(now), REPLICAS, kills=False)

    async def _each(self, job: Job, most: int, *, kills: bool = True) -> None:
        """To as many replicas as there is work for."""
        replicas = self._draw.sample(self._fleet.alive, len(self._fleet.alive))[:most]
        await self._hand_out([(one, job) for one in replicas], lambda _: None, kills=kills)

    async def _one(self, job: Job) -> None:
        while True:
            replica = self._draw.choice(self._fleet.alive)
            if not await self._hand_out([(replica, job)], lambda _: None):
                return

    async def _hand_out(
        self,
        jobs: Sequence[tuple[Replica, Job]],
        heard: Callable[[Finished], None],
        *,
        kills: bool = True,
    ) -> list[Replica]:
        """Do jobs beside each other; gives who was killed over theirs."""
        kind, begun = type(jobs[0][1]), time.monotonic()
        self.passed.counts[kind.__name__] += 1
        killing = None
        if kills and self._draw.randrange(self._kill_every) == 0:
            victim, _ = self._draw.choice(jobs)
            killing = asyncio.create_task(self._kill(victim, self._lasted.get(kind, 0.02)))
        done = await asyncio.gather(*(replica.do(job, heard) for replica, job in jobs))
        if killing is None:
            self._lasted[kind] = time.monotonic() - begun
        else:
            await killing
        dead = [replica for (replica, _), well in zip(jobs, done, strict=True) if not well]
        # One that was killed just after its work is found dead by the next job.
        for replica in dead:
            self.passed.counts[f"killed over {kind.__name__}"] += 1
            await self._fleet.bury(replica)
        return dead

    async def _kill(self, victim: Replica, lasts: float) -> None:
        await asyncio.sleep(self._draw.uniform(0, lasts))
        victim.kill()

    async def _end_of_day(self, tick: int) -> None:
        await self._one(Anchor(tick))
        count = await self._database.fetchval("SELECT count(*) FROM common.outbox")
        self.passed.announced += count
        await self._database.execute("TRUNCATE common.outbox")

    async def _due(self, now: int) -> Due:
        row = await self._database.fetchrow(_DUE, utc(now), self._deliver)
        assert row is not None
        soonest = row["soonest"]
        return Due(
            timers=row["timers"],
            watched=row["watched"],
            unsent=row["unsent"],
            soonest=self._year.end + 1 if soonest is None else int(soonest.timestamp()),
        )

    def _say(self, tick: int, seconds: float, place: int) -> None:
        share = place / max(1, len(self._year.happenings))
        killed = sum(count for name, count in self.passed.counts.items() if "killed" in name)
        self._tell(
            f"{utc(tick):%Y-%m-%d}: {share:.1%} of what happens, {killed} kills, {seconds:,.0f} s"
        )


def _units(happenings: Sequence[Happening]) -> list[Unit]:
    """By partition, in order; records of one moment are one batch."""
    found: dict[int, list[Batch | Act]] = {}
    for one in happenings:
        tasks = found.setdefault(one.household % PARTITIONS, [])
        if isinstance(one, Act):
            tasks.append(one)
        elif tasks and isinstance(tasks[-1], Batch) and tasks[-1].now == one.at:
            tasks[-1] = Batch(one.at, (*tasks[-1].records, one))
        else:
            tasks.append(Batch(one.at, (one,)))
    return [Unit(number, tuple(tasks)) for number, tasks in sorted(found.items())]
