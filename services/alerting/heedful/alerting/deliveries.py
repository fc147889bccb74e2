"""Sends webhooks: at least once, under one id, never inside a transaction.

A step leases as many deliveries as there are free places and starts a task for each. The lease
outlives the request's timeout, so a second worker takes over only what a dead one left.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from heedful.alerting import metrics, schedule, store_deliveries, store_endpoints, webhook
from heedful.alerting.database import Database, surviving
from heedful.alerting.store_deliveries import Attempt, DeliveryState, Task
from heedful.alerting.timers import TICK_S, wait_until
from heedful.common.errors import ConfigurationError
from heedful.common.http.targets import guarded_socket, refusal
from heedful.common.security import SecretBox
from heedful.common.version import service_version

log = logging.getLogger(__name__)

_LEASE_MARGIN_S = 30.0
_GONE = 410
_READ_AT_MOST = 64 * 1024
_WRITERS = 2


class _Failed(Exception):  # not an error: a receiver that does not take it
    def __init__(self, error: str, status: int | None = None, retry_after: str | None = None):
        super().__init__(error)
        self.error = error
        self.status = status
        self.retry_after = retry_after


class DeliveryLoop:
    """Claims deliveries and sends them.

    Args:
        spread: gives the jitter of a retry, between -1 and 1.
        woken: called when a place has become free.
    """

    def __init__(
        self,
        database: Database,
        secrets: SecretBox,
        worker: str,
        *,
        concurrency: int,
        timeout_seconds: float,
        allow_private: bool,
        woken: Callable[[], None],
        spread: Callable[[], float] = lambda: random.uniform(-1, 1),  # noqa: S311  # jitter
    ) -> None:
        self._database = database
        self._secrets = secrets
        self._worker = worker
        self._concurrency = concurrency
        self._timeout = timeout_seconds
        self._allow_private = allow_private
        self._woken = woken
        self._spread = spread
        self._lease = timedelta(seconds=timeout_seconds + _LEASE_MARGIN_S)
        self._tasks: set[asyncio.Task[float]] = set()
        self._session: aiohttp.ClientSession | None = None
        # Each task stores its outcome; they must not take every connection of the pool.
        self._writers = asyncio.Semaphore(_WRITERS)

    async def step(self) -> float:
        """Start what is due; gives the wait for the next step."""
        self._reap()
        free = self._concurrency - len(self._tasks)
        if free <= 0:
            return TICK_S  # the next free place wakes the loop earlier
        async with self._database.begin() as (connection, now):
            tasks = await store_deliveries.claim(
                connection, now, self._worker, now + self._lease, free
            )
            wait = wait_until(now, await store_deliveries.next_due(connection, now))
        for task in tasks:
            running = asyncio.create_task(self._guarded(task, now))
            self._tasks.add(running)
            running.add_done_callback(lambda _: self._woken())
        return wait

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
        if self._session is not None:
            await self._session.close()

    def _reap(self) -> None:
        for task in [task for task in self._tasks if task.done()]:
            self._tasks.remove(task)
            task.result()  # an unexpected error stops the loop, and with it the process

    async def _guarded(self, task: Task, now: datetime) -> float:
        async def deliver() -> float:
            await self._deliver(task, now)
            return 0.0

        return await surviving("delivery", deliver)()

    async def _deliver(self, task: Task, now: datetime) -> None:
        started = time.monotonic()
        failed: _Failed | None = None
        status: int | None = None
        if task.url is None or task.sealed is None:
            failed = _Failed("the endpoint was deleted or disabled")
        else:
            try:
                status = await self._send(task, task.url, task.sealed, now)
            except _Failed as error:
                failed = error
        spent = time.monotonic() - started
        at = now + timedelta(seconds=spent)
        attempt = Attempt(
            at=at,
            status=failed.status if failed else status,
            error=failed.error if failed else None,
            duration_ms=int(spent * 1000),
        )
        await self._store(task, attempt, failed)

    async def _store(self, task: Task, attempt: Attempt, failed: _Failed | None) -> None:
        state, next_at, outcome = self._verdict(task, attempt, failed)
        async with self._writers, self._database.begin() as (connection, now):
            ours = await store_deliveries.finish(
                connection, task, self._worker, attempt, state, next_at
            )
            if outcome == "gone":
                await store_endpoints.disable(connection, now, task.endpoint_id)
        metrics.DELIVERIES.labels(outcome).inc()
        extra = {"delivery": task.id, "endpoint": task.endpoint_id, "outcome": outcome}
        if not ours:
            log.info("the delivery was replayed or taken over meanwhile", extra=extra)
        if failed is not None:
            log.warning("webhook not delivered", extra={**extra, "error": failed.error})

    def _verdict(
        self, task: Task, attempt: Attempt, failed: _Failed | None
    ) -> tuple[DeliveryState, datetime | None, str]:
        if failed is None:
            return DeliveryState.DELIVERED, None, "delivered"
        if task.url is None:
            return DeliveryState.DISCARDED, None, "discarded"
        if failed.status == _GONE:
            return DeliveryState.FAILED, None, "gone"
        asked = schedule.parse_retry_after(failed.retry_after, attempt.at)
        next_at = schedule.next_try(attempt.at, task.attempts + 1, asked, self._spread())
        if next_at is None:
            return DeliveryState.FAILED, None, "exhausted"
        return DeliveryState.PENDING, next_at, "failed"

    async def _send(self, task: Task, url: str, sealed: bytes, now: datetime) -> int:
        """Send once; gives the status.

        Raises:
            _Failed: not answered with 2xx.
        """
        wrong = refusal(url, allow_private=self._allow_private)
        if wrong is not None:
            raise _Failed(wrong)
        try:
            secret = self._secrets.open(sealed, f"endpoint:{task.endpoint_id}").decode()
        except ConfigurationError as error:
            raise _Failed(str(error)) from error
        signed = webhook.headers(secret, task.id, now, task.body)
        try:
            async with self._http().post(
                url, data=task.body, headers=signed, allow_redirects=False
            ) as response:
                await response.content.read(_READ_AT_MOST)
                if 200 <= response.status < 300:
                    return response.status
                raise _Failed(
                    f"answered {response.status}",
                    response.status,
                    response.headers.get("retry-after"),
                )
        except TimeoutError as error:
            raise _Failed(f"no answer within {self._timeout:g} s") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            # The text of a client error may hold the URL, and that may hold a token.
            raise _Failed(f"not reachable: {_cause(error)}") from error

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            guard: dict[str, Any] = (
                {} if self._allow_private else {"socket_factory": guarded_socket}
            )
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._concurrency, **guard),
                timeout=aiohttp.ClientTimeout(total=self._timeout, connect=self._timeout),
                headers={
                    "content-type": "application/json",
                    "user-agent": f"heedful/{service_version()}",
                },
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
            )
        return self._session


def _cause(error: BaseException) -> str:
    inner = getattr(error, "os_error", error)
    return type(inner).__name__
