"""SQL of corrections. Rows are only ever added; an erasure takes the words out of them."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.common.contracts import Actor, ActorType, Correction, Versions
from heedful.common.retention import WHOSE, Rule
from heedful.nlp.records import Basis, FeedbackKey, StoredCorrection

_COLUMNS = """
    id, tenant, source, feedback_id, enrichment_id, label, was, value, note, basis,
    actor_type, actor_id, at, versions, text
"""

_INSERT = text(
    f"""
    INSERT INTO nlp.correction ({_COLUMNS})
    VALUES (
        :id, :tenant, :source, :feedback_id, :enrichment_id, :label, :was, :value, :note, :basis,
        :actor_type, :actor_id, :at, CAST(:versions AS jsonb), :text)
    """  # noqa: S608  # a constant
)

_OF = text(
    f"""
    SELECT {_COLUMNS} FROM nlp.correction
    WHERE (tenant, source, feedback_id) IN (SELECT * FROM unnest(
        CAST(:tenants AS text[]), CAST(:sources AS text[]), CAST(:ids AS text[])))
    ORDER BY at, id
    """  # noqa: S608  # a constant
)

_PAGE = text(
    f"""
    SELECT {_COLUMNS} FROM nlp.correction
    WHERE tenant = :tenant
        AND (CAST(:label AS text) IS NULL OR label = :label)
        AND (CAST(:source AS text) IS NULL OR source = :source)
        AND (CAST(:feedback_id AS text) IS NULL OR feedback_id = :feedback_id)
        AND (CAST(:after_at AS timestamptz) IS NULL OR (at, id) < (:after_at, :after_id))
    ORDER BY at DESC, id DESC LIMIT :limit
    """  # noqa: S608  # a constant
)

_SINCE = text(
    f"""
    SELECT {_COLUMNS} FROM nlp.correction
    WHERE text IS NOT NULL
        AND (CAST(:tenant AS text) IS NULL OR tenant = :tenant)
        AND (CAST(:since AS timestamptz) IS NULL OR at >= :since)
    ORDER BY at, id
    """  # noqa: S608  # a constant
)

_ERASING = text("SELECT set_config('heedful.erasing', 'on', true)")

_WHOSE = """
    FROM unnest(
        CAST(:sources AS text[]), CAST(:ids AS text[]), CAST(:pseudonyms AS text[])
    ) AS w (source, id, pseudonym)
    WHERE t.tenant = :tenant AND t.source = w.source AND t.feedback_id = w.id
"""
_USING = _WHOSE.replace("FROM", "USING", 1)
_EMPTY = "note = NULL, source = :erased, feedback_id = w.pseudonym, enrichment_id = :erased"
# The row of the enrichment goes first, as it does for whoever corrects: who waits sees it gone.
_ERASE = {
    "enrichments": text(f"DELETE FROM nlp.enrichment t {_USING}"),  # noqa: S608  # constants
    "sample_items": text(f"DELETE FROM nlp.sample t {_USING}"),  # noqa: S608
    "corrections": text(f"UPDATE nlp.correction t SET text = NULL, {_EMPTY} {_WHOSE}"),  # noqa: S608
    "verdicts": text(
        f"UPDATE nlp.verdict t SET sample_id = w.pseudonym, {_EMPTY} {_WHOSE}"  # noqa: S608
    ),
}
ERASED = "erased"
"""The source of what was corrected, once its feedback is erased."""

_FORGET_WORDS = text(
    f"""
    UPDATE nlp.correction SET text = NULL, note = NULL WHERE id IN (
        SELECT id FROM nlp.correction
        WHERE (text IS NOT NULL OR note IS NOT NULL) AND at < :before AND {WHOSE}
        ORDER BY at LIMIT :limit FOR UPDATE SKIP LOCKED)
    """  # noqa: S608  # a constant
)
_FORGET_NOTES = text(
    f"""
    UPDATE nlp.verdict SET note = NULL WHERE sample_id IN (
        SELECT sample_id FROM nlp.verdict WHERE note IS NOT NULL AND at < :before AND {WHOSE}
        ORDER BY at LIMIT :limit FOR UPDATE SKIP LOCKED)
    """  # noqa: S608  # a constant
)


async def insert(connection: AsyncConnection, made: StoredCorrection) -> None:
    correction = made.correction
    await connection.execute(
        _INSERT,
        {
            "id": correction.id,
            "tenant": made.key.tenant,
            "source": made.key.source,
            "feedback_id": made.key.id,
            "enrichment_id": made.enrichment_id,
            "label": correction.label,
            "was": correction.was,
            "value": correction.value,
            "note": made.note,
            "basis": made.basis.value,
            "actor_type": correction.actor.type.value,
            "actor_id": correction.actor.id,
            "at": correction.at,
            "versions": orjson.dumps(made.versions.model_dump(exclude_none=True)).decode(),
            "text": made.text,
        },
    )


async def of(
    connection: AsyncConnection, keys: Collection[FeedbackKey]
) -> Mapping[FeedbackKey, Sequence[Correction]]:
    """The corrections of each feedback that has some, oldest first."""
    rows = await connection.execute(
        _OF,
        {
            "tenants": [key.tenant for key in keys],
            "sources": [key.source for key in keys],
            "ids": [key.id for key in keys],
        },
    )
    found: dict[FeedbackKey, list[Correction]] = {}
    for row in rows:
        stored = _stored(row)
        found.setdefault(stored.key, []).append(stored.correction)
    return found


async def page(
    connection: AsyncConnection,
    tenant: str,
    *,
    label: str | None,
    source: str | None,
    feedback_id: str | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[StoredCorrection]:
    """Corrections of a tenant, the newest first, behind the one of that time and id."""
    at, last = after or (None, None)
    rows = await connection.execute(
        _PAGE,
        {
            "tenant": tenant,
            "label": label,
            "source": source,
            "feedback_id": feedback_id,
            "after_at": at,
            "after_id": last,
            "limit": limit,
        },
    )
    return [_stored(row) for row in rows]


async def since(
    connection: AsyncConnection, tenant: str | None, start: datetime | None
) -> AsyncIterator[StoredCorrection]:
    """Corrections with their words, oldest first, in bounded memory."""
    rows = await connection.stream(_SINCE, {"tenant": tenant, "since": start})
    async for row in rows:
        yield _stored(row)


async def erase(
    connection: AsyncConnection, tenant: str, pseudonyms: Mapping[tuple[str, str], str]
) -> dict[str, int]:
    """Take out what a customer said. That, and which label, was corrected stays.

    Args:
        pseudonyms: by source and id of a feedback, what stands in place of them from now on.

    Returns:
        How many rows of each kind were deleted or emptied.
    """
    await connection.execute(_ERASING)
    values = {
        "tenant": tenant,
        "erased": ERASED,
        "sources": [source for source, _ in pseudonyms],
        "ids": [id_ for _, id_ in pseudonyms],
        "pseudonyms": list(pseudonyms.values()),
    }
    return {
        kind: (await connection.execute(statement, values)).rowcount
        for kind, statement in _ERASE.items()
    }


async def forget_words(connection: AsyncConnection, rule: Rule, limit: int) -> int:
    """Take the words out of old corrections, and the notes out of old verdicts."""
    await connection.execute(_ERASING)
    values = {**rule.values, "limit": limit}
    words = (await connection.execute(_FORGET_WORDS, values)).rowcount
    notes = (await connection.execute(_FORGET_NOTES, values)).rowcount
    return max(words, notes)


def _stored(row: Row[Any]) -> StoredCorrection:
    return StoredCorrection(
        key=FeedbackKey(row.tenant, row.source, row.feedback_id),
        enrichment_id=row.enrichment_id,
        correction=Correction(
            id=row.id,
            label=row.label,
            was=row.was,
            value=row.value,
            actor=Actor(type=ActorType(row.actor_type), id=row.actor_id),
            at=row.at,
        ),
        note=row.note,
        basis=Basis(row.basis),
        versions=Versions.model_validate(row.versions),
        text=row.text,
    )
