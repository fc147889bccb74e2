"""Who is who: identifiers that were seen together, grouped into people.

A pure function of the links, so any order of events ends in the same groups; journey stores the
links and resolves anew what a new link touches. The rules, strictest first:

1. A device links nothing: a family, a shop or a call centre shares it.
2. An identifier seen with two different customer ids, with more than `MAX_PERSONAL` personal
   identifiers or with more than `MAX_LINKED` of any kind (a placeholder such as "guest" or
   13800138000) links nothing and belongs to nobody.
3. Strong identifiers that were seen together are one person, strongest links first, unless that
   would join two customer ids: they never become one (the unique-identifier veto of
   docs.snowplow.io/docs/identities/concepts/unique-identifiers).
4. A phone joins what it was seen with, unless two of these groups each have their own
   customer id, union id, member card or account of one source: then the phone is shared.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from heedful.common.contracts import IdentifierType
from heedful.journey.identifiers import Node

MAX_PERSONAL = 32
"""More personal identifiers than one person has; what exceeds it is a placeholder."""
MAX_LINKED = 1000
"""Devices aside. Bounds what one event can make us look at."""

_PERSONAL = frozenset(
    {
        IdentifierType.CUSTOMER_ID,
        IdentifierType.WECHAT_UNIONID,
        IdentifierType.WECHAT_OPENID,
        IdentifierType.MEMBER_CARD,
        IdentifierType.EMAIL,
        IdentifierType.PHONE,
    }
)
_ONE_PER_PERSON = frozenset(
    {
        IdentifierType.CUSTOMER_ID,
        IdentifierType.WECHAT_UNIONID,
        IdentifierType.MEMBER_CARD,
        IdentifierType.EXTERNAL,
    }
)

Link = tuple[uuid.UUID, uuid.UUID]
Kind = tuple[IdentifierType, str]


@dataclass(frozen=True, slots=True)
class Resolution:
    """Groups of identifiers, one per person.

    Attributes:
        groups: every identifier that belongs to somebody is in exactly one.
        shared: identifiers of several people; they belong to nobody.
        cut: the shared ones that stay so whatever comes later.
    """

    groups: tuple[frozenset[uuid.UUID], ...]
    shared: frozenset[uuid.UUID]
    cut: frozenset[uuid.UUID]


def resolve(
    nodes: Mapping[uuid.UUID, Node],
    links: Iterable[Link],
    known_cut: frozenset[uuid.UUID] = frozenset(),
) -> Resolution:
    """Group identifiers.

    Args:
        nodes: all identifiers at the ends of `links`, and single ones.
        links: pairs that one event carried together.
        known_cut: identifiers cut earlier. Their own links need not be given.
    """
    ends: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for a, b in links:
        ends[a].add(b)
        ends[b].add(a)
    devices = {key for key, one in nodes.items() if one.type is IdentifierType.DEVICE}
    cut = known_cut - devices | {
        key
        for key, one in nodes.items()
        if key not in devices and _of_several(one, [nodes[other] for other in ends[key]])
    }
    alive = [key for key in nodes if key not in cut and key not in devices]
    forest = _Forest([nodes[key] for key in alive])
    for a, b in _ordered(alive, ends, nodes, phones=False):
        forest.join_unless_two_customers(a, b)
    shared = set()
    phones = [nodes[key] for key in alive if nodes[key].type is IdentifierType.PHONE]
    for phone in sorted(phones, key=lambda one: one.strength):
        beside = [
            key
            for key in ends[phone.id]
            if key in forest and nodes[key].type is not IdentifierType.PHONE
        ]
        if not forest.join_unless_two_people(phone.id, beside):
            shared.add(phone.id)
    for a, b in _ordered(alive, ends, nodes, phones=True):
        if a not in shared and b not in shared:
            forest.join_unless_two_people(a, [b])
    return Resolution(forest.groups(without=shared), frozenset(cut | shared), frozenset(cut))


def _of_several(one: Node, beside: Sequence[Node]) -> bool:
    if sum(other.type is not IdentifierType.DEVICE for other in beside) > MAX_LINKED:
        return True
    if sum(other.type in _PERSONAL for other in beside) > MAX_PERSONAL:
        return True
    customers = sum(other.type is IdentifierType.CUSTOMER_ID for other in beside)
    return one.type is not IdentifierType.CUSTOMER_ID and customers > 1


def _ordered(
    alive: Sequence[uuid.UUID],
    ends: Mapping[uuid.UUID, set[uuid.UUID]],
    nodes: Mapping[uuid.UUID, Node],
    *,
    phones: bool,
) -> list[Link]:
    """Links between phones, or between strong identifiers; the strongest first."""
    chosen = {key for key in alive if (nodes[key].type is IdentifierType.PHONE) == phones}
    pairs = [
        (a, b)
        for a in chosen
        for b in ends.get(a, ())
        if b in chosen and nodes[a].strength < nodes[b].strength
    ]
    return sorted(pairs, key=lambda pair: (nodes[pair[0]].strength, nodes[pair[1]].strength))


class _Forest:
    """Union-find that knows the customer ids and one-per-person identifiers of each group."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._parent = {one.id: one.id for one in nodes}
        self._kinds: dict[uuid.UUID, frozenset[Kind]] = {
            one.id: frozenset([(one.type, one.scope)] if one.type in _ONE_PER_PERSON else ())
            for one in nodes
        }

    def __contains__(self, key: uuid.UUID) -> bool:
        return key in self._parent

    def join_unless_two_customers(self, a: uuid.UUID, b: uuid.UUID) -> None:
        first, second = self._root(a), self._root(b)
        customer_id = (IdentifierType.CUSTOMER_ID, "")
        if customer_id in self._kinds[first] and customer_id in self._kinds[second]:
            return
        self._join(first, second)

    def join_unless_two_people(self, one: uuid.UUID, others: Iterable[uuid.UUID]) -> bool:
        """Join all or none; False when two of the groups are evidently different people."""
        roots = {self._root(one), *map(self._root, others)}
        seen: set[Kind] = set()
        for root in roots:
            if seen & self._kinds[root]:
                return False
            seen |= self._kinds[root]
        for root in roots:
            self._join(self._root(one), root)
        return True

    def groups(self, without: set[uuid.UUID]) -> tuple[frozenset[uuid.UUID], ...]:
        found: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
        for key in self._parent:
            if key not in without:
                found[self._root(key)].add(key)
        return tuple(frozenset(group) for group in found.values())

    def _root(self, key: uuid.UUID) -> uuid.UUID:
        while self._parent[key] != key:
            self._parent[key] = self._parent[self._parent[key]]
            key = self._parent[key]
        return key

    def _join(self, first: uuid.UUID, second: uuid.UUID) -> None:
        if first == second:
            return
        self._parent[second] = first
        self._kinds[first] |= self._kinds.pop(second)
