"""SQL of issues and of which cases are theirs.

Locks come in one order: cases, buckets of groups, issues. Whoever changes an issue, or leaves a
notice to it, holds its row.
"""

import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.policies.document import Storm
from heedful.alerting.storms.model import SETTLED, Group, Issue

_BUCKETS = 64
"""Locks of groups: so many at most in one transaction, for the table of locks is small."""

COLUMNS = """
    i.id, i.tenant, i.topic, i.touchpoint, i.region, i.title, i.pace, i.opened_at, i.joined_at,
    i.told_at, i.flushes, i.told_to, i.closed_at
"""

_LOCK_GROUPS = text(
    """
    SELECT pg_advisory_xact_lock(hashtext('alerting.storms'), bucket)
    FROM unnest(CAST(:buckets AS int[])) AS w (bucket)
    """
)

_LIKE = """
    i.id IS NULL AND c.tenant = w.tenant AND c.topic = w.topic AND c.over_at IS NULL
    AND c.touchpoint IS NOT DISTINCT FROM w.touchpoint AND c.region IS NOT DISTINCT FROM w.region
    AND c.state <> ALL(CAST(:settled AS text[]))
    AND NOT EXISTS (
        SELECT FROM alerting.issue_case m WHERE m.case_id = c.id AND m.until IS NULL)
"""

# The open issue of each group, or else the cases that would begin one. What was reopened has a
# clock from then on.
_SEEN = text(
    f"""
    SELECT w.place, i.id AS issue_id, recent.id AS case_id
    FROM unnest(
        CAST(:places AS int[]), CAST(:tenants AS text[]), CAST(:topics AS text[]),
        CAST(:touchpoints AS text[]), CAST(:regions AS text[]), CAST(:since AS timestamptz[])
    ) AS w (place, tenant, topic, touchpoint, region, since)
    LEFT JOIN alerting.issue i ON i.closed_at IS NULL AND i.tenant = w.tenant
        AND i.topic = w.topic AND coalesce(i.touchpoint, '') = coalesce(w.touchpoint, '')
        AND coalesce(i.region, '') = coalesce(w.region, '')
    LEFT JOIN LATERAL (
        SELECT c.id FROM alerting.cases c WHERE {_LIKE} AND c.opened_at > w.since
        UNION
        SELECT c.id FROM alerting.cases c WHERE {_LIKE} AND c.cycle > 1 AND EXISTS (
            SELECT FROM alerting.clock k WHERE k.case_id = c.id AND k.started_at > w.since)
    ) AS recent ON true
    ORDER BY w.place, recent.id
    """  # noqa: S608  # constants
)

_OPEN = text(
    """
    INSERT INTO alerting.issue (
        id, tenant, topic, touchpoint, region, title, pace, opened_at, joined_at, look_at)
    SELECT w.id, w.tenant, w.topic, w.touchpoint, w.region, w.title, w.pace, :now, :now, w.look_at
    FROM json_populate_recordset(NULL::alerting.issue, CAST(:rows AS json)) AS w ORDER BY w.id
    ON CONFLICT DO NOTHING
    RETURNING id
    """
)

# A case that was taken out of an issue by hand does not come back to it by itself.
_JOIN = text(
    """
    WITH open AS MATERIALIZED (
        SELECT id, plan FROM alerting.issue
        WHERE id = ANY(CAST(:issues AS text[])) AND closed_at IS NULL ORDER BY id FOR UPDATE
    ), joined AS (
        INSERT INTO alerting.issue_case (issue_id, case_id, joined_at)
        SELECT w.issue_id, w.case_id, CAST(:now AS timestamptz)
        FROM unnest(CAST(:issues AS text[]), CAST(:cases AS text[])) AS w (issue_id, case_id)
        JOIN open ON open.id = w.issue_id ORDER BY w.case_id
        ON CONFLICT DO NOTHING RETURNING issue_id, case_id
    ), moved AS (
        UPDATE alerting.issue i SET joined_at = :now
        WHERE i.id IN (SELECT issue_id FROM joined)
    ), planned AS (
        INSERT INTO alerting.issue_task (issue_id, case_id, kind, wanted_at, due_at)
        SELECT j.issue_id, j.case_id, 'plan', CAST(:now AS timestamptz), CAST(:now AS timestamptz)
        FROM joined j JOIN open ON open.id = j.issue_id AND open.plan IS NOT NULL
    )
    SELECT open.id AS issue_id, joined.case_id
    FROM open LEFT JOIN joined ON joined.issue_id = open.id
    """
)

_PARENTS = text(
    f"""
    SELECT m.case_id, {COLUMNS} FROM alerting.issue_case m
    JOIN alerting.issue i ON i.id = m.issue_id AND i.closed_at IS NULL
    WHERE m.case_id = ANY(CAST(:cases AS text[])) AND m.until IS NULL
    ORDER BY i.id FOR UPDATE OF i
    """  # noqa: S608  # a constant
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What there is of a group: its open issue, or the cases that could begin one."""

    issue_id: str | None
    recent: tuple[str, ...]


async def lock_groups(connection: AsyncConnection, groups: Iterable[Group]) -> None:
    """Nobody else begins an issue of these until the transaction ends."""
    names = {
        "\x1f".join((one.tenant, one.topic, one.touchpoint or "", one.region or ""))
        for one in groups
    }
    buckets = sorted({zlib.crc32(name.encode()) % _BUCKETS for name in names})
    await connection.execute(_LOCK_GROUPS, {"buckets": buckets})


async def seen(connection: AsyncConnection, since: Mapping[Group, datetime]) -> dict[Group, Seen]:
    """What there is of locked groups.

    Args:
        since: cases that were opened before it count no more.
    """
    groups = list(since)
    values = {
        "places": list(range(len(groups))),
        "tenants": [one.tenant for one in groups],
        "topics": [one.topic for one in groups],
        "touchpoints": [one.touchpoint for one in groups],
        "regions": [one.region for one in groups],
        "since": list(since.values()),
        "settled": sorted(SETTLED),
    }
    found = {one: Seen(None, ()) for one in groups}
    for row in await connection.execute(_SEEN, values):
        group = groups[row.place]
        recent = found[group].recent + (() if row.case_id is None else (row.case_id,))
        found[group] = Seen(row.issue_id, recent)
    return found


async def open_issues(
    connection: AsyncConnection, now: datetime, issues: Sequence[Issue]
) -> set[str]:
    """Store new issues; gives the ids of those whose group had none."""
    rows = [
        {
            "id": one.id,
            "tenant": one.tenant,
            "topic": one.topic,
            "touchpoint": one.touchpoint,
            "region": one.region,
            "title": one.title,
            "pace": one.pace.model_dump(mode="json"),
            "look_at": one.opened_at + one.pace.group_wait,
        }
        for one in issues
    ]
    values = {"rows": orjson.dumps(rows).decode(), "now": now}
    return {row.id for row in await connection.execute(_OPEN, values)}


async def join(
    connection: AsyncConnection, now: datetime, pairs: Sequence[tuple[str, str]]
) -> tuple[set[str], set[str]]:
    """Make cases children of issues, by their ids; gives the cases that have become so, and the
    issues that are open, locked."""
    values = {
        "issues": [issue_id for issue_id, _ in pairs],
        "cases": [case_id for _, case_id in pairs],
        "now": now,
    }
    rows = (await connection.execute(_JOIN, values)).all()
    joined = {row.case_id for row in rows if row.case_id is not None}
    return joined, {row.issue_id for row in rows}


async def parents(connection: AsyncConnection, cases: Collection[str]) -> dict[str, Issue]:
    """The open issues of these cases, locked."""
    rows = await connection.execute(_PARENTS, {"cases": sorted(cases)})
    return {row.case_id: issue_of(row) for row in rows}


def issue_of(row: Row[Any]) -> Issue:
    """Of a row that has `COLUMNS`."""
    return Issue(
        id=row.id,
        tenant=row.tenant,
        topic=row.topic,
        touchpoint=row.touchpoint,
        region=row.region,
        pace=Storm.model_validate(row.pace),
        opened_at=row.opened_at,
        joined_at=row.joined_at,
        title=row.title,
        told_at=row.told_at,
        flushes=row.flushes,
        told_to={name: datetime.fromisoformat(at) for name, at in row.told_to.items()},
        closed_at=row.closed_at,
    )
