"""SQL of cases. Whoever changes a case holds its row lock; store_events.py appends events."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import store_progress
from heedful.alerting.case import Case, Step
from heedful.alerting.clocks import Clock
from heedful.alerting.progress import NO_PROGRESS, Progress
from heedful.alerting.records import StoredCase
from heedful.alerting.states import State
from heedful.alerting.stored_clocks import by_case, bytea, terms_in
from heedful.common.contracts import (
    Actor,
    ActorType,
    CaseEventKind,
    ClockMetric,
    Colour,
    FeedbackRef,
)

_FOLDED = (
    "state", "colour", "sequence", "cycle", "policy", "rule", "owner", "action_owner", "action",
    "action_due", "root_cause", "action_taken", "resumes_to", "paused_at", "pause_used",
    "proposed_by", "dismissal", "merged_into", "over_at",
)  # fmt: skip
"""The columns that the fold gives; the clocks have a table of their own."""
_FIXED = (
    "id", "tenant", "source", "feedback_id", "channel", "received_at", "topic", "touchpoint",
    "department", "region", "late_source", "reasons",
)  # fmt: skip
_PROGRESS = ("seen_at", "owned_at", "waits", "progress_sequence")
"""Of the fold as well; it holds after the event of this sequence. A release that does not know it
leaves it as it was."""
_DERIVED = ("due_at", "landed_at", "shown_only")
"""What only lists and figures read: it follows from the clocks."""
_READ_NAMES = ", ".join((*_FIXED, *_FOLDED, *_PROGRESS))
_KEPT = (*_FOLDED, *_PROGRESS, *_DERIVED)
_WRITTEN = ", ".join((*_FIXED, *_KEPT))

_INSERT_CASES = text(
    f"""
    INSERT INTO alerting.cases ({_WRITTEN}, opened_at)
    SELECT {_WRITTEN}, CAST(:now AS timestamptz)
    FROM json_populate_recordset(NULL::alerting.cases, CAST(:rows AS json)) ORDER BY id
    ON CONFLICT (id) DO NOTHING
    RETURNING id
    """  # noqa: S608  # constants
)

_READ = (
    f"SELECT {_READ_NAMES}, head, head_sequence FROM alerting.cases"  # noqa: S608  # constants
    " WHERE id = ANY(CAST(:ids AS text[])) ORDER BY id"
)
_LOCK = f"{_READ} FOR UPDATE"
_CLOCKS = text(
    "SELECT * FROM alerting.clock WHERE case_id = ANY(CAST(:ids AS text[]))"
    " ORDER BY case_id, number"
)

_UPDATE_CASES = text(
    f"""
    UPDATE alerting.cases c SET ({", ".join(_KEPT)}) = ({", ".join(f"w.{n}" for n in _KEPT)}),
        head = coalesce(w.head, c.head),
        head_sequence = CASE WHEN w.head IS NULL THEN c.head_sequence ELSE w.sequence END
    FROM json_populate_recordset(NULL::alerting.cases, CAST(:rows AS json)) AS w
    WHERE c.id = w.id
    """  # noqa: S608  # constants
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
    connection: AsyncConnection, now: datetime, opened: Iterable[StoredCase]
) -> set[str]:
    """Insert cases; gives the ids that are new."""
    rows = [{**_fixed(one), **_folded(one.case)} for one in opened]
    inserted = await connection.execute(_INSERT_CASES, {"rows": _json(rows), "now": now})
    return {row.id for row in inserted}


async def set_heads(
    connection: AsyncConnection, cases: Iterable[StoredCase], heads: Mapping[str, bytes]
) -> None:
    """Store the hash of the last event of locked cases."""
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
    return await _read(connection, _LOCK, ids)


async def read_cases(connection: AsyncConnection, ids: Iterable[str]) -> dict[str, StoredCase]:
    """Cases as they are at this moment, to look at and not to change."""
    return await _read(connection, _READ, ids)


async def _read(
    connection: AsyncConnection, statement: str, ids: Iterable[str]
) -> dict[str, StoredCase]:
    wanted = {"ids": sorted(set(ids))}
    if not wanted["ids"]:
        return {}
    rows = (await connection.execute(text(statement), wanted)).all()
    clocks = await clocks_of(connection, wanted["ids"])
    progress = await _progress(connection, rows)
    return {row.id: _stored(row, clocks.get(row.id, ()), progress[row.id]) for row in rows}


async def _progress(connection: AsyncConnection, rows: Sequence[Row[Any]]) -> dict[str, Progress]:
    """Of each case; of one that an older release has appended to since, its events say it."""
    kept = {
        row.id: Progress(row.seen_at, row.owned_at, tuple(row.waits))
        for row in rows
        if row.progress_sequence == row.sequence
    }
    left = [row.id for row in rows if row.id not in kept]
    return kept | await store_progress.from_events(connection, left) if left else kept


async def clocks_of(
    connection: AsyncConnection, ids: Sequence[str]
) -> Mapping[str, Sequence[Clock]]:
    """Every run of every clock of these cases, in the order of their start."""
    return by_case(await connection.execute(_CLOCKS, {"ids": list(ids)}))


async def set_reasons(
    connection: AsyncConnection, reasons: Mapping[str, tuple[Mapping[str, str], ...]]
) -> None:
    """Replace the reasons of locked cases."""
    if not reasons:
        return
    values = {"ids": list(reasons), "reasons": [_json(one) for one in reasons.values()]}
    await connection.execute(_SET_REASONS, values)


async def update_cases(connection: AsyncConnection, cases: Iterable[StoredCase]) -> None:
    """Store the fold of locked cases, without their clocks."""
    rows = [{"id": one.id, **_folded(one.case), "head": bytea(one.head)} for one in cases]
    await connection.execute(_UPDATE_CASES, {"rows": _json(rows)})


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
        cycle=row.cycle,
        rung=row.rung,
        terms=tuple(terms_in(one) for one in row.terms or ()),
        since=row.since,
        note=row.note,
        detail=row.detail,
    )


def case_of(row: Row[Any], clocks: Sequence[Clock], progress: Progress = NO_PROGRESS) -> Case:
    """The stored fold; without its progress for whoever does not go on from it."""
    return Case(
        state=State(row.state),
        colour=Colour(row.colour),
        resumes_to=None if row.resumes_to is None else State(row.resumes_to),
        clocks=tuple(clocks),
        progress=progress,
        **{name: getattr(row, name) for name in _FOLDED if name not in _ENUMS},
    )


_ENUMS = ("state", "colour", "resumes_to")


def _stored(row: Row[Any], clocks: Sequence[Clock], progress: Progress) -> StoredCase:
    fixed = {name: getattr(row, name) for name in _FIXED if name != "reasons"}
    # A replica of a release without chains may have appended since.
    head = bytes(row.head) if row.head_sequence == row.sequence else None
    reasons = tuple(row.reasons)
    case = case_of(row, clocks, progress)
    return StoredCase(**fixed, reasons=reasons, case=case, head=head)


def _fixed(one: StoredCase) -> dict[str, Any]:
    return {name: getattr(one, name) for name in _FIXED}


def _folded(case: Case) -> dict[str, Any]:
    fields = {name: getattr(case, name) for name in (*_FOLDED, *_DERIVED)}
    return {
        **fields,
        "pause_used": f"{case.pause_used.total_seconds():.6f} seconds",
        "seen_at": case.progress.seen_at,
        "owned_at": case.progress.owned_at,
        "waits": case.progress.waits,
        "progress_sequence": case.sequence,
    }


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
