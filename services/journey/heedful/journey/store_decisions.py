"""SQL of what people decided of who is who. Rows are only ever added; who is forgotten is taken out
of them."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.common.contracts import Actor
from heedful.journey.decisions import Decision, Verdict

SHOWN_MEMBERS = 100
"""Of one side of a decision, when it is looked at."""


class DecisionKind(StrEnum):
    MERGE = "merge"
    UNMERGE = "unmerge"
    KEEP_APART = "keep_apart"
    REVOKE = "revoke"


@dataclass(frozen=True, slots=True)
class Said:
    """Who decided, and why.

    Attributes:
        evidence: what shows it, in words.
    """

    actor: Actor
    reason: str
    evidence: str | None = None


_INSERT = text(
    """
    INSERT INTO journey.decision (
        id, tenant, kind, revokes, two_customers, at, actor_type, actor_id, reason, evidence
    )
    VALUES (
        :id, :tenant, :kind, :revokes, :two_customers, :at, :actor_type, :actor_id, :reason,
        :evidence)
    """
)

_INSERT_MEMBERS = text(
    """
    INSERT INTO journey.decision_member (identifier_id, decision_id, on_right)
    SELECT identifier_id, CAST(:decision AS uuid), on_right
    FROM unnest(CAST(:ids AS uuid[]), CAST(:on_right AS boolean[])) AS m (identifier_id, on_right)
    """
)

_IN_FORCE = text(
    """
    SELECT d.id, d.number, d.kind, d.two_customers, m.on_right, array_agg(m.identifier_id) AS ids
    FROM journey.decision_member m JOIN journey.decision d ON d.id = m.decision_id
    WHERE m.identifier_id = ANY(CAST(:ids AS uuid[]))
        AND NOT EXISTS (SELECT FROM journey.decision r WHERE r.revokes = d.id)
    GROUP BY d.id, m.on_right
    """
)

_MEMBERS = text(
    "SELECT identifier_id FROM journey.decision_member WHERE decision_id = CAST(:id AS uuid)"
)

_SHOWN = """
    SELECT d.id, d.number, d.kind, d.two_customers, d.at, d.actor_type, d.actor_id, d.reason,
        d.evidence, r.id AS revoked_id, r.at AS revoked_at, r.actor_type AS revoked_actor_type,
        r.actor_id AS revoked_actor_id, r.reason AS revoked_reason
    FROM journey.decision d LEFT JOIN journey.decision r ON r.revokes = d.id
"""

_ONE = text(_SHOWN + "WHERE d.id = :id AND d.tenant = :tenant AND d.kind <> 'revoke'")

_OF_CUSTOMER = text(
    _SHOWN  # noqa: S608  # constants
    + """
    WHERE d.id IN (
        SELECT m.decision_id FROM journey.identifier i
        JOIN journey.decision_member m ON m.identifier_id = i.id
        WHERE i.customer_id = :customer OR i.id = :customer)
    ORDER BY d.number
    """
)

_SHOWN_MEMBERS = text(
    """
    SELECT decision_id, on_right, customer_id, type, scope, value, shared
    FROM (
        SELECT m.decision_id, m.on_right, i.*,
            row_number() OVER (PARTITION BY m.decision_id, m.on_right ORDER BY i.type, i.value)
                AS place
        FROM journey.decision_member m JOIN journey.identifier i ON i.id = m.identifier_id
        WHERE m.decision_id = ANY(CAST(:ids AS uuid[]))
    ) AS placed
    WHERE place <= :most
    ORDER BY decision_id, on_right, place
    """
)

_ERASING = text("SELECT set_config('heedful.erasing', 'on', true)")

_FORGET_WORDS = text(
    """
    UPDATE journey.decision SET reason = NULL, evidence = NULL
    WHERE id = ANY(CAST(:ids AS uuid[])) OR revokes = ANY(CAST(:ids AS uuid[]))
    """
)

_FORGET_MEMBERS = text(
    """
    DELETE FROM journey.decision_member WHERE identifier_id = ANY(CAST(:nodes AS uuid[]))
    RETURNING decision_id
    """
)


async def insert(
    connection: AsyncConnection,
    tenant: str,
    kind: DecisionKind,
    said: Said,
    now: datetime,
    *,
    left: Collection[uuid.UUID] = (),
    right: Collection[uuid.UUID] = (),
    revokes: uuid.UUID | None = None,
    two_customers: bool = False,
) -> uuid.UUID:
    """Remember a decision; its id."""
    made = uuid.uuid4()
    await connection.execute(
        _INSERT,
        {
            "id": made,
            "tenant": tenant,
            "kind": kind.value,
            "revokes": revokes,
            "two_customers": two_customers,
            "at": now,
            "actor_type": said.actor.type.value,
            "actor_id": said.actor.id,
            "reason": said.reason,
            "evidence": said.evidence,
        },
    )
    members = [*((key, False) for key in left), *((key, True) for key in right)]
    if members:
        await connection.execute(
            _INSERT_MEMBERS,
            {
                "decision": made,
                "ids": [key for key, _ in members],
                "on_right": [on_right for _, on_right in members],
            },
        )
    return made


async def in_force(connection: AsyncConnection, ids: Collection[uuid.UUID]) -> Sequence[Decision]:
    """The decisions in force that name some of these identifiers, with what they name of these."""
    if not ids:
        return ()
    rows = (await connection.execute(_IN_FORCE, {"ids": list(ids)})).all()
    members: dict[tuple[int, bool], frozenset[uuid.UUID]] = defaultdict(frozenset)
    for row in rows:
        members[row.number, row.on_right] = frozenset(row.ids)
    found = {row.number: row for row in rows}
    return [
        Decision(
            number,
            Verdict.TOGETHER if row.kind == DecisionKind.MERGE else Verdict.APART,
            members[number, False],
            members[number, True],
            row.two_customers,
            row.id,
        )
        for number, row in sorted(found.items())
    ]


async def members(connection: AsyncConnection, decision: uuid.UUID) -> list[uuid.UUID]:
    rows = await connection.execute(_MEMBERS, {"id": decision})
    return [row.identifier_id for row in rows]


async def one(connection: AsyncConnection, tenant: str, decision: uuid.UUID) -> Row[Any] | None:
    """A decision and its revocation, if it is the tenant's; a revocation itself is none."""
    rows = await connection.execute(_ONE, {"id": decision, "tenant": tenant})
    return rows.one_or_none()


async def of_customer(connection: AsyncConnection, customer: uuid.UUID) -> Sequence[Row[Any]]:
    """Every decision that names an identifier of the customer, the first first."""
    return (await connection.execute(_OF_CUSTOMER, {"customer": customer})).all()


async def shown_members(
    connection: AsyncConnection, decisions: Collection[uuid.UUID]
) -> Sequence[Row[Any]]:
    """Identifiers of decisions, at most `SHOWN_MEMBERS` a side."""
    values = {"ids": list(decisions), "most": SHOWN_MEMBERS}
    return (await connection.execute(_SHOWN_MEMBERS, values)).all()


async def forget(connection: AsyncConnection, nodes: Collection[uuid.UUID]) -> int:
    """Take identifiers out of decisions, and the words with them; out of how many decisions."""
    await connection.execute(_ERASING)
    rows = await connection.execute(_FORGET_MEMBERS, {"nodes": list(nodes)})
    found = {row.decision_id for row in rows}
    if found:
        await connection.execute(_FORGET_WORDS, {"ids": list(found)})
    return len(found)
