"""SQL of which feedback is on which case, and by which keys of people cases are found."""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.grouping import Known
from heedful.alerting.matching import Customer
from heedful.alerting.records import Classified, FeedbackKey, Heard
from heedful.common.contracts import Colour

_BUCKETS = 256
"""Locks of people: so many at most in one transaction, for the table of locks is small."""

_FIND = text(
    """
    WITH RECURSIVE found AS (
        SELECT f.tenant, f.source, f.feedback_id, f.case_id, f.colour, f.classified,
            f.case_id AS worked_on
        FROM alerting.case_feedback f JOIN unnest(
            CAST(:tenants AS text[]), CAST(:sources AS text[]), CAST(:ids AS text[])
        ) AS w (tenant, source, id)
            ON f.tenant = w.tenant AND f.source = w.source AND f.feedback_id = w.id
        UNION ALL
        SELECT o.tenant, o.source, o.feedback_id, o.case_id, o.colour, o.classified, c.merged_into
        FROM found o JOIN alerting.cases c ON c.id = o.worked_on AND c.merged_into IS NOT NULL
    )
    SELECT found.* FROM found
    JOIN alerting.cases c ON c.id = found.worked_on AND c.merged_into IS NULL
    """
)

_LOCK_PEOPLE = text(
    """
    SELECT pg_advisory_xact_lock(hashtext('alerting.people'), bucket)
    FROM unnest(CAST(:buckets AS int[])) AS w (bucket)
    """
)

_FIND_CASES = text(
    """
    WITH shared AS (
        SELECT DISTINCT k.case_id
        FROM unnest(CAST(:tenants AS text[]), CAST(:keys AS text[])) AS w (tenant, key)
        JOIN alerting.case_key k ON k.tenant = w.tenant AND k.key = w.key
    )
    SELECT c.id, c.tenant, c.received_at, c.topic, c.touchpoint, c.over_at,
        array_agg(k.key) AS keys,
        COALESCE(array_agg(k.key) FILTER (WHERE k.talk), '{}') AS talks
    FROM shared JOIN alerting.cases c ON c.id = shared.case_id AND c.state <> 'merged'
        AND c.erased_at IS NULL
    JOIN alerting.case_key k ON k.case_id = c.id
    GROUP BY c.id
    """
)

_INSERT = text(
    """
    INSERT INTO alerting.case_feedback (
        tenant, source, feedback_id, case_id, channel, colour, classified, received_at,
        occurred_at)
    SELECT * FROM unnest(
        CAST(:tenants AS text[]), CAST(:sources AS text[]), CAST(:ids AS text[]),
        CAST(:cases AS text[]), CAST(:channels AS text[]), CAST(:colours AS text[]),
        CAST(:classified AS boolean[]), CAST(:received AS timestamptz[]),
        CAST(:occurred AS timestamptz[])
    )
    ON CONFLICT DO NOTHING RETURNING tenant, source, feedback_id
    """
)

# What a merge had brought is the case's own from then on.
_KEEP_KEYS = text(
    """
    INSERT INTO alerting.case_key AS known (tenant, key, case_id, talk)
    SELECT DISTINCT * FROM unnest(
        CAST(:tenants AS text[]), CAST(:keys AS text[]), CAST(:cases AS text[]),
        CAST(:talks AS boolean[])) AS w (tenant, key, case_id, talk)
    ON CONFLICT (tenant, key, case_id) DO UPDATE SET origin = NULL WHERE known.origin IS NOT NULL
    """
)

_RECOLOUR = text(
    """
    UPDATE alerting.case_feedback f SET classified = true, colour = w.colour
    FROM unnest(
        CAST(:tenants AS text[]), CAST(:sources AS text[]), CAST(:ids AS text[]),
        CAST(:colours AS text[])
    ) AS w (tenant, source, id, colour)
    WHERE f.tenant = w.tenant AND f.source = w.source AND f.feedback_id = w.id
    """
)


_WITHOUT_LABELS = text(
    """
    WITH RECURSIVE own AS (
        SELECT id, id AS part FROM unnest(CAST(:cases AS text[])) AS w (id)
        UNION
        SELECT own.id, c.id FROM own JOIN alerting.cases c ON c.merged_into = own.part
    )
    SELECT DISTINCT own.id AS case_id FROM own
    JOIN alerting.case_feedback f ON f.case_id = own.part AND NOT f.classified
    """
)
_OF_CASE = text(
    """
    SELECT tenant, source, feedback_id, colour, received_at, channel FROM alerting.case_feedback
    WHERE case_id = :case ORDER BY received_at, source, feedback_id
    """
)
_SHARE_KEYS = text(
    """
    INSERT INTO alerting.case_key (tenant, key, case_id, talk, origin)
    SELECT tenant, key, :into, talk, :case FROM alerting.case_key WHERE case_id = :case
    ON CONFLICT DO NOTHING
    """
)
_UNSHARE_KEYS = text("DELETE FROM alerting.case_key WHERE case_id = :into AND origin = :case")
_MOVE = text(
    """
    UPDATE alerting.case_feedback SET case_id = :into
    WHERE tenant = :tenant AND source = :source AND feedback_id = :id AND case_id = :case
    """
)
_COPY_KEYS = text(
    """
    INSERT INTO alerting.case_key (tenant, key, case_id, talk)
    SELECT tenant, key, :into, talk FROM alerting.case_key WHERE case_id = :case
    ON CONFLICT DO NOTHING
    """
)


@dataclass(frozen=True, slots=True)
class Linked:
    """A feedback of a case."""

    key: FeedbackKey
    colour: Colour
    received_at: datetime
    channel: str


@dataclass(frozen=True, slots=True)
class Link:
    """A feedback on a case; without labels it is not `classified`.

    Attributes:
        worked_on: the case itself, or that which it was merged into.
    """

    case_id: str
    worked_on: str
    colour: Colour
    classified: bool


async def find(connection: AsyncConnection, keys: Sequence[FeedbackKey]) -> dict[FeedbackKey, Link]:
    """The links of those that are on a case."""
    rows = await connection.execute(_FIND, FeedbackKey.columns(keys))
    return {
        FeedbackKey(row.tenant, row.source, row.feedback_id): Link(
            row.case_id, row.worked_on, Colour(row.colour), row.classified
        )
        for row in rows
    }


async def lock_people(connection: AsyncConnection, heard: Sequence[Heard]) -> None:
    """Nobody else opens a case for these people until the transaction ends."""
    await lock_customers(connection, [(one.key.tenant, one.customer) for one in heard])


async def lock_customers(
    connection: AsyncConnection, customers: Sequence[tuple[str, Customer]]
) -> None:
    """As `lock_people`, of customers each with the tenant."""
    names = {f"{tenant}:{key}" for tenant, customer in customers for key in customer.keys}
    buckets = sorted({zlib.crc32(name.encode()) % _BUCKETS for name in names})
    if buckets:
        await connection.execute(_LOCK_PEOPLE, {"buckets": buckets})


async def find_cases(connection: AsyncConnection, heard: Sequence[Heard]) -> list[Known]:
    """The cases that share a key with some of these."""
    pairs = sorted({(one.key.tenant, key) for one in heard for key in one.customer.keys})
    if not pairs:
        return []
    values = {"tenants": [tenant for tenant, _ in pairs], "keys": [key for _, key in pairs]}
    return [
        Known(
            case_id=row.id,
            tenant=row.tenant,
            received_at=row.received_at,
            keys=frozenset(row.keys),
            talks=frozenset(row.talks),
            topic=row.topic,
            touchpoint=row.touchpoint,
            over_at=row.over_at,
        )
        for row in await connection.execute(_FIND_CASES, values)
    ]


async def insert(
    connection: AsyncConnection, found: Sequence[tuple[str, Classified]]
) -> set[FeedbackKey]:
    """Put feedback on cases, with the keys by which contacts find them; gives what is new."""
    if not found:
        return set()
    keys = [one.key for _, one in found]
    rows = await connection.execute(
        _INSERT,
        {
            **FeedbackKey.columns(keys),
            "cases": [case_id for case_id, _ in found],
            "channels": [one.feedback.item.channel for _, one in found],
            "colours": [one.shown.value for _, one in found],
            "classified": [one.colour is not None for _, one in found],
            "received": [one.feedback.received_at for _, one in found],
            "occurred": [one.feedback.occurred_at for _, one in found],
        },
    )
    fresh = {FeedbackKey(row.tenant, row.source, row.feedback_id) for row in rows}
    customers = [
        (case_id, one.key.tenant, one.feedback.customer)
        for case_id, one in found
        if one.key in fresh
    ]
    await keep_keys(connection, customers)
    return fresh


async def keep_keys(
    connection: AsyncConnection, customers: Iterable[tuple[str, str, Customer]]
) -> None:
    """Contacts with these customers find these cases.

    Args:
        customers: each with the case and the tenant.
    """
    pairs = [
        (tenant, key, case_id, key == customer.talk)
        for case_id, tenant, customer in customers
        for key in customer.keys
    ]
    names = ("tenants", "keys", "cases", "talks")
    await connection.execute(
        _KEEP_KEYS, {name: [pair[place] for pair in pairs] for place, name in enumerate(names)}
    )


async def recolour(
    connection: AsyncConnection, found: Sequence[tuple[FeedbackKey, Colour]]
) -> None:
    """What is on a case has labels now."""
    values = FeedbackKey.columns([key for key, _ in found])
    await connection.execute(_RECOLOUR, {**values, "colours": [one.value for _, one in found]})


async def without_labels(connection: AsyncConnection, cases: Iterable[str]) -> set[str]:
    """Those of locked cases on which, or on what was merged into them, some feedback has no
    labels."""
    rows = await connection.execute(_WITHOUT_LABELS, {"cases": list(cases)})
    return {row.case_id for row in rows}


async def of_case(connection: AsyncConnection, case_id: str) -> list[Linked]:
    """The feedback of a case, the oldest first."""
    return [
        Linked(
            FeedbackKey(row.tenant, row.source, row.feedback_id),
            Colour(row.colour),
            row.received_at,
            row.channel,
        )
        for row in await connection.execute(_OF_CASE, {"case": case_id})
    ]


async def share_keys(connection: AsyncConnection, case_id: str, into: str) -> None:
    """Contacts that would find a case find the one that it is merged into."""
    await connection.execute(_SHARE_KEYS, {"case": case_id, "into": into})


async def unshare_keys(connection: AsyncConnection, case_id: str, into: str) -> None:
    """They find the other one no more."""
    await connection.execute(_UNSHARE_KEYS, {"case": case_id, "into": into})


async def move(connection: AsyncConnection, one: Linked, case_id: str, into: str) -> None:
    """A feedback goes to another case, which the same contacts find."""
    key = one.key
    values = {"case": case_id, "into": into}
    named = {"tenant": key.tenant, "source": key.source, "id": key.id}
    await connection.execute(_MOVE, {**values, **named})
    await connection.execute(_COPY_KEYS, values)
