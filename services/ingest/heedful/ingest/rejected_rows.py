"""Rows of files that were not taken: to quarantine, and from there to the log."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from heedful.common.contracts import Provenance
from heedful.common.wording import describe
from heedful.ingest import metrics
from heedful.ingest.channels import Kind
from heedful.ingest.importing.rejects import Reject
from heedful.ingest.imports import ADAPTER, ADAPTER_VERSION
from heedful.ingest.intake import Intake
from heedful.ingest.models import PostedFeedback
from heedful.ingest.quarantine import Entry, KeptItem, Origin, Reason
from heedful.ingest.records import Submission
from heedful.ingest.store_quarantine import QuarantineStore


class RejectedRows:
    """Keeps rows in quarantine.

    Args:
        most: of one import; more are in its report alone.
    """

    def __init__(self, engine: AsyncEngine, kept: QuarantineStore, most: int) -> None:
        self._engine = engine
        self._kept = kept
        self._most = most

    async def add(self, connection: AsyncConnection, entries: Sequence[Entry]) -> int:
        """In the caller's transaction; how many there was room for."""
        number = await self._kept.add_rows(connection, entries, self._most)
        for entry in entries[:number]:
            metrics.QUARANTINED.labels(ADAPTER, entry.reason.value).inc()
        return number

    async def keep(self, entries: Sequence[Entry]) -> int:
        """As `add`, at once."""
        async with self._engine.begin() as connection:
            return await self.add(connection, entries)


def entries_of(
    intake: Intake,
    tenant: str,
    import_id: str,
    mapping: Mapping[str, str],
    rows: Sequence[Reject],
    now: datetime,
) -> Sequence[Entry]:
    """What is to be kept of rows.

    Args:
        mapping: field -> column, of the whole file.
    """
    return [
        intake.entry(
            Origin(tenant, ADAPTER, None, ADAPTER_VERSION, now, import_id, row.number),
            KeptItem(Kind.FEEDBACK, row.fields, mapping),
            Reason(row.reason),
            row.detail,
        )
        for row in rows
    ]


def submission_of_row(item: KeptItem, origin: Origin) -> Submission | str:
    """The item that a mended row makes, or what is wrong with it."""
    try:
        posted = PostedFeedback.model_validate(dict(item.fields))
        provenance = Provenance(
            adapter=ADAPTER, version=origin.adapter_version, mapping=dict(item.mapping)
        )
    except ValidationError as error:
        return describe(error)
    return Submission(posted, provenance, origin.received_at)
