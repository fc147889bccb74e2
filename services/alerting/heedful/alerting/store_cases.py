"""SQL of cases. Whoever changes a case holds its row lock; store_events.py appends events."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.case import Case, State, Step
from heedful.alerting.records import Opening, StoredCase
from heedful.common.contracts import (
    Actor,
    ActorType,
    CaseEventKind,
    ClockMetric,
    Colour,
    Deadlines,
    FeedbackRef,
)

_INSERT_CASES = text(
    """
    INSERT INTO alerting.cases (
        id, tenant, state, colour, sequence, source, feedback_id, channel, received_at,
        opened_at, respond_due, plan_due, land_due, reasons)
    SELECT w.id, w.tenant, 'new', w.colour, 1, w.source, w.feedback_id, w.channel, w.received_at,
           CAST(:now AS timestamptz), w.respond_due, w.plan_due, w.land_due,
           CAST(w.reasons AS jsonb)
    FROM unnest(
        CAST(:ids AS text[]), CAST(:tenants AS text[]), CAST(:colours AS text[]),
        CAST(:sources AS text[]), CAST(:feedback_ids AS text[]), CAST(:channels AS text[]),
        CAST(:received AS timestamptz[]), CAST(:respond AS timestamptz[]),
        CAST(:plan AS timestamptz[]), CAST(:land AS timestamptz[]), CAST(:reasons AS text[])
    ) AS w (id, tenant, colour, source, feedback_id, channel, received_at,
            respond_due, plan_due, land_due, reasons)
    ORDER BY w.id
    ON CONFLICT (id) DO NOTHING
    RETURNING id
    """
)

_INSERT_LINKS = text(
    """
    INSERT INTO alerting.case_feedback (
        tenant, source, feedback_id, case_id, channel, colour, classified, received_at)
    SELECT * FROM unnest(
        CAST(:tenants AS text[]), CAST(:sources AS text[]), CAST(:feedback_ids AS text[]),
        CAST(:ids AS text[]), CAST(:channels AS text[]), CAST(:colours AS text[]),
        CAST(:classified AS boolean[]), CAST(:received AS timestamptz[])
    )
    ON CONFLICT DO NOTHING
    """
)

# A late enrichment of an unclassified case: exactly one statement wins the link.
_CLASSIFY = text(
    """
    UPDATE alerting.case_feedback f SET classified = true, colour = w.colour
    FROM unnest(
        CAST(:tenants AS text[]), CAST(:sources AS text[]), CAST(:ids AS text[]),
        CAST(:colours AS text[])
    ) AS w (tenant, source, id, colour)
    WHERE f.tenant = w.tenant AND f.source = w.source AND f.feedback_id = w.id
      AND NOT f.classified
    RETURNING f.case_id
    """
)

_COLUMNS = """
    id, tenant, state, colour, sequence, source, feedback_id, channel, received_at,
    respond_due, plan_due, land_due, reasons, owner, action, action_due, root_cause, action_taken,
    head, head_sequence
"""

_LOCK = text(
    f"SELECT {_COLUMNS} FROM alerting.cases"  # noqa: S608  # a constant
    " WHERE id = ANY(CAST(:ids AS text[])) ORDER BY id FOR UPDATE"
)

_UPDATE_CASES = text(
    """
    UPDATE alerting.cases c SET
        state = w.state, colour = w.colour, sequence = w.sequence, owner = w.owner,
        action = w.action, action_due = w.action_due, root_cause = w.root_cause,
        action_taken = w.action_taken, head = coalesce(w.head, c.head),
        head_sequence = CASE WHEN w.head IS NULL THEN c.head_sequence ELSE w.sequence END
    FROM unnest(
        CAST(:ids AS text[]), CAST(:states AS text[]), CAST(:colours AS text[]),
        CAST(:sequences AS int[]), CAST(:owners AS text[]), CAST(:actions AS text[]),
        CAST(:action_dues AS timestamptz[]), CAST(:root_causes AS text[]),
        CAST(:actions_taken AS text[]), CAST(:heads AS bytea[])
    ) AS w (id, state, colour, sequence, owner, action, action_due, root_cause, action_taken, head)
    WHERE c.id = w.id
    """
)

_SET_HEADS = text(
    """
    UPDATE alerting.cases c SET head = w.head, head_sequence = w.sequence
    FROM unnest(
        CAST(:ids AS text[]), CAST(:sequences AS int[]), CAST(:heads AS bytea[])
    ) AS w (id, sequence, head)
    WHERE c.id = w.id
    """
)

_SET_REASONS = text(
    """
    UPDATE alerting.cases c SET reasons = CAST(w.reasons AS jsonb)
    FROM unnest(CAST(:ids AS text[]), CAST(:reasons AS text[])) AS w (id, reasons)
    WHERE c.id = w.id
    """
)


async def insert_cases(
    connection: AsyncConnection, now: datetime, openings: Sequence[tuple[Opening, Deadlines]]
) -> set[str]:
    """Insert cases and their links; gives the ids that are new."""
    columns = {
        "ids": [opening.case_id for opening, _ in openings],
        "tenants": [opening.feedback.key.tenant for opening, _ in openings],
        "sources": [opening.feedback.key.source for opening, _ in openings],
        "feedback_ids": [opening.feedback.key.id for opening, _ in openings],
        "channels": [opening.feedback.channel for opening, _ in openings],
        "colours": [opening.colour.value for opening, _ in openings],
        "received": [opening.feedback.received_at for opening, _ in openings],
    }
    inserted = await connection.execute(
        _INSERT_CASES,
        {
            **columns,
            "now": now,
            "respond": [limits.respond for _, limits in openings],
            "plan": [limits.plan for _, limits in openings],
            "land": [limits.land for _, limits in openings],
            "reasons": [_json(opening.reasons) for opening, _ in openings],
        },
    )
    fresh = {row.id for row in inserted}
    if fresh:
        await connection.execute(
            _INSERT_LINKS, {**columns, "classified": [o.classified for o, _ in openings]}
        )
    return fresh


async def classify_links(
    connection: AsyncConnection, found: Sequence[tuple[str, str, str, Colour]]
) -> set[str]:
    """Give links of unclassified cases their colour; gives the cases that waited for it.

    Args:
        found: tenant, source, feedback id and colour of enrichments.
    """
    rows = await connection.execute(
        _CLASSIFY,
        {
            "tenants": [one[0] for one in found],
            "sources": [one[1] for one in found],
            "ids": [one[2] for one in found],
            "colours": [one[3].value for one in found],
        },
    )
    return {row.case_id for row in rows}


async def set_heads(
    connection: AsyncConnection, cases: Iterable[StoredCase], heads: Mapping[str, bytes]
) -> None:
    """Store the hash of the last event of cases that were inserted in this transaction."""
    chained = [one for one in cases if one.id in heads]
    await connection.execute(
        _SET_HEADS,
        {
            "ids": [one.id for one in chained],
            "sequences": [one.case.sequence for one in chained],
            "heads": [heads[one.id] for one in chained],
        },
    )


async def lock_cases(connection: AsyncConnection, ids: Iterable[str]) -> dict[str, StoredCase]:
    """Lock cases for the rest of the transaction, in one order for everybody."""
    rows = await connection.execute(_LOCK, {"ids": sorted(set(ids))})
    return {row.id: _stored(row) for row in rows}


async def set_reasons(
    connection: AsyncConnection, reasons: Mapping[str, tuple[Mapping[str, str], ...]]
) -> None:
    """Replace the reasons of locked cases."""
    values = {"ids": list(reasons), "reasons": [_json(one) for one in reasons.values()]}
    await connection.execute(_SET_REASONS, values)


async def update_cases(connection: AsyncConnection, cases: Iterable[StoredCase]) -> None:
    """Store the fold of locked cases."""
    changed = list(cases)
    await connection.execute(
        _UPDATE_CASES,
        {
            "ids": [one.id for one in changed],
            "states": [one.case.state.value for one in changed],
            "colours": [one.case.colour.value for one in changed],
            "sequences": [one.case.sequence for one in changed],
            "owners": [one.case.owner for one in changed],
            "actions": [one.case.action for one in changed],
            "action_dues": [one.case.action_due for one in changed],
            "root_causes": [one.case.root_cause for one in changed],
            "actions_taken": [one.case.action_taken for one in changed],
            "heads": [one.head for one in changed],
        },
    )


def step_of(row: Row[Any]) -> Step:
    """The step that a row of case_event holds."""
    ref = None
    if row.feedback_id is not None:
        ref = FeedbackRef(source=row.feedback_source, id=row.feedback_id)
    return Step(
        kind=CaseEventKind(row.kind),
        at=row.at,
        actor=Actor(type=ActorType(row.actor_type), id=row.actor_id),
        colour=Colour(row.colour),
        feedback=ref,
        clock=None if row.clock is None else ClockMetric(row.clock),
        deadlines=None if row.deadlines is None else Deadlines.model_validate(row.deadlines),
        note=row.note,
        detail=row.detail,
    )


def case_of(row: Row[Any]) -> Case:
    """The stored fold."""
    return Case(
        state=State(row.state),
        colour=Colour(row.colour),
        sequence=row.sequence,
        deadlines=Deadlines(respond=row.respond_due, plan=row.plan_due, land=row.land_due),
        owner=row.owner,
        action=row.action,
        action_due=row.action_due,
        root_cause=row.root_cause,
        action_taken=row.action_taken,
    )


def _stored(row: Row[Any]) -> StoredCase:
    return StoredCase(
        id=row.id,
        tenant=row.tenant,
        source=row.source,
        feedback_id=row.feedback_id,
        channel=row.channel,
        received_at=row.received_at,
        reasons=tuple(row.reasons),
        case=case_of(row),
        # A replica of a release without chains may have appended since.
        head=bytes(row.head) if row.head_sequence == row.sequence else None,
    )


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
