"""What stays with a customer from whom identifiers are parted. Pure."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from heedful.journey.customers import customers
from heedful.journey.decisions import Decision, together
from heedful.journey.identifiers import Node
from heedful.journey.resolve import Link


def staying(
    rest: Collection[uuid.UUID],
    links: Iterable[Link],
    decisions: Iterable[Decision],
    nodes: Mapping[uuid.UUID, Node],
    first_seen: Mapping[uuid.UUID, datetime],
) -> frozenset[uuid.UUID]:
    """Of the identifiers that are not parted, those that still hang together with the one that
    gives their customer its id. What was the customer's only by way of the parted ones is not
    among them, and goes where the rules say.

    Args:
        rest: the customer's identifiers without the parted ones; at least one.
    """
    beside: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    decided = [pair for decision in together(decisions) for pair in decision.pairs]
    for a, b in [*links, *decided]:
        beside[a].add(b)
        beside[b].add(a)
    left = set(rest)
    (first,) = set(customers([frozenset(rest)], nodes, first_seen).values())
    found, ahead = set[uuid.UUID](), [first]
    while ahead:
        one = ahead.pop()
        found.add(one)
        left.discard(one)
        near = beside[one] & left
        left -= near
        ahead.extend(near)
    return frozenset(found)
