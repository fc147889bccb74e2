"""SQL of deliveries: one row per step of a case and endpoint; claiming them."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.delivery_records import Account, Due, Frozen, Task
from heedful.alerting.endpoint_kinds import EndpointKind, Language
from heedful.alerting.endpoint_rows import action_links_of
from heedful.alerting.recipients import Mention
from heedful.alerting.templates.builtin import Templates
from heedful.alerting.webhook import ALARMS, Notice
from heedful.common import traceparent

FAILOVER_AFTER = timedelta(minutes=15)
"""A red notice that is not delivered by then goes to another endpoint."""

_INSERT = text(
    """
    INSERT INTO alerting.delivery (
        id, tenant, case_id, endpoint_id, event_type, body, mentions, urgent, failover_of,
        robot, failover_at, due_at, created_at, traceparent)
    SELECT w.id, w.tenant, w.case_id, w.endpoint_id, w.event_type, w.body,
           CAST(w.mentions AS jsonb), w.urgent, w.failover_of, e.robot,
           CASE WHEN w.urgent AND w.failover_of IS NULL
                THEN CAST(:failover_at AS timestamptz) END,
           greatest(w.not_before, CAST(:now AS timestamptz)), CAST(:now AS timestamptz),
           CAST(:traceparent AS text)
    FROM unnest(
        CAST(:ids AS text[]), CAST(:tenants AS text[]), CAST(:cases AS text[]),
        CAST(:endpoints AS text[]), CAST(:types AS text[]), CAST(:bodies AS bytea[]),
        CAST(:mentions AS text[]), CAST(:urgent AS boolean[]), CAST(:failover_of AS text[]),
        CAST(:befores AS timestamptz[])
    ) AS w (id, tenant, case_id, endpoint_id, event_type, body, mentions, urgent, failover_of,
            not_before)
    LEFT JOIN alerting.endpoint e ON e.id = w.endpoint_id
    ON CONFLICT (id) DO NOTHING
    """
)

_LEASED = """
    UPDATE alerting.delivery d
    SET claimed_by = :worker, lease_until = :until, fence = d.fence + 1
    {which}
    RETURNING d.id, d.tenant, d.case_id, d.endpoint_id, d.body, d.mentions, d.attempts, d.fence,
              d.urgent, d.failover_of, d.robot, d.due_at, d.created_at, d.links,
              d.traceparent
"""
_TASKS = """
    SELECT c.*, e.id AS account, e.kind, e.url, e.sealed, e.sealed_url, e.keyword, e.language,
           e.timezone, e.template_title, e.template_text, e.action_links,
           CASE WHEN e.previous_until > :now THEN e.sealed_previous END AS sealed_previous
    FROM claimed c LEFT JOIN alerting.endpoint e ON e.id = c.endpoint_id AND e.enabled
    ORDER BY c.urgent DESC, c.due_at, c.id
"""
_DUE = """
    state = 'pending' AND due_at <= :now AND (lease_until IS NULL OR lease_until <= :now)
"""

_CLAIM = text(
    f"""
    WITH due AS MATERIALIZED (
        SELECT id FROM alerting.delivery
        WHERE robot IS NULL AND urgent = :urgent AND {_DUE}
        ORDER BY due_at, id LIMIT :limit FOR UPDATE SKIP LOCKED
    ), claimed AS ({_LEASED.format(which="FROM due WHERE d.id = due.id")})
    {_TASKS}
    """  # noqa: S608  # constants
)

_CLAIM_IDS = text(
    f"""
    WITH claimed AS ({_LEASED.format(which="WHERE d.id = ANY(CAST(:ids AS text[]))")})
    {_TASKS}
    """
)

_FOR_ROBOT = text(
    f"""
    SELECT id, endpoint_id FROM alerting.delivery WHERE robot = :robot AND {_DUE}
    ORDER BY urgent DESC, due_at, id LIMIT :limit FOR UPDATE SKIP LOCKED
    """  # noqa: S608  # a constant
)

_NEXT = text(
    """
    SELECT min(due_at) FROM (
        (SELECT due_at FROM alerting.delivery
         WHERE state = 'pending' AND robot IS NULL AND urgent AND due_at > :now
         ORDER BY due_at LIMIT 1)
        UNION ALL
        (SELECT due_at FROM alerting.delivery
         WHERE state = 'pending' AND robot IS NULL AND NOT urgent AND due_at > :now
         ORDER BY due_at LIMIT 1)) AS coming
    """
)

_REPLAYED = """
    state = 'pending', attempts = 0, due_at = :now, finished_at = NULL,
    lease_until = NULL, claimed_by = NULL, fence = fence + 1, digest = NULL
"""

_REPLAY = text(
    f"UPDATE alerting.delivery SET {_REPLAYED} WHERE id = :id AND tenant = :tenant"  # noqa: S608  # a constant
)

_REPLAY_MANY = text(
    f"""
    WITH chosen AS (
        SELECT d.id FROM alerting.delivery d
        JOIN alerting.endpoint e ON e.id = d.endpoint_id AND e.enabled
        WHERE d.tenant = :tenant AND d.state = ANY(CAST(:states AS text[]))
          AND (CAST(:endpoint_id AS text) IS NULL OR d.endpoint_id = :endpoint_id)
          AND (CAST(:case_id AS text) IS NULL OR d.case_id = :case_id)
          AND (CAST(:since AS timestamptz) IS NULL OR d.created_at >= :since)
          AND (CAST(:until AS timestamptz) IS NULL OR d.created_at < :until)
        ORDER BY d.created_at, d.id LIMIT :limit FOR UPDATE OF d SKIP LOCKED
    )
    UPDATE alerting.delivery d SET {_REPLAYED} FROM chosen WHERE d.id = chosen.id RETURNING d.id
    """  # noqa: S608  # a constant
)


async def insert(
    connection: AsyncConnection, now: datetime, notices: Sequence[tuple[Notice, str]]
) -> None:
    """Store a delivery for each notice and endpoint id, the body frozen as it is now."""
    await insert_frozen(connection, now, [_frozen(*one) for one in notices])


async def insert_frozen(
    connection: AsyncConnection, now: datetime, deliveries: Sequence[Frozen]
) -> None:
    await connection.execute(
        _INSERT,
        {
            "now": now,
            "failover_at": now + FAILOVER_AFTER,
            "ids": [one.id for one in deliveries],
            "tenants": [one.tenant for one in deliveries],
            "cases": [one.case_id for one in deliveries],
            "endpoints": [one.endpoint_id for one in deliveries],
            "types": [one.type.value for one in deliveries],
            "bodies": [one.body for one in deliveries],
            "mentions": [one.mentions for one in deliveries],
            "urgent": [one.urgent for one in deliveries],
            "failover_of": [one.failover_of for one in deliveries],
            "befores": [one.not_before for one in deliveries],
            "traceparent": traceparent.current(),
        },
    )


async def claim(
    connection: AsyncConnection, now: datetime, worker: str, until: datetime, limit: int
) -> list[Task]:
    """Lease due deliveries that have no budget: red first, then the oldest. An expired lease is
    due again."""
    values: dict[str, Any] = {"now": now, "worker": worker, "until": until}
    found: list[Task] = []
    for urgent in (True, False):
        if len(found) < limit:
            chosen = {**values, "urgent": urgent, "limit": limit - len(found)}
            found += map(_task, await connection.execute(_CLAIM, chosen))
    return found


async def due_for_robot(
    connection: AsyncConnection, now: datetime, robot: str, limit: int
) -> list[Due]:
    """What waits for a robot, locked: red first, then the oldest."""
    values = {"now": now, "robot": robot, "limit": limit}
    rows = await connection.execute(_FOR_ROBOT, values)
    return [Due(row.id, row.endpoint_id) for row in rows]


async def claim_ids(
    connection: AsyncConnection, now: datetime, worker: str, until: datetime, ids: Iterable[str]
) -> dict[str, Task]:
    """Lease locked deliveries."""
    values = {"now": now, "worker": worker, "until": until, "ids": list(ids)}
    return {row.id: _task(row) for row in await connection.execute(_CLAIM_IDS, values)}


async def next_due(connection: AsyncConnection, now: datetime) -> datetime | None:
    """When the next delivery without a budget is due."""
    found: datetime | None = (await connection.execute(_NEXT, {"now": now})).scalar_one_or_none()
    return found


async def replay(connection: AsyncConnection, now: datetime, tenant: str, delivery_id: str) -> None:
    """Send it again from the start of the schedule, under the same webhook id."""
    await connection.execute(_REPLAY, {"id": delivery_id, "tenant": tenant, "now": now})


async def replay_many(
    connection: AsyncConnection,
    now: datetime,
    tenant: str,
    states: Sequence[str],
    chosen: dict[str, Any],
    limit: int,
) -> int:
    """Send again what fits, at most `limit`, the oldest first; how many it was.

    Args:
        chosen: endpoint_id, case_id, since, until; None chooses all.
    """
    values = {**chosen, "now": now, "tenant": tenant, "states": list(states), "limit": limit}
    return len((await connection.execute(_REPLAY_MANY, values)).all())


def stored_mentions(mentions: Iterable[Mention]) -> str:
    """As JSON."""
    return orjson.dumps(
        [
            {"member_id": one.member_id, "name": one.name, "handles": dict(one.handles)}
            for one in mentions
        ]
    ).decode()


def _frozen(notice: Notice, endpoint_id: str) -> Frozen:
    return Frozen(
        id=notice.webhook_id(endpoint_id),
        tenant=notice.tenant,
        case_id=notice.case_id,
        endpoint_id=endpoint_id,
        type=notice.type,
        body=notice.body(),
        mentions=stored_mentions(notice.mentions),
        urgent=notice.colour == "red" and notice.type in ALARMS,
        not_before=notice.not_before,
    )


def _task(row: Row[Any]) -> Task:
    return Task(
        id=row.id,
        tenant=row.tenant,
        case_id=row.case_id,
        endpoint_id=row.endpoint_id,
        body=bytes(row.body),
        mentions=tuple(Mention(**one) for one in row.mentions),
        # A try moves `due_at`, a replay as well.
        since=row.due_at if row.fence == 1 else row.created_at,
        attempts=row.attempts,
        fence=row.fence,
        urgent=row.urgent,
        forwarded=row.failover_of is not None,
        robot=row.robot,
        account=None if row.account is None else account_of(row),
        links=None if row.links is None else bytes(row.links),
        traceparent=row.traceparent,
    )


def account_of(row: Row[Any]) -> Account:
    """Of a row that has the endpoint's columns, its id as `account`."""
    own = (
        None
        if row.template_text is None
        else Templates(row.template_title or "", row.template_text)
    )
    return Account(
        id=row.account,
        kind=EndpointKind(row.kind),
        url=row.url,
        sealed=bytes(row.sealed),
        sealed_url=None if row.sealed_url is None else bytes(row.sealed_url),
        sealed_previous=None if row.sealed_previous is None else bytes(row.sealed_previous),
        keyword=row.keyword,
        language=Language(row.language),
        timezone=row.timezone,
        own=own,
        action_links=action_links_of(row),
    )
