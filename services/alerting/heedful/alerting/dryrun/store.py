"""SQL of what a dry run looks at, a stretch of time at a time."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import store_cases, store_history
from heedful.alerting.case import Step
from heedful.alerting.dryrun.replay import KINDS, Heard
from heedful.alerting.dryrun.signals import Shown
from heedful.alerting.policies.judging import Facts
from heedful.alerting.policies.matching import Item
from heedful.alerting.records import StoredCase
from heedful.alerting.signals.signal import SignalOutcome
from heedful.alerting.store_facts import item_in
from heedful.common.contracts import Channel, Colour, FeedbackRef, SignalKind

_AT_ONCE = 1000
_CASES_AT_ONCE = 200

_OPENED = text(
    """
    SELECT id FROM alerting.cases
    WHERE tenant = :tenant AND opened_at >= :since AND opened_at < :until ORDER BY id
    """
)
_HEARD = text(
    """
    SELECT f.case_id, f.source, f.feedback_id, f.received_at, e.item
    FROM alerting.case_feedback f LEFT JOIN alerting.enriched e USING (tenant, source, feedback_id)
    WHERE f.case_id = ANY(CAST(:ids AS text[])) ORDER BY f.case_id
    """
)
_ON_NO_CASE = text(
    """
    SELECT e.received_at, e.item FROM alerting.enriched e
    WHERE e.tenant = :tenant AND e.received_at >= :since AND e.received_at < :until
      AND NOT EXISTS (
        SELECT FROM alerting.case_feedback f WHERE f.tenant = e.tenant AND f.source = e.source
          AND f.feedback_id = e.feedback_id)
    """
)
_RECEIVED = text(
    """
    SELECT
        (SELECT count(*) FROM alerting.enriched WHERE tenant = :tenant
            AND received_at >= :since AND received_at < :until) AS known,
        (SELECT count(*) FROM alerting.enriched WHERE tenant = :tenant
            AND received_at IS NULL AND seen_at >= :since AND seen_at < :until) AS unknown
    """
)
# Whose a signal is stands in the keys of its case. A signal of before its matter was kept has that
# of its case.
_SHOWN = text(
    """
    SELECT s.kind, s.colour, s.confidence, s.detected_at, s.taken_at, s.outcome, s.item,
        c.topic, c.touchpoint, c.department, c.region, c.channel,
        s.outcome = 'reopened' OR coalesce(c.over_at <= s.detected_at, false) AS was_over,
        EXISTS (
            SELECT FROM alerting.case_key k
            JOIN alerting.case_key o
                ON o.tenant = k.tenant AND o.key = k.key AND o.case_id <> k.case_id
            JOIN alerting.cases x ON x.id = o.case_id
            WHERE k.case_id = s.case_id AND x.opened_at <= s.detected_at
                AND (x.over_at IS NULL OR x.over_at > s.detected_at)
        ) AS elsewhere
    FROM alerting.signal s LEFT JOIN alerting.cases c ON c.id = s.case_id
    WHERE s.tenant = :tenant AND s.detected_at >= :since AND s.detected_at < :until
    """
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Of a tenant's time: from `since` on, before `until`."""

    tenant: str
    since: datetime
    until: datetime

    @property
    def values(self) -> dict[str, object]:
        return {"tenant": self.tenant, "since": self.since, "until": self.until}


@dataclass(frozen=True, slots=True)
class Recorded:
    """A case with its steps of `KINDS` and its feedback."""

    stored: StoredCase
    steps: Sequence[Step]
    heard: Mapping[FeedbackRef, Heard]


@dataclass(frozen=True, slots=True)
class Unheard:
    """A feedback that was on no case."""

    received_at: datetime
    item: Item


async def opened(
    connection: AsyncConnection, stretch: Stretch
) -> AsyncIterator[Sequence[Recorded]]:
    """The cases that were opened then, some at a time."""
    ids = [row.id for row in await connection.execute(_OPENED, stretch.values)]
    for start in range(0, len(ids), _CASES_AT_ONCE):
        page = ids[start : start + _CASES_AT_ONCE]
        stored = await store_cases.read_cases(connection, page)
        steps = await store_history.steps_of(connection, page, KINDS)
        feedback = await connection.execute(_HEARD, {"ids": page})
        heard = {
            case_id: {
                FeedbackRef(source=row.source, id=row.feedback_id): Heard(
                    row.received_at, row.item and item_in(row.item)
                )
                for row in rows
            }
            for case_id, rows in groupby(feedback, key=lambda row: str(row.case_id))
        }
        yield [
            Recorded(one, steps[case_id], heard.get(case_id, {})) for case_id, one in stored.items()
        ]


async def on_no_case(
    connection: AsyncConnection, stretch: Stretch
) -> AsyncIterator[Sequence[Unheard]]:
    """The feedback that was received then and is on no case, some at a time."""
    options = {"yield_per": _AT_ONCE}
    async with connection.stream(_ON_NO_CASE, stretch.values, execution_options=options) as rows:
        async for page in rows.partitions():
            yield [Unheard(row.received_at, item_in(row.item)) for row in page]


async def shown(connection: AsyncConnection, stretch: Stretch) -> AsyncIterator[Sequence[Shown]]:
    """The signals that showed then, some at a time."""
    options = {"yield_per": _AT_ONCE}
    async with connection.stream(_SHOWN, stretch.values, execution_options=options) as rows:
        async for page in rows.partitions():
            yield [_shown(row) for row in page]


async def received(connection: AsyncConnection, stretch: Stretch) -> tuple[int, int]:
    """How much feedback has labels that are kept, and of how much they are not."""
    row = (await connection.execute(_RECEIVED, stretch.values)).one()
    return row.known, row.unknown


def _shown(row: Row[Any]) -> Shown:
    return Shown(
        facts=Facts(SignalKind(row.kind), Colour(row.colour), row.confidence),
        item=_matter(row) if row.item is None else item_in(row.item),
        detected_at=row.detected_at,
        taken_at=row.taken_at,
        outcome=SignalOutcome(row.outcome),
        was_over=row.was_over,
        elsewhere=row.elsewhere,
    )


def _matter(row: Row[Any]) -> Item:
    return Item(
        channel=row.channel or Channel.OTHER.value,
        topic=row.topic,
        topics=() if row.topic is None else (row.topic,),
        touchpoint=row.touchpoint,
        department=row.department,
        region=row.region,
    )
