"""Takes what was uploaded: reads the rows of an import, batch by batch, and has them accepted.

A process that dies leaves its lease behind; another one, or the same after its restart, goes on
behind the last batch that was written down. Rows of the batch in between are sent again, and told
as duplicates then.
"""

import asyncio
import io
import logging
import secrets
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from heedful.common.contracts import Provenance
from heedful.common.db.passing import MAY_PASS, passing
from heedful.common.errors import ConfigurationError
from heedful.common.http.problems import Problem
from heedful.common.quota.quota import Quota
from heedful.common.security import Principal
from heedful.common.service import Periodic
from heedful.common.trace import new_trace
from heedful.common.waiting import backoff, came
from heedful.ingest import metrics
from heedful.ingest.accept import Acceptor
from heedful.ingest.importing.reading import Outcome, Reading, sendable
from heedful.ingest.importing.records import Limits, Unreadable
from heedful.ingest.importing.rejects import rejects
from heedful.ingest.importing.report import lines_of, written
from heedful.ingest.importing.rows import Item
from heedful.ingest.imports import (
    ADAPTER,
    ADAPTER_VERSION,
    CHUNK_BYTES,
    LEASE,
    Held,
    ImportState,
)
from heedful.ingest.intake import Intake
from heedful.ingest.records import Submission
from heedful.ingest.rejected_rows import entries_of
from heedful.ingest.store_imports import ImportStore
from heedful.ingest.stored_file import StoredFile

log = logging.getLogger(__name__)

BATCH_ROWS: Final = 200
"""Small, so that what is posted meanwhile does not wait behind it."""

_LOOK_EVERY_S: Final = 5.0
_STALL_S: Final = 180.0
_PURGE_EVERY_S: Final = 600.0
_RENEW_S: Final = LEASE.total_seconds() / 3
_FIRST_PAUSE_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 30.0
_LATER: Final = frozenset({429, 503})
_TOO_MANY: Final = 413


class _Lost(Exception):  # not an error: it was cancelled, or another process has it
    pass


class _Stopped(Exception):  # not an error: this process ends
    pass


class ImportWorker(Periodic):
    """One import at a time.

    Args:
        kept: how long an import is told of after its end.
    """

    def __init__(
        self,
        store: ImportStore,
        acceptor: Acceptor,
        intake: Intake,
        quota: Quota,
        limits: Limits,
        kept: timedelta,
    ) -> None:
        super().__init__("ingest.imports", self._step, _STALL_S)
        self._store = store
        self._acceptor = acceptor
        self._intake = intake
        self._quota = quota
        self._limits = limits
        self._kept = kept
        self._owner = f"imports-{uuid.uuid4()}"
        self._failures = 0
        self._purged_at = float("-inf")

    async def _step(self) -> float:
        """Work on an import to its end; seconds until the next look."""
        try:
            worked = await self._one()
        except MAY_PASS as error:
            if not passing(error):
                raise
            self._failures += 1
            log.warning("imports wait", extra={"error": type(error).__name__})
            return backoff(self._failures, _FIRST_PAUSE_S, _LONGEST_PAUSE_S)
        self._failures = 0
        return 0.0 if worked else _LOOK_EVERY_S

    async def _one(self) -> bool:
        """Whether there was one to work on. One that is under way when the process is to stop is
        given back behind its last batch."""
        now = asyncio.get_running_loop().time()
        if now - self._purged_at > _PURGE_EVERY_S:
            await self._store.purge(self._kept)
            self._purged_at = now
        metrics.IMPORTS_WAITING.set(await self._store.waiting())
        # Another name each time: a lease that ran out and was taken anew here is another lease.
        held = await self._store.claim(f"{self._owner}-{secrets.token_hex(4)}", LEASE)
        if held is None:
            return False
        work = asyncio.create_task(self._have(held))
        keeping = asyncio.create_task(self._keep(held))
        try:
            await asyncio.wait({work, keeping}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                await work
        finally:
            work.cancel()
            keeping.cancel()
            await asyncio.gather(work, keeping, return_exceptions=True)
        return True

    async def _keep(self, held: Held) -> None:
        """Hold the lease; returns when it is lost, so that the work ends."""
        while True:
            await asyncio.sleep(_RENEW_S)
            self.progressed()
            try:
                if not await self._store.hold(held, LEASE):
                    return
            except MAY_PASS as error:
                if not passing(error):
                    raise
                log.warning("a lease could not be renewed", extra={"import": held.one.id})

    async def _have(self, held: Held) -> None:
        failure: str | None
        try:
            failure = await self._read(held)
        except _Lost:
            log.info("an import was cancelled or taken over", extra={"import": held.one.id})
            return
        except _Stopped:
            await self._store.give_back(held)
            return
        except (Unreadable, ConfigurationError) as error:
            failure = str(error)
        except Exception as error:  # a fault of ours must not stop ingest again and again
            if isinstance(error, MAY_PASS) and passing(error):
                await self._store.give_back(held)
                raise
            log.error("an import failed", extra={"import": held.one.id}, exc_info=error)
            failure = "an unexpected error; it was logged"
        state = ImportState.DONE if failure is None else ImportState.FAILED
        if await self._store.end(held, state, failure):
            metrics.IMPORTS.labels(state.value).inc()

    async def _read(self, held: Held) -> str | None:
        """Read what is left of the file; why it could not be read to its end, if it could not."""
        one, counts = held.one, held.one.counts
        piece = partial(self._store.chunk, one.id)
        stored = StoredFile(one.file_bytes, piece, asyncio.get_running_loop())
        file = io.BufferedReader(stored, CHUNK_BYTES)
        reading = await asyncio.to_thread(Reading, file, held.plan, self._limits)
        batches = reading.batches(BATCH_ROWS, counts.last_row)
        traceparent = new_trace()
        nothing: list[Outcome] = []
        while batch := await asyncio.to_thread(next, batches, nothing):
            self.progressed()
            results = await self._accepted(held, sendable(batch), traceparent)
            lines = lines_of(batch, results)
            counts = counts.plus(lines)
            rejected = entries_of(
                self._intake,
                one.tenant,
                one.id,
                held.plan.mapping(),
                rejects(batch, lines, results),
                datetime.now(UTC),
            )
            done = await self._store.advance(
                held, counts, reading.fraction, written(lines), rejected, LEASE
            )
            if not done:
                raise _Lost
            for line in lines:
                metrics.IMPORT_ROWS.labels(line.status.value).inc()
            if self.stopping.is_set():
                raise _Stopped
        return None if reading.stopped is None else str(reading.stopped)

    async def _accepted(
        self, held: Held, items: Sequence[Item], traceparent: str
    ) -> list[tuple[str, str]]:
        """What became of the items: ingest's word for each, and what is wrong."""
        provenance = Provenance(
            adapter=ADAPTER, version=ADAPTER_VERSION, mapping=held.plan.mapping()
        )
        submissions = [Submission(item.posted, provenance) for item in items]
        failures = 0
        while True:
            try:
                await self._spend(held, len(items))
                found = await self._acceptor.accept(
                    held.one.tenant, submissions, now=datetime.now(UTC), traceparent=traceparent
                )
            except Problem as problem:
                if problem.status not in _LATER:
                    raise
                failures += 1
                asked = float(problem.headers.get("Retry-After", "0"))
            else:
                return [(one.outcome.value, one.detail or "") for one in found]
            pause = backoff(failures, _FIRST_PAUSE_S, _LONGEST_PAUSE_S)
            if await came(self.stopping, max(pause, min(asked, _LONGEST_PAUSE_S))):
                raise _Stopped
            self.progressed()

    async def _spend(self, held: Held, items: int) -> None:
        """Rows count against the quotas as items that are posted do; as many as a burst allows at
        a time."""
        spender = Principal(held.one.tenant, held.one.created_by, frozenset())
        try:
            await self._quota.take(spender, items=items)
        except Problem as problem:
            if problem.status != _TOO_MANY or items <= 1:
                raise
            await self._spend(held, items // 2)
            await self._spend(held, items - items // 2)
