"""SQL of signals: which were taken, what came of each, and the cases that one may belong to.

Of a signal that is on no case nothing is kept that leads to its customer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.policies.matching import Item
from heedful.alerting.records import FeedbackKey
from heedful.alerting.signals.grouping import Near
from heedful.alerting.signals.signal import Signal, SignalOutcome
from heedful.common.contracts import Colour, SignalItem, SignalKind

_TAKE = text(
    """
    INSERT INTO alerting.signal (
        tenant, id, kind, colour, confidence, detected_at, taken_at, outcome, item)
    VALUES (:tenant, :id, :kind, :colour, :confidence, :detected_at, :now, :outcome,
        CAST(:item AS jsonb))
    ON CONFLICT DO NOTHING RETURNING id
    """
)

_PLACE = text(
    """
    UPDATE alerting.signal SET outcome = :outcome, case_id = :case_id, customer_id = :customer_id,
        summary_zh = :summary_zh, summary_en = :summary_en, evidence = CAST(:evidence AS jsonb)
    WHERE tenant = :tenant AND id = :id
    """
)

# A case that was merged into another one has its feedback still; the other one is worked on.
_NEAR = text(
    """
    WITH RECURSIVE held AS (
        SELECT f.case_id, (f.source, f.feedback_id) = (:said_source, :said_id) AS trigger
        FROM unnest(CAST(:sources AS text[]), CAST(:ids AS text[])) AS w (source, id)
        JOIN alerting.case_feedback f
            ON f.tenant = :tenant AND f.source = w.source AND f.feedback_id = w.id
        UNION
        SELECT c.merged_into, h.trigger
        FROM held h JOIN alerting.cases c ON c.id = h.case_id AND c.merged_into IS NOT NULL
    ), linked AS (
        SELECT case_id, bool_or(trigger) AS trigger FROM held GROUP BY case_id
    ), shared AS (
        SELECT case_id, bool_or(NOT talk) AND NOT :anonymous AS person,
            coalesce(bool_or(key = :talk), false) AS talk
        FROM alerting.case_key
        WHERE tenant = :tenant AND key = ANY(CAST(:keys AS text[]))
        GROUP BY case_id
    )
    SELECT c.id, c.received_at, c.topic, c.over_at,
        coalesce(l.trigger, false) AS trigger, l.case_id IS NOT NULL AS evidence,
        coalesce(s.talk, false) AS talk,
        EXISTS (
            SELECT FROM alerting.signal o WHERE o.case_id = c.id AND o.kind = :kind
        ) AS alike
    FROM linked l FULL JOIN shared s USING (case_id)
    JOIN alerting.cases c ON c.id = case_id
    WHERE c.tenant = :tenant AND c.state <> 'merged' AND c.erased_at IS NULL
        AND (l.case_id IS NOT NULL OR s.person OR s.talk)
    """
)

_OF_CASE = text(
    """
    SELECT id, kind, colour, confidence, detected_at, taken_at, outcome, customer_id, summary_zh,
        summary_en, evidence
    FROM alerting.signal WHERE case_id = :case_id ORDER BY detected_at, id
    """
)

_PRUNE = text("DELETE FROM alerting.signal WHERE case_id IS NULL AND taken_at < :before")


@dataclass(frozen=True, slots=True)
class Placed:
    """A signal of a case; an erasure takes away who, why and by what."""

    id: str
    kind: SignalKind
    colour: Colour
    confidence: float | None
    detected_at: datetime
    taken_at: datetime
    outcome: SignalOutcome
    customer_id: str | None
    summary_zh: str
    summary_en: str
    evidence: tuple[SignalItem, ...]


async def take(
    connection: AsyncConnection,
    now: datetime,
    signal: Signal,
    item: Item,
    outcome: SignalOutcome,
) -> bool:
    """Note that a signal was taken, with what comes of it unless it is placed; False: it was
    before.

    Args:
        item: its matter, which another policy may be tried on.
    """
    facts = signal.shown.facts
    values = {
        "tenant": signal.tenant,
        "id": signal.shown.id,
        "kind": facts.kind.value,
        "colour": facts.colour.value,
        "confidence": facts.confidence,
        "detected_at": signal.detected_at,
        "now": now,
        "outcome": outcome.value,
        "item": orjson.dumps(item).decode(),
    }
    return (await connection.execute(_TAKE, values)).first() is not None


async def place(
    connection: AsyncConnection, signal: Signal, case_id: str, outcome: SignalOutcome
) -> None:
    """Put a signal that was taken on a case."""
    evidence = [one.model_dump(mode="json") for one in signal.evidence]
    values = {
        "tenant": signal.tenant,
        "id": signal.shown.id,
        "outcome": outcome.value,
        "case_id": case_id,
        "customer_id": signal.customer_id,
        "summary_zh": signal.shown.summary_zh,
        "summary_en": signal.shown.summary_en,
        "evidence": orjson.dumps(evidence).decode(),
    }
    await connection.execute(_PLACE, values)


async def near(connection: AsyncConnection, signal: Signal) -> list[Near]:
    """The cases that hold some of its evidence, or share a key with its customer."""
    said = signal.said or FeedbackKey(signal.tenant, "", "")
    heard = sorted({(one.source, one.id) for one in (*signal.heard, said)})
    values = {
        "tenant": signal.tenant,
        "said_source": said.source,
        "said_id": said.id,
        "sources": [source for source, _ in heard],
        "ids": [id_ for _, id_ in heard],
        "keys": list(signal.customer.keys),
        "talk": signal.customer.talk,
        "anonymous": signal.customer.anonymous,
        "kind": signal.shown.facts.kind.value,
    }
    return [
        Near(
            case_id=row.id,
            received_at=row.received_at,
            topic=row.topic,
            trigger=row.trigger,
            evidence=row.evidence,
            talk=row.talk,
            alike=row.alike,
            over_at=row.over_at,
        )
        for row in await connection.execute(_NEAR, values)
    ]


async def of_case(connection: AsyncConnection, case_id: str) -> Sequence[Placed]:
    """The signals of a case, the first that showed first."""
    return [
        Placed(
            id=row.id,
            kind=SignalKind(row.kind),
            colour=Colour(row.colour),
            confidence=row.confidence,
            detected_at=row.detected_at,
            taken_at=row.taken_at,
            outcome=SignalOutcome(row.outcome),
            customer_id=row.customer_id,
            summary_zh=row.summary_zh,
            summary_en=row.summary_en,
            evidence=tuple(SignalItem(**one) for one in row.evidence),
        )
        for row in await connection.execute(_OF_CASE, {"case_id": case_id})
    ]


async def prune(connection: AsyncConnection, before: datetime) -> None:
    """Forget what was taken before and is on no case."""
    await connection.execute(_PRUNE, {"before": before})
