"""SQL of erasures: what of a customer stands in alerting, and cases without words and keys.

A case that is erased keeps its clocks, its steps with their times and actors, its numbers and the
reasons of its light. What was free text says so, and nothing leads to the feedback any more.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.audit.events import ERASED, KEPT
from heedful.alerting.signals.store_forgetting import EMPTY, without_why
from heedful.common.retention import WHOSE, Rule

Keys = Sequence[tuple[str, str]]
"""Source and id."""

_GIVEN = "unnest(CAST(:sources AS text[]), CAST(:ids AS text[])) AS w (source, id)"

_FORGET_FEEDBACK = {
    table: text(
        f"DELETE FROM alerting.{table} t USING {_GIVEN}"  # noqa: S608  # constants
        " WHERE t.tenant = :tenant AND t.source = w.source AND t.feedback_id = w.id"
    )
    for table in ("watch", "enriched")
}

_FORGET_WATCH = text(
    """
    DELETE FROM alerting.watch WHERE tenant = :tenant AND received_at <= :until
        AND keys <@ CAST(:keys AS text[]) AND keys <> '{}'
    """
)

_FORGET_CONTACTS = (
    text(
        "DELETE FROM alerting.contact WHERE tenant = :tenant"
        " AND key = ANY(CAST(:keys AS text[])) AND occurred_at <= :until"
    ),
    text(
        f"DELETE FROM alerting.contact t USING {_GIVEN}"  # noqa: S608  # constants
        " WHERE t.tenant = :tenant AND t.source = w.source AND t.interaction_id = w.id"
    ),
)

# A case may be found by one key of several people; it is the customer's when all its keys are.
_CASES_OF_KEYS = text(
    """
    SELECT DISTINCT k.case_id FROM alerting.case_key k
    JOIN alerting.cases c ON c.id = k.case_id AND c.received_at <= :until
    WHERE k.tenant = :tenant AND k.key = ANY(CAST(:keys AS text[])) AND NOT EXISTS (
        SELECT FROM alerting.case_key o
        WHERE o.case_id = k.case_id AND o.key <> ALL(CAST(:keys AS text[])))
    """
)

_LOCK = text(
    """
    SELECT id FROM alerting.cases
    WHERE id = ANY(CAST(:ids AS text[])) AND erased_at IS NULL ORDER BY id FOR UPDATE
    """
)

# What stays of an event is what its chain calls facts (audit/events.py). Without the salt nobody
# can try words against the digest of those that stood here.
_TAKE_WORDS = """
    UPDATE alerting.case_event e SET feedback_source = NULL, feedback_id = NULL, note = NULL,
        salt = NULL, detail = (
            SELECT coalesce(jsonb_object_agg(d.name, CASE
                WHEN jsonb_exists(coalesce(e.kept, CAST(:kept AS jsonb) -> e.kind), d.name)
                THEN d.value ELSE to_jsonb(CAST(:erased AS text)) END), '{}')
            FROM jsonb_each(e.detail) AS d (name, value))
"""

_KEPT = orjson.dumps({kind.value: sorted(names) for kind, names in KEPT.items()}).decode()
"""For events from before there were chains."""

_STRIP = (
    text(
        """
        UPDATE alerting.cases SET source = :erased, feedback_id = id, erased_at = :now,
            action = CASE WHEN action IS NOT NULL THEN :erased END,
            action_taken = CASE WHEN action_taken IS NOT NULL THEN :erased END
        WHERE id = ANY(CAST(:ids AS text[]))
        """
    ),
    text(
        """
        UPDATE alerting.case_feedback f
        SET source = :erased, feedback_id = w.case_id || CASE WHEN n = 1 THEN '' ELSE '/' || n END
        FROM (
            SELECT tenant, source, feedback_id, case_id,
                row_number() OVER (PARTITION BY case_id ORDER BY received_at, source, feedback_id)
                    AS n
            FROM alerting.case_feedback WHERE case_id = ANY(CAST(:ids AS text[]))
        ) AS w
        WHERE (f.tenant, f.source, f.feedback_id) = (w.tenant, w.source, w.feedback_id)
        """
    ),
    text(f"{_TAKE_WORDS} WHERE e.case_id = ANY(CAST(:ids AS text[]))"),
    text(
        """
        UPDATE alerting.clock SET fulfilled_by = 'interaction:' || :erased
        WHERE case_id = ANY(CAST(:ids AS text[])) AND fulfilled_by LIKE 'interaction:%'
        """
    ),
    text("DELETE FROM alerting.case_key WHERE case_id = ANY(CAST(:ids AS text[]))"),
    text(
        f"UPDATE alerting.signal SET {EMPTY}"  # noqa: S608  # a constant
        " WHERE case_id = ANY(CAST(:ids AS text[]))"
    ),
)

_BODIES = text(
    "SELECT id, case_id, body FROM alerting.delivery WHERE case_id = ANY(CAST(:ids AS text[]))"
)
_SET_BODY = text("UPDATE alerting.delivery SET body = :body WHERE id = :id")

# A contact of the customer may have answered a case of somebody else at the same telephone.
_FORGET_ANSWERS = text(
    f"""
    WITH answered AS (
        UPDATE alerting.clock c SET fulfilled_by = 'interaction:' || :erased
        FROM {_GIVEN}
        WHERE c.tenant = :tenant AND c.fulfilled_by LIKE 'interaction:%'
            AND c.fulfilled_by = 'interaction:' || w.source || ':' || w.id
        RETURNING c.case_id
    )
    {_TAKE_WORDS} FROM answered
    WHERE e.case_id = answered.case_id AND e.kind = 'responded' RETURNING e.case_id
    """  # noqa: S608  # constants
)

_OVER = text(
    f"""
    SELECT id, tenant FROM alerting.cases c
    WHERE over_at < :before AND erased_at IS NULL AND {WHOSE}
    ORDER BY over_at LIMIT :limit FOR UPDATE SKIP LOCKED
    """  # noqa: S608  # a constant
)


async def forget_feedback(
    connection: AsyncConnection, tenant: str, feedback: Keys, keys: Sequence[str], until: datetime
) -> int:
    """Do not wait for labels any more, nor remember that there were some; how many it was.

    Args:
        keys: match keys of the customer alone.
    """
    gone = 0
    for statement in _FORGET_FEEDBACK.values():
        gone += (await connection.execute(statement, _given(tenant, feedback))).rowcount
    if keys:
        values = {"tenant": tenant, "keys": list(keys), "until": until}
        gone += (await connection.execute(_FORGET_WATCH, values)).rowcount
    return gone


async def forget_contacts(
    connection: AsyncConnection,
    tenant: str,
    interactions: Keys,
    keys: Sequence[str],
    until: datetime,
) -> int:
    """Contacts with the customer; how many it was."""
    values = {**_given(tenant, interactions), "keys": list(keys), "until": until}
    gone = 0
    for statement in _FORGET_CONTACTS:
        gone += (await connection.execute(statement, values)).rowcount
    return gone


async def forget_answers(connection: AsyncConnection, tenant: str, interactions: Keys) -> list[str]:
    """Which of these contacts answered cases of others; gives the cases."""
    if not interactions:
        return []
    values = {**_given(tenant, interactions), "erased": ERASED, "kept": _KEPT}
    return sorted({row.case_id for row in await connection.execute(_FORGET_ANSWERS, values)})


async def cases_of_keys(
    connection: AsyncConnection, tenant: str, keys: Sequence[str], until: datetime
) -> set[str]:
    """Cases that these match keys, and no others, lead to."""
    if not keys:
        return set()
    values = {"tenant": tenant, "keys": list(keys), "until": until}
    return {row.case_id for row in await connection.execute(_CASES_OF_KEYS, values)}


async def lock_unerased(connection: AsyncConnection, cases: Collection[str]) -> list[str]:
    """Those of the cases that there are and that are not erased yet, locked."""
    rows = await connection.execute(_LOCK, {"ids": sorted(cases)})
    return [row.id for row in rows]


async def strip(connection: AsyncConnection, now: datetime, cases: Sequence[str]) -> int:
    """Take words and keys out of locked cases and of what was told about them; how many webhooks
    it was."""
    values = {"ids": list(cases), "now": now, "erased": ERASED, "kept": _KEPT}
    for statement in _STRIP:
        await connection.execute(statement, values)
    bodies = (await connection.execute(_BODIES, values)).all()
    for row in bodies:
        stripped = _stripped(bytes(row.body), row.case_id)
        await connection.execute(_SET_BODY, {"id": row.id, "body": stripped})
    return len(bodies)


async def over_before(connection: AsyncConnection, rule: Rule, limit: int) -> list[tuple[str, str]]:
    """Cases of which nothing was left to do so long ago, locked; each with its tenant."""
    rows = await connection.execute(_OVER, {**rule.values, "limit": limit})
    return [(row.id, row.tenant) for row in rows]


def _given(tenant: str, keys: Keys) -> dict[str, object]:
    return {
        "tenant": tenant,
        "sources": [source for source, _ in keys],
        "ids": [id_ for _, id_ in keys],
    }


def _stripped(body: bytes, case_id: str) -> bytes:
    told = orjson.loads(without_why(body))
    told["data"]["feedback"] |= {"source": ERASED, "id": case_id}
    if "text" in told["data"]:
        told["data"]["text"] = ERASED
    return orjson.dumps(told)
