"""SQL of the consumer: events, each once, with the customer they belong to."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from heedful.journey import database, store_texts
from heedful.journey.event_columns import columns
from heedful.journey.identity import Settled, settle
from heedful.journey.records import Event

_LOCK_CONVERSATIONS = text(
    """
    INSERT INTO journey.conversation (tenant, id)
    SELECT * FROM unnest(CAST(:tenants AS text[]), CAST(:ids AS text[])) AS c (tenant, id)
    ORDER BY tenant, id
    ON CONFLICT (tenant, id) DO UPDATE SET id = EXCLUDED.id WHERE false
    """
)
"""Locks the rows without changing them: an anonymous event and the one that names its
customer may arrive at the same time on two members."""

_INSERT = text(
    """
    INSERT INTO journey.event AS known (
        tenant, kind, source, id, occurred_at, received_at, enriched_at, channel, touchpoint,
        department, interaction_kind, colour, polarity, conversation_id, customer_id,
        topics, identifiers, identified, score, score_kind, valence, perceptions, leaving,
        solicited, outbound, amount, duration_s, attributes, payload
    )
    SELECT tenant, kind, source, id, occurred_at, received_at, enriched_at, channel, touchpoint,
        department, interaction_kind, colour, polarity, conversation_id, customer_id,
        coalesce(string_to_array(nullif(topics, ''), chr(31)), '{}'),
        coalesce(CAST(string_to_array(nullif(identifiers, ''), chr(31)) AS uuid[]), '{}'),
        customer_id IS NOT NULL, score, score_kind, valence,
        coalesce(string_to_array(nullif(perceptions, ''), chr(31)), '{}'), leaving, solicited,
        outbound, amount, duration_s, CAST(attributes AS jsonb), CAST(payload AS jsonb)
    FROM unnest(
        CAST(:tenant AS text[]), CAST(:kind AS text[]), CAST(:source AS text[]),
        CAST(:id AS text[]), CAST(:occurred_at AS timestamptz[]),
        CAST(:received_at AS timestamptz[]), CAST(:enriched_at AS timestamptz[]),
        CAST(:channel AS text[]), CAST(:touchpoint AS text[]), CAST(:department AS text[]),
        CAST(:interaction_kind AS text[]), CAST(:colour AS text[]), CAST(:polarity AS text[]),
        CAST(:conversation_id AS text[]), CAST(:customer_id AS uuid[]), CAST(:topics AS text[]),
        CAST(:identifiers AS text[]), CAST(:score AS float8[]), CAST(:score_kind AS text[]),
        CAST(:valence AS float8[]), CAST(:perceptions AS text[]), CAST(:leaving AS boolean[]),
        CAST(:solicited AS boolean[]), CAST(:outbound AS boolean[]), CAST(:amount AS float8[]),
        CAST(:duration_s AS float8[]), CAST(:attributes AS text[]), CAST(:payload AS text[])
    ) AS e (
        tenant, kind, source, id, occurred_at, received_at, enriched_at, channel, touchpoint,
        department, interaction_kind, colour, polarity, conversation_id, customer_id,
        topics, identifiers, score, score_kind, valence, perceptions, leaving, solicited, outbound,
        amount, duration_s, attributes, payload
    )
    ORDER BY tenant, kind, source, id
    ON CONFLICT (tenant, kind, source, id) DO UPDATE
    SET occurred_at = EXCLUDED.occurred_at, received_at = EXCLUDED.received_at,
        enriched_at = EXCLUDED.enriched_at, channel = EXCLUDED.channel,
        touchpoint = EXCLUDED.touchpoint, department = EXCLUDED.department,
        interaction_kind = EXCLUDED.interaction_kind, colour = EXCLUDED.colour,
        polarity = EXCLUDED.polarity, conversation_id = EXCLUDED.conversation_id,
        customer_id = EXCLUDED.customer_id, topics = EXCLUDED.topics,
        identifiers = EXCLUDED.identifiers, identified = EXCLUDED.identified,
        score = EXCLUDED.score, score_kind = EXCLUDED.score_kind, valence = EXCLUDED.valence,
        perceptions = EXCLUDED.perceptions, leaving = EXCLUDED.leaving,
        solicited = EXCLUDED.solicited, outbound = EXCLUDED.outbound, amount = EXCLUDED.amount,
        duration_s = EXCLUDED.duration_s, attributes = EXCLUDED.attributes,
        payload = EXCLUDED.payload
    WHERE known.enriched_at < EXCLUDED.enriched_at
    RETURNING tenant, kind, source, id, xmax = 0 AS new
    """
)
"""A row that is inserted and not updated has no xmax. Only feedback has an enriched_at: a newer
model or policy judged it again."""

_MOVE = text(
    """
    UPDATE journey.event e
    SET customer_id = now.customer_id, identified = now.customer_id IS NOT NULL
    FROM (
        SELECT o.tenant, o.kind, o.source, o.id, (
            SELECT i.customer_id
            FROM unnest(o.identifiers) WITH ORDINALITY AS k (id, strength)
            JOIN journey.identifier i ON i.id = k.id AND i.customer_id IS NOT NULL
            ORDER BY k.strength LIMIT 1
        ) AS customer_id
        FROM journey.event o
        WHERE o.identifiers <> '{}' AND (
            o.customer_id = ANY(CAST(:customers AS uuid[]))
            OR (NOT o.identified AND o.identifiers && CAST(:identifiers AS uuid[]))
        )
    ) AS now
    WHERE (e.tenant, e.kind, e.source, e.id) = (now.tenant, now.kind, now.source, now.id)
        AND (e.customer_id, e.identified)
            IS DISTINCT FROM (now.customer_id, now.customer_id IS NOT NULL)
    RETURNING e.tenant, e.conversation_id
    """
)
"""Events follow their identifiers: judged anew, so that a split parts them again."""

_ATTACH = text(
    """
    WITH open AS (
        SELECT DISTINCT e.tenant, e.conversation_id
        FROM unnest(CAST(:tenants AS text[]), CAST(:ids AS text[])) AS c (tenant, id)
        JOIN journey.event e
            ON e.tenant = c.tenant AND e.conversation_id = c.id AND NOT e.identified
    ), known AS (
        SELECT open.tenant, open.conversation_id,
            CASE WHEN count(DISTINCT e.customer_id) = 1
                THEN CAST(min(CAST(e.customer_id AS text)) AS uuid) END AS customer_id
        FROM open
        LEFT JOIN journey.event e
            ON e.tenant = open.tenant AND e.conversation_id = open.conversation_id
            AND e.identified
        GROUP BY open.tenant, open.conversation_id
    )
    UPDATE journey.event e SET customer_id = known.customer_id
    FROM known
    WHERE e.tenant = known.tenant AND e.conversation_id = known.conversation_id
        AND NOT e.identified AND e.customer_id IS DISTINCT FROM known.customer_id
    """
)
"""Events that name nobody belong to the one customer of their conversation, if it has one."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What a batch did: events by kind that are new, and that were erased before, and customers."""

    new: Mapping[str, int]
    customers: Settled
    erased: Mapping[str, int] = field(default_factory=dict)


class Admission(Protocol):
    """Keeps out what must not be remembered."""

    async def admit(
        self, connection: AsyncConnection, events: Sequence[Event], now: datetime
    ) -> tuple[list[Event], bool]:
        """What may be stored, and whether `grown` is to be called after the commit."""

    def grown(self) -> None: ...


class Store:
    """The long memory of journey."""

    def __init__(self, engine: AsyncEngine, admission: Admission) -> None:
        self._engine = engine
        self._admission = admission
        self._vectors = False

    def use_vectors(self) -> None:
        """There is a table of vectors; must be said before the first batch."""
        self._vectors = True

    async def add(self, events: Sequence[Event], now: datetime) -> Stored:
        """Store events and who they belong to, in one transaction; known ones change nothing, and
        those of erased customers are left out.

        Raises:
            Retryable: nothing was stored, or we do not know.
        """
        async with database.begin(self._engine) as connection:
            admitted, grown = await self._admission.admit(connection, events, now)
            stored = Stored({}, Settled())
            if admitted:
                stored = await remember(connection, admitted, now, vectors=self._vectors)
        if grown:
            self._admission.grown()
        return stored


async def remember(
    connection: AsyncConnection, events: Sequence[Event], now: datetime, *, vectors: bool = False
) -> Stored:
    """As `Store.add`, within a transaction of the caller's.

    Args:
        vectors: there is a table of vectors.
    """
    settled = await settle(connection, events, now)
    conversations = {
        (event.tenant, event.conversation_id)
        for event in events
        if event.conversation_id is not None
    }
    await _lock(connection, conversations)
    moved = await _move(connection, settled)
    await _lock(connection, moved - conversations)
    latest = _latest(events)
    found = (await connection.execute(_INSERT, columns(latest, settled.owners))).all()
    new = Counter(row.kind for row in found if row.new)
    written = {(row.tenant, row.kind, row.source, row.id) for row in found}
    said = [one.said for one in latest if one.said is not None and one.key in written]
    await store_texts.put(connection, said, vectors=vectors)
    await attach(connection, conversations | moved)
    return Stored(new, settled)


async def follow(connection: AsyncConnection, settled: Settled) -> None:
    """Events follow identifiers that changed hands without a new event. Nobody else may write
    events meanwhile."""
    await attach(connection, await _move(connection, settled))


async def attach(connection: AsyncConnection, conversations: Collection[tuple[str, str]]) -> None:
    """Give events that name nobody to the one customer of their conversation, if it has one."""
    if conversations:
        await connection.execute(_ATTACH, _pairs(conversations))


async def _lock(connection: AsyncConnection, conversations: Collection[tuple[str, str]]) -> None:
    if conversations:
        await connection.execute(_LOCK_CONVERSATIONS, _pairs(conversations))


async def _move(connection: AsyncConnection, settled: Settled) -> set[tuple[str, str]]:
    """Judge anew the events of identifiers that changed hands; gives their conversations."""
    if not settled.changed:
        return set()
    rows = await connection.execute(
        _MOVE, {"customers": list(settled.affected), "identifiers": list(settled.changed)}
    )
    return {(row.tenant, row.conversation_id) for row in rows if row.conversation_id is not None}


def _pairs(conversations: Collection[tuple[str, str]]) -> dict[str, list[str]]:
    return {"tenants": [pair[0] for pair in conversations], "ids": [p[1] for p in conversations]}


def _latest(events: Iterable[Event]) -> list[Event]:
    """Each event once: the one that was enriched last."""
    found: dict[tuple[str, str, str, str], Event] = {}
    for event in events:
        known = found.setdefault(event.key, event)
        if known.enriched_at and event.enriched_at and known.enriched_at < event.enriched_at:
            found[event.key] = event
    return list(found.values())
