"""What alerting has left in its database, read by SQL and by nothing of its own."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

import asyncpg

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection  # generic in its stubs alone

_LINKS: Final = """
    SELECT feedback_id, case_id, colour, classified FROM alerting.case_feedback
    WHERE tenant = $1 AND source = 'calls' AND feedback_id = ANY($2)
"""
_CASES: Final = "SELECT * FROM alerting.cases WHERE id = ANY($1)"
_CLOCKS: Final = "SELECT * FROM alerting.clock WHERE case_id = ANY($1) ORDER BY case_id, number"
_EVENTS: Final = """
    SELECT case_id, sequence, kind, at, recorded_at, clock, cycle, rung, actor_id
    FROM alerting.case_event WHERE case_id = ANY($1) ORDER BY case_id, sequence
"""
_DELIVERIES: Final = """
    SELECT case_id, endpoint_id, state, due_at, body FROM alerting.delivery
    WHERE tenant = $1 AND case_id = ANY($2)
"""


@dataclass(frozen=True, slots=True)
class Event:
    sequence: int
    kind: str
    at: int
    recorded_at: int
    clock: str | None
    cycle: int | None
    rung: str | None
    actor: str | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A row; `state` is what became of it."""

    endpoint: str
    kind: str
    clock: str | None
    cycle: int
    step: str
    at: int
    audience: tuple[str, ...]
    due: int
    state: str


@dataclass(frozen=True, slots=True)
class Clock:
    metric: str
    cycle: int
    start: int
    due: int
    target: int
    calendar: str
    enforced: bool
    still: tuple[tuple[int, int | None], ...]
    taken: frozenset[str]
    fulfilled_at: int | None
    fulfilled_by: str | None
    breached_at: int | None
    ended: str | None


@dataclass(slots=True)
class Stored:
    """A case with all that belongs to it; `item` opened it."""

    id: str
    item: str
    state: str
    colour: str
    cycle: int
    policy: str
    rule: str
    late: bool
    sequence: int
    clocks: list[Clock] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Found:
    """Of some items: on which case each is, by the item that opened that; and the cases."""

    links: dict[str, str]
    cases: dict[str, Stored]


async def read(connection: Connection, tenant: str, items: Sequence[str]) -> Found:
    """What became of items of one tenant."""
    rows = await connection.fetch(_LINKS, tenant, list(items))
    ids = sorted({row["case_id"] for row in rows})
    cases = {row["id"]: _case(row) for row in await connection.fetch(_CASES, ids)}
    for row in await connection.fetch(_CLOCKS, ids):
        cases[row["case_id"]].clocks.append(_clock(row))
    for row in await connection.fetch(_EVENTS, ids):
        cases[row["case_id"]].events.append(_event(row))
    for row in await connection.fetch(_DELIVERIES, tenant, ids):
        cases[row["case_id"]].deliveries.append(_delivery(row))
    links = {row["feedback_id"]: cases[row["case_id"]].item for row in rows}
    return Found(links, {one.item: one for one in cases.values()})


def resumptions(found: Found) -> dict[str, list[int]]:
    """When heedful itself ended pauses, by the item that opened the case."""
    resumed: dict[str, list[int]] = defaultdict(list)
    for item, case in found.cases.items():
        for event in case.events:
            if event.kind == "resumed" and event.actor == "heedful-alerting":
                resumed[item].append(event.at)
    return resumed


def _case(row: asyncpg.Record) -> Stored:
    return Stored(
        id=row["id"],
        item=row["feedback_id"],
        state=row["state"],
        colour=row["colour"],
        cycle=row["cycle"],
        policy=row["policy"],
        rule=row["rule"],
        late=row["late_source"],
        sequence=row["sequence"],
    )


def _clock(row: asyncpg.Record) -> Clock:
    pauses = json.loads(row["pauses"])
    return Clock(
        metric=row["metric"],
        cycle=row["cycle"],
        start=_at(row["started_at"]),
        due=_at(row["due_at"]),
        target=int(row["target"].total_seconds()),
        calendar=row["calendar"],
        enforced=row["enforced"],
        still=tuple((_at(_read(begin)), _maybe(end and _read(end))) for begin, end in pauses),
        taken=frozenset(row["taken"]),
        fulfilled_at=_maybe(row["fulfilled_at"]),
        fulfilled_by=row["fulfilled_by"],
        breached_at=_maybe(row["breached_at"]),
        ended=row["ended"],
    )


def _event(row: asyncpg.Record) -> Event:
    return Event(
        sequence=row["sequence"],
        kind=row["kind"],
        at=_at(row["at"]),
        recorded_at=_at(row["recorded_at"]),
        clock=row["clock"],
        cycle=row["cycle"],
        rung=row["rung"],
        actor=row["actor_id"],
    )


def _delivery(row: asyncpg.Record) -> Delivery:
    body = json.loads(row["body"])
    data = body["data"]
    return Delivery(
        endpoint=row["endpoint_id"],
        kind=body["type"],
        clock=data["clock"],
        cycle=data["cycle"],
        step=data["step"],
        at=_at(_read(body["timestamp"])),
        audience=tuple(data["audience"]),
        due=_at(row["due_at"]),
        state=row["state"],
    )


def _read(value: str) -> datetime:
    return datetime.fromisoformat(value)


def _maybe(value: datetime | None) -> int | None:
    return None if value is None else _at(value)


def _at(value: datetime) -> int:
    """Nothing in a year is finer than a second."""
    assert value.microsecond == 0, value
    return int(value.timestamp())
