"""Who is who: identifiers that were seen together, grouped into people.

A pure function of the links and of what people decided, so any order of events ends in the same
groups; journey stores both and resolves anew what a new link touches. The rules, strictest first:

1. A device links nothing: a family, a shop or a call centre shares it.
2. An identifier seen with two different customer ids, with more than `MAX_PERSONAL` personal
   identifiers or with more than `MAX_LINKED` of any kind (a placeholder such as "guest" or
   13800138000) links nothing and belongs to nobody. Customer ids that were decided to be one
   person count as one.
3. What was decided to be apart is never one person.
4. Strong identifiers that were seen together are one person, strongest links first, unless that
   would join two customer ids: they never become one (the unique-identifier veto of
   docs.snowplow.io/docs/identities/concepts/unique-identifiers).
5. What was decided to be together is one person, unless that would join two customer ids, which
   only a decision that says so may.
6. A phone joins what it was seen or decided to be with, unless two of these groups each have
   their own customer id, union id, member card or account of one source: then the phone is
   shared. It does not count with whom it was decided not to be.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from heedful.common.contracts import IdentifierType
from heedful.journey.decisions import Decision, sides, together
from heedful.journey.forest import Forest, Kind
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
    decisions: Collection[Decision] = (),
) -> Resolution:
    """Group identifiers.

    Args:
        nodes: all identifiers at the ends of `links`, and single ones.
        links: pairs that one event carried together.
        known_cut: identifiers cut earlier. Their own links need not be given.
        decisions: those in force that name one of `nodes`, or an identifier that such a decision
            holds to be together with one, and so on.
    """
    ends: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for a, b in links:
        ends[a].add(b)
        ends[b].add(a)
    devices = {key for key, one in nodes.items() if one.type is IdentifierType.DEVICE}
    people = _people(decisions)
    cut = known_cut - devices | {
        key
        for key, one in nodes.items()
        if key not in devices and _of_several(one, [nodes[other] for other in ends[key]], people)
    }
    alive = [key for key in nodes if key not in cut and key not in devices]
    forest = Forest({key: _kinds(nodes[key]) for key in alive}, sides(decisions))
    for a, b in _ordered(alive, ends, nodes, phones=False):
        forest.join_unless_two_customers(a, b)
    for decision in together(decisions):
        for a, b in decision.pairs:
            if a not in forest or b not in forest:
                continue
            if IdentifierType.PHONE in (nodes[a].type, nodes[b].type):
                ends[a].add(b)
                ends[b].add(a)
            elif decision.two_customers:
                forest.join_unless_apart(a, b)
            else:
                forest.join_unless_two_customers(a, b)
    shared = _join_phones(forest, [nodes[key] for key in alive], ends, nodes)
    return Resolution(forest.groups(without=shared), frozenset(cut | shared), frozenset(cut))


def _join_phones(
    forest: Forest,
    alive: Sequence[Node],
    ends: Mapping[uuid.UUID, set[uuid.UUID]],
    nodes: Mapping[uuid.UUID, Node],
) -> set[uuid.UUID]:
    """Gives those that are shared."""
    shared = set()
    phones = [one for one in alive if one.type is IdentifierType.PHONE]
    for phone in sorted(phones, key=lambda one: one.strength):
        beside = [
            key
            for key in ends.get(phone.id, ())
            if key in forest
            and nodes[key].type is not IdentifierType.PHONE
            and not forest.apart(phone.id, key)
        ]
        if not forest.join_unless_two_people(phone.id, beside):
            shared.add(phone.id)
    for a, b in _ordered([one.id for one in alive], ends, nodes, phones=True):
        if a not in shared and b not in shared:
            forest.join_unless_two_people(a, [b])
    return shared


def _people(decisions: Collection[Decision]) -> Mapping[uuid.UUID, uuid.UUID]:
    """Customer ids that were decided to be one person: to one of them. Also of those that no event
    has shown yet, so that nothing depends on which comes first."""
    chosen = [one for one in together(decisions) if one.two_customers]
    keys = {key for one in chosen for key in one.left | one.right}
    forest = Forest({key: frozenset() for key in keys}, sides(decisions))
    for one in chosen:
        for a, b in one.pairs:
            forest.join_unless_apart(a, b)
    return {key: forest.root(key) for key in keys}


def _kinds(one: Node) -> frozenset[Kind]:
    return frozenset([(one.type, one.scope)] if one.type in _ONE_PER_PERSON else ())


def _of_several(one: Node, beside: Sequence[Node], people: Mapping[uuid.UUID, uuid.UUID]) -> bool:
    if sum(other.type is not IdentifierType.DEVICE for other in beside) > MAX_LINKED:
        return True
    if sum(other.type in _PERSONAL for other in beside) > MAX_PERSONAL:
        return True
    customers = {
        people.get(other.id, other.id)
        for other in beside
        if other.type is IdentifierType.CUSTOMER_ID
    }
    return one.type is not IdentifierType.CUSTOMER_ID and len(customers) > 1


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
