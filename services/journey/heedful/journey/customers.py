"""Which customer a group of identifiers is.

A customer has the id of one of its identifiers: of its customer id, else of the strong one that
was seen first, else of the phone that was seen first. "First" is by when things happened, so the
ids are the same whatever order the events come in, they stay when a customer gains identifiers
later on, and an id that was given out once leads to wherever its identifier belongs now.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from heedful.common.contracts import IdentifierType
from heedful.journey.identifiers import Node
from heedful.journey.resolve import Link

Owners = Mapping[uuid.UUID, uuid.UUID]
"""Identifier to customer; identifiers of nobody are absent."""

_TIER = {IdentifierType.CUSTOMER_ID: 0, IdentifierType.PHONE: 2}
_STRONG = 1


@dataclass(frozen=True, slots=True)
class Move:
    """Identifiers that changed hands.

    Attributes:
        kind: `merge`: `from_id` goes on as `into_id`. `split`: some of its identifiers left it.
        came: the identifiers that were of `from_id` and are of `into_id`.
        group: the identifiers of `into_id` now.
        around: these, and all that `from_id` had.
    """

    kind: str
    from_id: uuid.UUID
    into_id: uuid.UUID
    came: frozenset[uuid.UUID]
    group: frozenset[uuid.UUID]
    around: frozenset[uuid.UUID]


@dataclass(frozen=True, slots=True)
class Change:
    """From one state of ownership to the next.

    Attributes:
        changed: identifiers that have another owner now, or an owner at last, or none any more.
        created: customers that were not there before.
    """

    moves: tuple[Move, ...]
    changed: frozenset[uuid.UUID]
    created: frozenset[uuid.UUID]


def customers(
    groups: Iterable[frozenset[uuid.UUID]],
    nodes: Mapping[uuid.UUID, Node],
    first_seen: Mapping[uuid.UUID, datetime],
) -> dict[uuid.UUID, uuid.UUID]:
    """The customer of every identifier of every group.

    Args:
        first_seen: when the earliest event happened that carries the identifier.
    """

    def precedence(key: uuid.UUID) -> tuple[int, datetime, tuple[int, str, str]]:
        one = nodes[key]
        return _TIER.get(one.type, _STRONG), first_seen[key], one.strength

    found: dict[uuid.UUID, uuid.UUID] = {}
    for group in groups:
        found.update(dict.fromkeys(group, min(group, key=precedence)))
    return found


def compare(before: Owners, after: Owners) -> Change:
    """What changed hands between two states of the same identifiers."""
    gone = frozenset(before.values()) - frozenset(after.values())
    pairs = {(owner, after[key]) for key, owner in before.items() if after.get(key, owner) != owner}
    moves = []
    for old, new in sorted(pairs):
        had, has = _members(before, old), _members(after, new)
        kind = "merge" if old in gone and after.get(old) == new else "split"
        moves.append(Move(kind, old, new, had & has, has, had | has))
    return Change(
        tuple(moves),
        frozenset(key for key in before.keys() | after.keys() if before.get(key) != after.get(key)),
        frozenset(after.values()) - frozenset(before.values()),
    )


def affected(before: Owners, change: Change, links: Iterable[Link]) -> frozenset[uuid.UUID]:
    """The customers of before, some of whose events may belong to another one now.

    They lost an identifier, or an identifier that was seen with theirs has an owner at last.

    Args:
        links: pairs of identifiers that one event carried together, in both directions.
    """
    lost = {before[key] for key in change.changed if key in before}
    gained = change.changed - before.keys()
    return frozenset(lost | {before[b] for a, b in links if a in gained and b in before})


def _members(owners: Owners, customer: uuid.UUID) -> frozenset[uuid.UUID]:
    return frozenset(key for key, owner in owners.items() if owner == customer)
