"""SQL of the machine's enrichments that can be corrected."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.common.contracts import Enrichment
from heedful.nlp.records import FeedbackKey, Kept

# In one order for everybody: two members may keep the same feedback in two versions.
_KEEP = text(
    """
    INSERT INTO nlp.enrichment AS known (
        tenant, source, feedback_id, id, enriched_at, colour, backfill, key, payload)
    SELECT * FROM unnest(
        CAST(:tenants AS text[]), CAST(:sources AS text[]), CAST(:feedback_ids AS text[]),
        CAST(:ids AS text[]), CAST(:times AS timestamptz[]), CAST(:colours AS text[]),
        CAST(:backfills AS boolean[]), CAST(:keys AS text[]), CAST(:payloads AS text[])
    ) AS w (tenant, source, feedback_id, id, enriched_at, colour, backfill, key, payload)
    ORDER BY tenant, source, feedback_id
    ON CONFLICT (tenant, source, feedback_id) DO UPDATE
    SET id = excluded.id, enriched_at = excluded.enriched_at, colour = excluded.colour,
        backfill = excluded.backfill, key = excluded.key, payload = excluded.payload
    WHERE known.enriched_at < excluded.enriched_at
    RETURNING tenant, source, feedback_id
    """
)

_LOCK = text(
    """
    SELECT key, payload FROM nlp.enrichment
    WHERE tenant = :tenant AND source = :source AND feedback_id = :id FOR UPDATE
    """
)

_PRUNE = text("DELETE FROM nlp.enrichment WHERE enriched_at < :before")


async def keep(connection: AsyncConnection, found: Sequence[Kept]) -> set[FeedbackKey]:
    """Keep each, one per feedback, unless a newer one is there; gives what is new, locked."""
    rows = await connection.execute(
        _KEEP,
        {
            "tenants": [one.key.tenant for one in found],
            "sources": [one.key.source for one in found],
            "feedback_ids": [one.key.id for one in found],
            "ids": [one.enrichment.id for one in found],
            "times": [one.enrichment.enriched_at for one in found],
            "colours": [one.enrichment.light.colour.value for one in found],
            # What is judged anew travels as history, and was none.
            "backfills": [
                one.enrichment.feedback.backfill and not one.enrichment.reprocessed for one in found
            ],
            "keys": [one.record_key for one in found],
            "payloads": [one.enrichment.encode().decode() for one in found],
        },
    )
    return {FeedbackKey(row.tenant, row.source, row.feedback_id) for row in rows}


async def lock(connection: AsyncConnection, key: FeedbackKey) -> Kept | None:
    """The enrichment of a feedback, which nobody else corrects until the commit."""
    row = (await connection.execute(_LOCK, key._asdict())).one_or_none()
    return None if row is None else Kept(Enrichment.parse(row.payload.encode()), row.key)


async def prune(connection: AsyncConnection, before: datetime) -> None:
    """Forget what is older."""
    await connection.execute(_PRUNE, {"before": before})
