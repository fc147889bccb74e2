"""SQL of the weekly samples and of what auditors said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.common.contracts import Actor, ActorType, Enrichment, UtcTime
from heedful.nlp.records import Change, Kept
from heedful.nlp.sampling import Drawn

# The rank of the last item of a full sample; a week that is not full has no row.
_LIMITS = text(
    """
    SELECT w.tenant, w.week, (
        SELECT s.rank FROM nlp.sample s WHERE s.tenant = w.tenant AND s.week = w.week
        ORDER BY s.rank OFFSET :size - 1 LIMIT 1
    ) AS rank
    FROM unnest(CAST(:tenants AS text[]), CAST(:weeks AS date[])) AS w (tenant, week)
    """
)

_INSERT = text(
    """
    INSERT INTO nlp.sample (id, tenant, week, rank, source, feedback_id, key, payload)
    SELECT * FROM unnest(
        CAST(:ids AS text[]), CAST(:tenants AS text[]), CAST(:weeks AS date[]),
        CAST(:ranks AS bytea[]), CAST(:sources AS text[]), CAST(:feedback_ids AS text[]),
        CAST(:keys AS text[]), CAST(:payloads AS text[])
    ) AS w (id, tenant, week, rank, source, feedback_id, key, payload)
    ORDER BY id
    ON CONFLICT (id) DO UPDATE SET payload = excluded.payload
    """
)

_TRIM = text(
    """
    DELETE FROM nlp.sample s
    USING unnest(CAST(:tenants AS text[]), CAST(:weeks AS date[])) AS w (tenant, week)
    WHERE s.tenant = w.tenant AND s.week = w.week AND s.rank > (
        SELECT k.rank FROM nlp.sample k WHERE k.tenant = w.tenant AND k.week = w.week
        ORDER BY k.rank OFFSET :size - 1 LIMIT 1
    )
    """
)

_READ = """
    SELECT s.id, s.week, s.key, s.payload, v.labels, v.note, v.actor_type, v.actor_id, v.at
    FROM nlp.sample s LEFT JOIN nlp.verdict v ON v.sample_id = s.id
"""
_OF_WEEK = text(f"{_READ} WHERE s.tenant = :tenant AND s.week = :week ORDER BY s.rank LIMIT :size")
_ONE = text(f"{_READ} WHERE s.tenant = :tenant AND s.id = :id")

_JUDGE = text(
    """
    INSERT INTO nlp.verdict (
        sample_id, tenant, week, source, feedback_id, enrichment_id, labels, note, actor_type,
        actor_id, at, versions)
    VALUES (
        :id, :tenant, :week, :source, :feedback_id, :enrichment_id, CAST(:labels AS jsonb), :note,
        :actor_type, :actor_id, :at, CAST(:versions AS jsonb))
    ON CONFLICT DO NOTHING RETURNING 1
    """
)

_PRUNE = text("DELETE FROM nlp.sample WHERE week < :before")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an auditor said: every label that was looked at, before and after."""

    labels: tuple[Change, ...]
    note: str | None
    actor: Actor
    at: UtcTime


@dataclass(frozen=True, slots=True)
class Sampled:
    """An item of a sample."""

    id: str
    week: date
    kept: Kept
    verdict: Verdict | None


async def offer(connection: AsyncConnection, drawn: Sequence[Drawn], size: int) -> None:
    """Let items into their weeks' samples, which keep the `size` lowest ranks each."""
    weeks = sorted({(one.kept.key.tenant, one.week) for one in drawn})
    asked = {
        "tenants": [tenant for tenant, _ in weeks],
        "weeks": [week for _, week in weeks],
        "size": size,
    }
    limits = {(row.tenant, row.week): row.rank for row in await connection.execute(_LIMITS, asked)}
    taken = [one for one in drawn if _fits(one, limits[one.kept.key.tenant, one.week])]
    if not taken:
        return
    await connection.execute(
        _INSERT,
        {
            "ids": [one.id for one in taken],
            "tenants": [one.kept.key.tenant for one in taken],
            "weeks": [one.week for one in taken],
            "ranks": [one.rank for one in taken],
            "sources": [one.kept.key.source for one in taken],
            "feedback_ids": [one.kept.key.id for one in taken],
            "keys": [one.kept.record_key for one in taken],
            "payloads": [one.kept.enrichment.encode().decode() for one in taken],
        },
    )
    await connection.execute(_TRIM, asked)


async def of_week(connection: AsyncConnection, tenant: str, week: date, size: int) -> list[Sampled]:
    """The sample of a week, in the order of its ranks."""
    values = {"tenant": tenant, "week": week, "size": size}
    return [_sampled(row) for row in await connection.execute(_OF_WEEK, values)]


async def find(connection: AsyncConnection, tenant: str, sample_id: str) -> Sampled | None:
    values = {"tenant": tenant, "id": sample_id}
    row = (await connection.execute(_ONE, values)).one_or_none()
    return None if row is None else _sampled(row)


async def judge(connection: AsyncConnection, sampled: Sampled, verdict: Verdict) -> bool:
    """Keep a verdict; False when there is one already."""
    enrichment, key = sampled.kept.enrichment, sampled.kept.key
    labels = [{"label": one.label, "was": one.was, "value": one.value} for one in verdict.labels]
    kept = await connection.execute(
        _JUDGE,
        {
            "id": sampled.id,
            "tenant": key.tenant,
            "week": sampled.week,
            "source": key.source,
            "feedback_id": key.id,
            "enrichment_id": enrichment.id,
            "labels": orjson.dumps(labels).decode(),
            "note": verdict.note,
            "actor_type": verdict.actor.type.value,
            "actor_id": verdict.actor.id,
            "at": verdict.at,
            "versions": orjson.dumps(enrichment.versions.model_dump(exclude_none=True)).decode(),
        },
    )
    return kept.one_or_none() is not None


async def prune(connection: AsyncConnection, before: date) -> None:
    """Forget the samples of older weeks; what was said of them stays."""
    await connection.execute(_PRUNE, {"before": before})


def _fits(one: Drawn, limit: bytes | None) -> bool:
    return limit is None or one.rank <= bytes(limit)


def _sampled(row: Row[Any]) -> Sampled:
    verdict = None
    if row.at is not None:
        verdict = Verdict(
            labels=tuple(Change(**one) for one in row.labels),
            note=row.note,
            actor=Actor(type=ActorType(row.actor_type), id=row.actor_id),
            at=row.at,
        )
    kept = Kept(Enrichment.parse(row.payload.encode()), row.key)
    return Sampled(row.id, row.week, kept, verdict)
