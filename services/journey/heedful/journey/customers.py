"""Which customer a group of identifiers is: ids that stay when groups grow, join and part.

The older customer survives a merge (as in Snowplow and Unomi); a merged one keeps its row and
points to the survivor, so that nothing that names it breaks.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from heedful.common.events import deterministic_id
from heedful.journey.identifiers import Node


@dataclass(frozen=True, slots=True)
class Move:
    """A customer joined to an older one, or parted from it.

    Attributes:
        group: the identifiers of the customer that came out of it.
    """

    kind: str
    from_id: uuid.UUID
    into_id: uuid.UUID
    group: frozenset[uuid.UUID]


@dataclass(frozen=True, slots=True)
class Created:
    id: uuid.UUID
    tenant: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Assignment:
    """`owners` has every identifier of every group; the rest belongs to nobody."""

    owners: Mapping[uuid.UUID, uuid.UUID]
    created: Sequence[Created]
    moves: Sequence[Move]


def new_customer_id(one: Node, attempt: int = 0) -> uuid.UUID:
    """Made of the identifier, so that a rebuild from nothing tends to give the same ids."""
    return uuid.UUID(deterministic_id(one.tenant, "customer", str(one.id), str(attempt)))


def assign(
    groups: Sequence[frozenset[uuid.UUID]],
    nodes: Mapping[uuid.UUID, Node],
    owners: Mapping[uuid.UUID, uuid.UUID],
    since: Mapping[uuid.UUID, datetime],
    first_seen: Mapping[uuid.UUID, datetime],
) -> Assignment:
    """Give every group a customer.

    Args:
        owners: the customer that each identifier has had until now.
        since: when each of these customers began.
        first_seen: when each identifier was first seen.
    """
    won = _claims(groups, nodes, owners)
    taken = set(owners.values())
    found: dict[uuid.UUID, uuid.UUID] = {}
    created: list[Created] = []
    moves: list[Move] = []
    for index, group in enumerate(groups):
        claims = sorted(won[index], key=lambda customer: (since[customer], customer))
        if claims:
            customer = claims[0]
            moves += [Move("merge", other, customer, group) for other in claims[1:]]
        else:
            strongest = min((nodes[key] for key in group), key=lambda one: one.strength)
            customer = _free(strongest, taken)
            taken.add(customer)
            began = min(first_seen[key] for key in group)
            created.append(Created(customer, strongest.tenant, began))
            left = sorted({owners[key] for key in group if key in owners})
            moves += [Move("split", other, customer, group) for other in left]
        found.update(dict.fromkeys(group, customer))
    return Assignment(found, created, moves)


def _claims(
    groups: Sequence[frozenset[uuid.UUID]],
    nodes: Mapping[uuid.UUID, Node],
    owners: Mapping[uuid.UUID, uuid.UUID],
) -> Mapping[int, Sequence[uuid.UUID]]:
    """By group: the customers it goes on with. Of a parted one, the strongest identifier keeps."""
    best: dict[uuid.UUID, tuple[tuple[int, str, str], int]] = {}
    for index, group in enumerate(groups):
        for key in group & owners.keys():
            claim = (nodes[key].strength, index)
            best[owners[key]] = min(best.get(owners[key], claim), claim)
    won: dict[int, list[uuid.UUID]] = defaultdict(list)
    for customer, (_, index) in best.items():
        won[index].append(customer)
    return won


def _free(strongest: Node, taken: set[uuid.UUID]) -> uuid.UUID:
    attempt = 0
    while (found := new_customer_id(strongest, attempt)) in taken:
        attempt += 1
    return found
