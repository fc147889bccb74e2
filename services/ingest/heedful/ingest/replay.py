"""What is in quarantine, sent again."""

from datetime import datetime

from heedful.common.http.problems import Problem
from heedful.ingest import quarantine
from heedful.ingest.accept import Acceptor, Outcome
from heedful.ingest.channels import Failed, Malformed
from heedful.ingest.connections import Connection
from heedful.ingest.directory import Directory
from heedful.ingest.intake import REASONS, Intake, submission
from heedful.ingest.quarantine import Form, Origin, Reason, State, Stored
from heedful.ingest.records import Submission
from heedful.ingest.rejected_rows import submission_of_row
from heedful.ingest.store_quarantine import QuarantineStore


class Replayer:
    """Sends entries again, one at a time, as they stand now: mended, or for an adapter, a standard
    or a connection that was mended."""

    def __init__(
        self, store: QuarantineStore, directory: Directory, intake: Intake, acceptor: Acceptor
    ) -> None:
        self._store = store
        self._directory = directory
        self._intake = intake
        self._acceptor = acceptor

    async def replay(
        self, stored: Stored, content: bytes, by: str, now: datetime, traceparent: str
    ) -> str | None:
        """None when all of it is in the log now; else why it stays.

        Raises:
            Problem: 409, its connection is gone; 503, the log or the database is away.
        """
        origin = stored.origin
        if origin.import_id is not None:
            made = submission_of_row(quarantine.item_in(content), origin)
            failure = await self._accepted(origin.tenant, made, now, traceparent)
        else:
            connection = await self._connection(origin)
            if stored.form is Form.ITEM:
                made = submission(connection, quarantine.item_in(content), origin.received_at)
                failure = await self._accepted(origin.tenant, made, now, traceparent)
            else:
                failure = await self._request(connection, stored, content, now, traceparent)
        if failure is None:
            await self._store.resolve(origin.tenant, stored.id, State.REPLAYED, by, now)
            return None
        reason, detail = failure
        await self._store.tried(origin.tenant, stored.id, reason, detail)
        return detail

    async def _connection(self, origin: Origin) -> Connection:
        found = await self._directory.connection(origin.connection_id or "")
        if found is None or found.tenant != origin.tenant:
            raise Problem(
                409, "no-connection", "its connection is gone or not enabled; enable it first"
            )
        return found

    async def _accepted(
        self, tenant: str, made: Submission | str, now: datetime, traceparent: str
    ) -> tuple[Reason, str] | None:
        if isinstance(made, str):
            return Reason.INVALID, made
        result = (await self._acceptor.accept(tenant, [made], now=now, traceparent=traceparent))[0]
        if result.outcome in (Outcome.ACCEPTED, Outcome.DUPLICATE):
            return None
        return REASONS[result.outcome], result.detail or ""

    async def _request(
        self,
        connection: Connection,
        stored: Stored,
        content: bytes,
        now: datetime,
        traceparent: str,
    ) -> tuple[Reason, str] | None:
        """Read it anew with the adapter of today. Items that cannot be taken go to quarantine
        of their own."""
        if stored.form is Form.PART:
            return Reason.MALFORMED, "a part of a request cannot be read alone; post it by the API"
        received_at = stored.origin.received_at
        request = quarantine.request_in(content, received_at)
        try:
            parsed = connection.adapter.parse(request, connection.options)
        except Malformed as error:
            return Reason.MALFORMED, str(error)
        except Exception as error:  # noqa: BLE001  # a plug-in
            return Reason.FAULT, f"the adapter failed: {type(error).__name__}"
        failed = [item for item in parsed.items if isinstance(item, Failed)]
        if failed:
            return Reason.MALFORMED, failed[0].detail
        await self._intake.take(
            connection,
            parsed.items,
            received_at=received_at,
            now=now,
            traceparent=traceparent,
        )
        return None
