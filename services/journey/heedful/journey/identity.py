"""Identity in SQL: remember what was seen together, settle who it is, one transaction.

Concurrency: every transaction first inserts what is new and then locks the identifiers that its
outcome depends on, each in the order of their ids. A batch without news locks its identifiers
only, so that no merge can pass between the look-up and the insert of its events. Members whose
batches share no identifier never wait for each other. What is left of deadlocks (a group that
grew while it was being locked) ends in `Contention`: roll back, try again.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.common.contracts import IdentifierType
from heedful.journey import identity_sql as sql
from heedful.journey.customers import Assignment, assign
from heedful.journey.database import Contention
from heedful.journey.identifiers import Node
from heedful.journey.reasons import Reasons
from heedful.journey.records import Event
from heedful.journey.resolve import Link, Resolution, resolve

_LOCK_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Settled:
    """Who the identifiers of a batch belong to.

    Attributes:
        owners: identifier to customer; identifiers of nobody are absent.
        changed: identifiers that existed and now belong to somebody else, or to nobody.
        left: the customers that they belonged to.
        created: how many customers are new.
    """

    owners: Mapping[uuid.UUID, uuid.UUID] = field(default_factory=dict)
    changed: frozenset[uuid.UUID] = frozenset()
    left: frozenset[uuid.UUID] = frozenset()
    created: int = 0
    merged: int = 0
    split: int = 0


@dataclass(frozen=True, slots=True)
class _Graph:
    """Identifiers that hang together, as stored."""

    nodes: Mapping[uuid.UUID, Node]
    rows: Mapping[uuid.UUID, Row[Any]]
    links: Sequence[Link]
    cut: frozenset[uuid.UUID]

    @property
    def owners(self) -> dict[uuid.UUID, uuid.UUID]:
        return {
            key: row.customer_id for key, row in self.rows.items() if row.customer_id is not None
        }


async def settle(connection: AsyncConnection, events: Sequence[Event], now: datetime) -> Settled:
    """Store the identifiers and links of the events, and resolve what they change."""
    evidence = _evidence(events)
    if not evidence:
        return Settled()
    links = _links(events)
    stored = await _stored(connection, evidence)
    linked = await _stored_links(connection, links)
    news = {pair: event for pair, event in links.items() if pair not in linked}
    touched = sorted({key for key in evidence if key not in stored} | {k for p in news for k in p})
    locking = [key for key in evidence if key not in stored or stored[key].linking]
    if not touched:
        return Settled(_owned(await _lock(connection, locking)))
    reach = await connection.execute(sql.REACH, {"ids": touched})
    near = {row.id for row in reach}
    await _insert(connection, {k: v for k, v in evidence.items() if k not in stored}, news)
    locked = await _lock(connection, near.union(locking))
    for _ in range(_LOCK_ROUNDS):
        graph = await _read(connection, touched)
        missing = graph.rows.keys() - locked.keys()
        if not missing:
            break
        locked.update(await _lock(connection, missing))
    else:
        raise Contention("a group of identifiers grew faster than it could be locked")
    settled = await _resolve(connection, graph, Reasons(news, events[0]), now)
    kept = {k: v for k, v in _owned(locked).items() if k not in graph.rows}
    return Settled(
        {**kept, **settled.owners},
        settled.changed,
        settled.left,
        settled.created,
        settled.merged,
        settled.split,
    )


async def _resolve(
    connection: AsyncConnection, graph: _Graph, reasons: Reasons, now: datetime
) -> Settled:
    before = graph.owners
    resolution = resolve(graph.nodes, graph.links, graph.cut)
    assignment = assign(
        resolution.groups,
        graph.nodes,
        before,
        {row.customer_id: row.since for row in graph.rows.values() if row.customer_id is not None},
        {key: row.first_seen for key, row in graph.rows.items()},
    )
    await _write(connection, graph, resolution, assignment)
    if assignment.moves:
        rows = [reasons.row(move, graph.nodes) for move in assignment.moves]
        await connection.execute(sql.MOVES, {"at": now, **_columns(rows)})
    changed = frozenset(
        key for key, customer in before.items() if assignment.owners.get(key) != customer
    ) | frozenset(key for key in assignment.owners if key not in before and graph.rows[key].shared)
    return Settled(
        assignment.owners,
        changed,
        frozenset(before[key] for key in changed if key in before),
        len(assignment.created),
        sum(move.kind == "merge" for move in assignment.moves),
        sum(move.kind == "split" for move in assignment.moves),
    )


async def _write(
    connection: AsyncConnection, graph: _Graph, resolution: Resolution, assignment: Assignment
) -> None:
    if assignment.created:
        await connection.execute(
            sql.CREATE,
            {
                "ids": [made.id for made in assignment.created],
                "tenants": [made.tenant for made in assignment.created],
                "since": [made.since for made in assignment.created],
            },
        )
    merges = [move for move in assignment.moves if move.kind == "merge"]
    if merges:
        await connection.execute(
            sql.MERGE,
            {
                "from_ids": [move.from_id for move in merges],
                "into_ids": [move.into_id for move in merges],
            },
        )
    await connection.execute(
        sql.OWN,
        {
            "ids": list(graph.rows),
            "customers": [assignment.owners.get(key) for key in graph.rows],
            "shared": [key in resolution.shared for key in graph.rows],
            "linking": [key not in resolution.cut for key in graph.rows],
        },
    )


def _evidence(events: Iterable[Event]) -> dict[uuid.UUID, tuple[Node, Event]]:
    """The earliest event of the batch that carries each identifier."""
    found: dict[uuid.UUID, tuple[Node, Event]] = {}
    for event in sorted(events, key=lambda one: (one.occurred_at, one.key)):
        for one in event.nodes:
            found.setdefault(one.id, (one, event))
    return found


def _links(events: Iterable[Event]) -> dict[Link, Event]:
    """Every pair of identifiers that one event carried, smaller id first."""
    found: dict[Link, Event] = {}
    for event in events:
        for a, b in combinations(sorted(one.id for one in event.nodes), 2):
            found.setdefault((a, b), event)
    return found


async def _stored(
    connection: AsyncConnection, keys: Iterable[uuid.UUID]
) -> Mapping[uuid.UUID, Row[Any]]:
    rows = await connection.execute(sql.STORED, {"ids": list(keys)})
    return {row.id: row for row in rows}


async def _stored_links(connection: AsyncConnection, links: Iterable[Link]) -> frozenset[Link]:
    pairs = list(links)
    if not pairs:
        return frozenset()
    rows = await connection.execute(
        sql.STORED_LINKS, {"a": [pair[0] for pair in pairs], "b": [pair[1] for pair in pairs]}
    )
    return frozenset((row.a, row.b) for row in rows)


async def _insert(
    connection: AsyncConnection,
    identifiers: Mapping[uuid.UUID, tuple[Node, Event]],
    links: Mapping[Link, Event],
) -> None:
    if identifiers:
        rows: list[dict[str, object]] = [
            {
                "ids": key,
                "tenants": one.tenant,
                "types": one.type.value,
                "scopes": one.scope,
                "values": one.value,
                "linking": one.type is not IdentifierType.DEVICE,
                "first_seen": event.occurred_at,
                "evidence_kinds": event.kind,
                "evidence_sources": event.source,
                "evidence_ids": event.id,
            }
            for key, (one, event) in identifiers.items()
        ]
        await connection.execute(sql.INSERT_IDENTIFIERS, _columns(rows))
    if links:
        ends = [
            {
                "a": a,
                "b": b,
                "evidence_kinds": event.kind,
                "evidence_sources": event.source,
                "evidence_ids": event.id,
            }
            for pair, event in links.items()
            for a, b in (pair, pair[::-1])
        ]
        await connection.execute(sql.INSERT_LINKS, _columns(ends))


async def _lock(
    connection: AsyncConnection, keys: Iterable[uuid.UUID]
) -> dict[uuid.UUID, Row[Any]]:
    rows = await connection.execute(sql.LOCK, {"ids": list(keys)})
    return {row.id: row for row in rows}


async def _read(connection: AsyncConnection, touched: Sequence[uuid.UUID]) -> _Graph:
    rows = {row.id: row for row in await connection.execute(sql.GRAPH, {"ids": touched})}
    links = [(key, other) for key, row in rows.items() for other in row.beside]
    fringe = {other for _, other in links} - rows.keys()
    ends = await _stored(connection, fringe) if fringe else {}
    return _Graph(
        {key: _node(row) for key, row in [*rows.items(), *ends.items()]},
        rows,
        [link for link in links if link[1] in rows or link[1] in ends],
        frozenset(ends),
    )


def _node(row: Row[Any]) -> Node:
    return Node(row.id, row.tenant, IdentifierType(row.type), row.scope, row.value)


def _owned(rows: Mapping[uuid.UUID, Row[Any]]) -> dict[uuid.UUID, uuid.UUID]:
    return {key: row.customer_id for key, row in rows.items() if row.customer_id is not None}


def _columns(rows: Sequence[Mapping[str, object]]) -> dict[str, list[object]]:
    return {name: [row[name] for row in rows] for name in rows[0]}
