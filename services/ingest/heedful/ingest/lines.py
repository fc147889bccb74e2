"""Channels that do not call: they are asked, when rung or every so often, or listened to.

One process at a time has a line, by a lease; the cursor is kept after the items are in the log, so
that a process that dies asks again for what it did not take, and ids make that one item.
"""

import asyncio
import logging
import secrets
import uuid
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial

import aiohttp

from heedful.common.db.passing import MAY_PASS, passing
from heedful.common.http.problems import Problem
from heedful.common.trace import new_trace
from heedful.common.waiting import backoff
from heedful.ingest import metrics
from heedful.ingest.bell import Bell
from heedful.ingest.channels import (
    Answer,
    ChannelRequest,
    Configured,
    Fetches,
    Line,
    Listens,
    VendorFailure,
)
from heedful.ingest.channels.registry import AnyAdapter
from heedful.ingest.connections import Connection
from heedful.ingest.directory import Directory
from heedful.ingest.intake import Intake
from heedful.ingest.outbound import Outbound
from heedful.ingest.receiving import Receiver
from heedful.ingest.store_connections import ConnectionStore
from heedful.ingest.store_lines import Lease, LineStore

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
PAGE_S = 45.0
"""Longest time for one page; less than the lease."""

MAX_LINES = 50
"""Lines that one process has at a time."""

_LOOK_EVERY_S = 1.0
_STALL_S = 60.0
_FIRST_PAUSE_S = 2.0
_LONGEST_PAUSE_S = 300.0
_RENEW_S = LEASE.total_seconds() / 3


class Lines:
    """The lines that this process has; a part beside the consumers."""

    name = "ingest.lines"

    def __init__(
        self,
        store: LineStore,
        connections: ConnectionStore,
        directory: Directory,
        intake: Intake,
        receiver: Receiver,
        adapters: Mapping[str, AnyAdapter],
        outbound: Outbound,
        bell: Bell,
    ) -> None:
        self._store = store
        self._connections = connections
        self._directory = directory
        self._intake = intake
        self._receiver = receiver
        self._channels = [
            name for name, adapter in adapters.items() if isinstance(adapter, Fetches | Listens)
        ]
        self._outbound = outbound
        self._bell = bell
        self._owner = f"lines-{uuid.uuid4()}"
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._progress_at: float | None = None

    async def run(self) -> None:
        """Until `stop`; the lines are given back then."""
        loop = asyncio.get_running_loop()
        async with self._outbound.session() as http:
            while not self._stopping:
                self._progress_at = loop.time()
                try:
                    await self._look(http)
                except MAY_PASS as error:
                    if not passing(error):
                        raise
                    log.warning("lines wait", extra={"error": type(error).__name__})
                await self._bell.wait(_LOOK_EVERY_S)
            for task in self._tasks:
                task.cancel()
            if self._tasks:
                await asyncio.wait(self._tasks)

    def stop(self) -> None:
        self._stopping = True
        self._bell.wake()

    def healthy(self, now: float) -> bool:
        return self._progress_at is None or now - self._progress_at < _STALL_S

    async def _look(self, http: aiohttp.ClientSession) -> None:
        rung = self._bell.answered()
        try:
            if rung:
                await self._store.ring(sorted(rung))
        except BaseException:
            for connection_id, hint in rung.items():
                self._bell.ring(connection_id, hint)
            raise
        room = MAX_LINES - len(self._tasks)
        if not self._channels or room <= 0:
            return
        for held in await self._store.claim(self._owner_once(), self._channels, LEASE, room):
            task = asyncio.create_task(self._have(held, http, rung.get(held.connection_id)))
            self._tasks.add(task)
            task.add_done_callback(self._given_back)

    def _owner_once(self) -> str:
        """Another name for each claim: a lease that ran out and was taken anew by this same
        process is another lease."""
        return f"{self._owner}-{secrets.token_hex(4)}"

    def _given_back(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a line failed", exc_info=error)

    async def _have(self, held: Lease, http: aiohttp.ClientSession, hint: str | None) -> None:
        try:
            await self._use(held, http, hint)
        except asyncio.CancelledError:
            # At shutdown, wherever it was: another process may have the line at once.
            with suppress(*MAY_PASS):
                await self._store.done(held, timedelta(0))
            raise
        except MAY_PASS as error:
            # Its lease runs out.
            log.warning("a line was not given back", extra={"error": type(error).__name__})

    async def _use(self, held: Lease, http: aiohttp.ClientSession, hint: str | None) -> None:
        connection = await self._directory.connection(held.connection_id)
        if connection is None:
            return
        channel, outbound = connection.adapter.name, self._outbound
        line = Line(
            connection.id,
            http,
            outbound.base_url,
            outbound.allow_private,
            hint,
            partial(self._keep, connection),
        )
        try:
            again_in = await self._reach(connection, line, held)
        except Exception as error:  # noqa: BLE001  # a plug-in and its vendor
            metrics.FETCHED.labels(channel, "failed").inc()
            await self._failed(held, error)
        else:
            metrics.FETCHED.labels(channel, "ok").inc()
            await self._store.done(held, again_in)

    async def _reach(self, connection: Connection, line: Line, held: Lease) -> timedelta:
        """Until there is no more to take, or nothing to hear. Returns when it is due again."""
        adapter = connection.adapter
        if isinstance(adapter, Listens):
            await self._listen(connection, adapter, line, held)
        elif isinstance(adapter, Fetches):
            await self._fetch(connection, adapter, line, held)
            return adapter.every
        return timedelta(0)

    async def _keep(self, connection: Connection, given: Configured) -> None:
        kept = await self._connections.replace(connection.id, connection.secrets, given)
        # What the next fetch is shown is read anew: either way the copy here is not the last word.
        self._directory.changed()
        if kept:
            log.info("a vendor has replaced secrets", extra={"connection": connection.id})

    async def _fetch(
        self, connection: Connection, adapter: Fetches, line: Line, held: Lease
    ) -> None:
        cursor = held.cursor
        while True:
            now = datetime.now(UTC)
            async with asyncio.timeout(PAGE_S):
                page = await adapter.fetch(
                    line, connection.secrets, connection.options, cursor, now
                )
                await self._intake.take(
                    connection,
                    page.items,
                    received_at=now,
                    now=now,
                    traceparent=new_trace(),
                )
            cursor = page.cursor
            if not await self._store.advance(held, cursor, LEASE):
                raise VendorFailure("another process has this line now")
            if not page.more:
                return

    async def _listen(
        self, connection: Connection, adapter: Listens, line: Line, held: Lease
    ) -> None:
        async def given(request: ChannelRequest) -> Answer:
            return await self._receiver.deliver(connection, request, new_trace())

        listening = asyncio.create_task(
            adapter.listen(line, connection.secrets, connection.options, given)
        )
        try:
            while True:
                done, _ = await asyncio.wait({listening}, timeout=_RENEW_S)
                if done:
                    return await listening
                current = await self._directory.connection(connection.id)
                if current is None or current.updated_at != connection.updated_at:
                    return None
                if not await self._store.renew(held, LEASE):
                    raise VendorFailure("another process has this line now")
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await listening

    async def _failed(self, held: Lease, error: Exception) -> None:
        pause = timedelta(seconds=backoff(held.failures + 1, _FIRST_PAUSE_S, _LONGEST_PAUSE_S))
        asked = error.retry_after if isinstance(error, VendorFailure) else None
        ours = isinstance(error, VendorFailure | Problem)
        said = str(error) if ours else f"the adapter failed: {type(error).__name__}"
        log.warning(
            "a vendor did not answer as documented",
            extra={"connection": held.connection_id, "error": said},
            exc_info=None if ours else error,
        )
        await self._store.failed(held, said, asked or pause)
