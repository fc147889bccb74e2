"""Sends notices: at least once, under one id, never inside a transaction.

A step leases as many deliveries as there are free places and starts a task for each message. The
lease outlives the request's timeout, so a second worker takes over only what a dead one left.
Robots have budgets: what does not fit goes into one message that lists them.
"""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import metrics, schedule, store_budgets, store_deliveries
from heedful.alerting.budgets import allot
from heedful.alerting.composing import Style, Told, compose, compose_digest
from heedful.alerting.database import Database, surviving
from heedful.alerting.delivery_records import Account, Task
from heedful.alerting.formats import FORMATS
from heedful.alerting.formats.base import Message, Outcome, Verdict
from heedful.alerting.links.carrying import CarriedLinks
from heedful.alerting.outcomes import OutcomeWriter
from heedful.alerting.schedule import DeliveryState, Settlement
from heedful.alerting.sending import Result, Sender
from heedful.alerting.store_outcomes import Attempt, Settled
from heedful.alerting.timers import TICK_S, wait_until
from heedful.common import traceparent
from heedful.common.events import deterministic_id

_LEASE_MARGIN_S = 30.0
_GATHER_S = 0.02
_NOWHERE = Result(Verdict(Outcome.RETRY, "the endpoint was deleted or disabled"), duration_s=0.0)


class DeliveryLoop:
    """Claims deliveries and sends them.

    Args:
        links: those that messages carry.
        spread: gives the jitter of a retry, between -1 and 1.
        woken: called when a place has become free.
    """

    def __init__(
        self,
        database: Database,
        sender: Sender,
        worker: str,
        *,
        links: CarriedLinks,
        concurrency: int,
        timeout_seconds: float,
        woken: Callable[[], None],
        spread: Callable[[], float] = lambda: random.uniform(-1, 1),  # noqa: S311  # jitter
    ) -> None:
        self._database = database
        self._sender = sender
        self._worker = worker
        self._links = links
        self._concurrency = concurrency
        self._timeout = timeout_seconds
        self._woken = woken
        self._spread = spread
        self._lease = timedelta(seconds=timeout_seconds + _LEASE_MARGIN_S)
        self._outcomes = OutcomeWriter(database, worker)
        self._tasks: set[asyncio.Task[float]] = set()
        self._gather_until = 0.0

    async def step(self) -> float:
        """Start what is due; gives the wait for the next step."""
        self._reap()
        free = self._concurrency - len(self._tasks)
        if free <= 0:
            return TICK_S  # the next free place wakes the loop earlier
        if free < self._concurrency // 4 and time.monotonic() < self._gather_until:
            return _GATHER_S  # a few places more make one claim of many small ones
        self._gather_until = time.monotonic() + _GATHER_S
        async with self._database.begin() as (connection, now):
            until = now + self._lease
            messages = await self._of_robots(connection, now, until, free)
            free -= len(messages)
            if free > 0:
                tasks = await store_deliveries.claim(connection, now, self._worker, until, free)
                messages += [(task,) for task in tasks]
            wait = wait_until(now, await store_deliveries.next_due(connection, now))
        for message in messages:
            running = asyncio.create_task(self._guarded(message, now))
            self._tasks.add(running)
            running.add_done_callback(lambda _: self._woken())
        return wait

    @property
    def busy(self) -> bool:
        """Whether anything is under way."""
        return bool(self._tasks)

    async def drained(self) -> None:
        """Wait for what is under way."""
        while self._tasks:
            await asyncio.wait(self._tasks)
            self._reap()

    async def stop(self) -> None:
        """Finish what is under way, at most one timeout long."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=self._timeout)
            for task in late:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._sender.close()

    def _reap(self) -> None:
        for task in [task for task in self._tasks if task.done()]:
            self._tasks.remove(task)
            task.result()  # an unexpected error stops the loop, and with it the process

    async def _of_robots(
        self, connection: AsyncConnection, now: datetime, until: datetime, limit: int
    ) -> list[tuple[Task, ...]]:
        """Messages within the budgets, each with the deliveries that it carries."""
        found: list[tuple[Task, ...]] = []
        for robot in await store_budgets.ready(connection, now, limit):
            form = FORMATS[robot.kind]
            if form.budget is None:
                continue
            bucket = robot.bucket.filled(form.budget, now)
            free = min(bucket.free(now), limit - len(found))
            most = free + form.digest
            due = await store_deliveries.due_for_robot(connection, now, robot.id, most)
            messages = allot(due, free, form.digest)
            ids = [one.id for message in messages for one in message]
            tasks = await store_deliveries.claim_ids(connection, now, self._worker, until, ids)
            found += [tuple(tasks[one.id] for one in message) for message in messages]
            bucket = bucket.take(len(messages))
            await store_budgets.keep(connection, now, robot.id, bucket, form.budget)
        return found

    async def _guarded(self, tasks: Sequence[Task], now: datetime) -> float:
        async def deliver() -> float:
            await self._deliver(tasks, now)
            return 0.0

        return await surviving("delivery", deliver)()

    async def _deliver(self, tasks: Sequence[Task], now: datetime) -> None:
        account = tasks[0].account
        digest = _digest_id(tasks)
        if account is None:
            result = _NOWHERE
        else:
            message = await self._message(tasks, account, digest, now)
            # A message of several goes on with the first.
            with traceparent.continuing(tasks[0].traceparent):
                result = await self._sender.send(account, message, now)
        at = now + timedelta(seconds=result.duration_s)
        attempt = Attempt(
            at=at,
            status=result.status,
            error=result.verdict.reason,
            duration_ms=int(result.duration_s * 1000),
            response=result.response,
            digest=digest,
        )
        await self._outcomes.write(
            [
                Settled(task, attempt, self._settlement(task, result, at), result.verdict.mute)
                for task in tasks
            ]
        )

    async def _message(
        self, tasks: Sequence[Task], account: Account, digest: str | None, now: datetime
    ) -> Message:
        told = [Told(task.id, task.body, task.mentions, task.forwarded) for task in tasks]
        form = FORMATS[account.kind]
        style = Style(account.language, account.timezone, account.own)
        if digest is not None:
            metrics.DIGESTED.inc(len(tasks))
            return compose_digest(digest, told, form, style)
        links = await self._links.of(tasks[0], account, told[0], now)
        message, wrong = compose(told[0], form, style, links)
        if wrong is not None:
            metrics.TEMPLATES_FAILED.inc()
        return message

    def _settlement(self, task: Task, result: Result, at: datetime) -> Settlement:
        if task.account is None:
            return Settlement(DeliveryState.DISCARDED, None, "discarded")
        asked = schedule.parse_retry_after(result.retry_after, at)
        return schedule.settle(result.verdict, at, task.attempts + 1, asked, self._spread())


def _digest_id(tasks: Sequence[Task]) -> str | None:
    """The id of a message that carries several notices; None for one of its own."""
    if len(tasks) == 1:
        return None
    return deterministic_id("digest", tasks[0].id, str(tasks[0].fence))
