"""Identity: remember what was seen together, settle who it is, in one transaction.

Concurrency: every transaction first inserts what is new and then locks the identifiers that its
outcome depends on, each in the order of their ids. A batch without news locks its identifiers
only, so that no merge can pass between the look-up and the insert of its events, and shares that
lock: batches of the same customers wait for each other only where one has news, and those that
share no identifier never do. What is left of deadlocks (a group that
grew while it was being locked) ends in `Contention`: roll back, try again.
"""

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.journey import graph, graph_changes
from heedful.journey.customers import Move, Owners, affected, compare, customers
from heedful.journey.database import Contention
from heedful.journey.graph import Graph
from heedful.journey.reasons import News, Reason, reason
from heedful.journey.records import Event
from heedful.journey.resolve import Resolution, resolve
from heedful.journey.sightings import links, sightings

_LOCK_ROUNDS = 4

Explain = Callable[[Move, Resolution], Reason]


@dataclass(frozen=True, slots=True)
class Settled:
    """Who the identifiers of a batch belong to.

    Attributes:
        changed: identifiers that were known and changed hands.
        affected: customers whose events may belong to another one now.
        created: how many customers are new.
    """

    owners: Owners = field(default_factory=dict)
    changed: frozenset[uuid.UUID] = frozenset()
    affected: frozenset[uuid.UUID] = frozenset()
    created: int = 0
    merged: int = 0
    split: int = 0


async def settle(connection: AsyncConnection, events: Sequence[Event], now: datetime) -> Settled:
    """Store the identifiers and links of the events, and resolve what they change."""
    seen = sightings(events)
    pairs = links(events)
    stored = await graph.stored(connection, seen)
    known = await graph.stored_links(connection, pairs)
    news = News(
        seen,
        {pair: event for pair, event in pairs.items() if pair not in known},
        {key: seen[key] for key, row in stored.items() if seen[key].moment < row.moment},
    )
    new = seen.keys() - stored.keys()
    touched = new.union(news.earlier, *news.links)
    needed = {key for key in seen if key in touched or stored[key].linking}
    if not touched:
        return Settled(_owned(await graph.lock(connection, needed, share=True)))
    near = await graph.reach(connection, touched)
    inserted = await graph_changes.insert(connection, [seen[key] for key in new])
    await graph_changes.insert_links(connection, news.links)
    locked = await graph.lock(connection, near | needed)
    # Another member may have inserted what was new to us, from a later event.
    older = news.earlier.keys() | (new - inserted)
    await graph_changes.antedate(connection, [seen[key] for key in older])
    found = await _read_locked(connection, touched, locked)

    def explain(move: Move, resolution: Resolution) -> Reason:
        return reason(move, news, found.nodes, resolution.shared)

    settled = await _resolve(connection, found, explain, now)
    beyond = {key: owner for key, owner in locked.items() if key not in found.rows}
    return replace(settled, owners={**_owned(beyond), **settled.owners})


async def resettle(
    connection: AsyncConnection, keys: Collection[uuid.UUID], why: Reason, now: datetime
) -> Settled:
    """Resolve anew what hangs together with these: something that was seen with them is forgotten,
    or a person decided something of them.

    Nobody else may write identifiers meanwhile.
    """
    found = await graph.read(connection, keys)
    return await _resolve(connection, found, lambda *_: why, now)


async def _read_locked(
    connection: AsyncConnection,
    touched: Collection[uuid.UUID],
    locked: dict[uuid.UUID, uuid.UUID | None],
) -> Graph:
    """What hangs together with the touched identifiers, all of it locked."""
    for _ in range(_LOCK_ROUNDS):
        found = await graph.read(connection, touched)
        missing = found.rows.keys() - locked.keys()
        if not missing:
            return found
        locked.update(await graph.lock(connection, missing))
    raise Contention("a group of identifiers grew faster than it could be locked")


async def _resolve(
    connection: AsyncConnection, found: Graph, explain: Explain, now: datetime
) -> Settled:
    before = found.owners
    resolution = resolve(found.nodes, found.links, found.cut, found.decisions)
    first_seen = {key: row.first_seen for key, row in found.rows.items()}
    after = customers(resolution.groups, found.nodes, first_seen)
    change = compare(before, after)
    await graph_changes.own(connection, found.rows, after, resolution)
    if change.moves:
        reasons = [explain(move, resolution) for move in change.moves]
        await graph_changes.insert_moves(connection, change.moves, reasons, now)
    return Settled(
        owners=after,
        changed=frozenset(key for key in change.changed if key in before or found.rows[key].shared),
        affected=affected(before, change, found.links),
        created=len(change.created),
        merged=sum(move.kind == "merge" for move in change.moves),
        split=sum(move.kind == "split" for move in change.moves),
    )


def _owned(rows: Mapping[uuid.UUID, uuid.UUID | None]) -> dict[uuid.UUID, uuid.UUID]:
    return {key: owner for key, owner in rows.items() if owner is not None}
