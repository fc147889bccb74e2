"""How well journey tells people apart of whom the truth is known."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations

from heedful.common.contracts import IdentifierType
from heedful.journey.customers import customers
from heedful.journey.identifiers import Node
from heedful.journey.resolve import Link, resolve
from heedful.journey.spelled_names import spelled
from heedful.journey.suggesting import Profile, Suggestion, meetings, suggestion
from tests.unit.journey.crowd import Seen
from tests.unit.journey.material import START


@dataclass(frozen=True, slots=True)
class Told:
    """What journey makes of events.

    Attributes:
        owners: the customer of each event.
        person_of: whose most of a customer's events are in truth.
    """

    owners: Sequence[uuid.UUID | None]
    suggestions: Sequence[Suggestion]
    person_of: Mapping[uuid.UUID, int]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of pairs of events: those of one person, those of one customer, and those of both."""

    of_person: int
    of_customer: int
    of_both: int

    @property
    def precision(self) -> float:
        return self.of_both / self.of_customer if self.of_customer else 1.0

    @property
    def recall(self) -> float:
        return self.of_both / self.of_person if self.of_person else 1.0


def tell(seen: Sequence[Seen]) -> Told:
    """Who is who, as the rules have it, and which pairs they leave for people to decide."""
    known = {one.id: one for event in seen for one in event.nodes}
    first: dict[uuid.UUID, datetime] = {}
    for number, event in enumerate(seen):
        for one in event.nodes:
            first.setdefault(one.id, START + timedelta(minutes=number))
    links: set[Link] = {
        pair for event in seen for pair in combinations(sorted(one.id for one in event.nodes), 2)
    }
    owners = customers(resolve(known, links).groups, known, first)
    mine = [next((owners[n.id] for n in event.nodes if n.id in owners), None) for event in seen]
    votes: dict[uuid.UUID, Counter[int]] = defaultdict(Counter)
    for event, owner in zip(seen, mine, strict=True):
        if owner is not None:
            votes[owner][event.person] += 1
    return Told(
        mine,
        _suggested(seen, known, links, owners, mine),
        {owner: counts.most_common(1)[0][0] for owner, counts in votes.items()},
    )


def agreement(persons: Sequence[int], owners: Sequence[object | None]) -> Agreement:
    """Pairwise, as record linkage counts (Menestrina, Whang & Garcia-Molina 2010); an event of
    nobody is in no pair."""
    named = [(p, o) for p, o in zip(persons, owners, strict=True) if o is not None]
    return Agreement(
        _pairs(Counter(persons)),
        _pairs(Counter(owner for _, owner in named)),
        _pairs(Counter(named)),
    )


def right(told: Told, one: Suggestion) -> bool:
    """Whether the two are mostly the events of one person."""
    return told.person_of.get(one.a) == told.person_of.get(one.b)


def accepted(told: Told) -> list[uuid.UUID | None]:
    """The customers of events after somebody who knows has merged every pair that is one."""
    parent: dict[uuid.UUID, uuid.UUID] = {}

    def root(key: uuid.UUID) -> uuid.UUID:
        while key in parent:
            key = parent[key]
        return key

    for one in told.suggestions:
        a, b = root(one.a), root(one.b)
        if right(told, one) and a != b:
            parent[b] = a
    return [None if owner is None else root(owner) for owner in told.owners]


def _pairs(counts: Mapping[Hashable, int]) -> int:
    return sum(count * (count - 1) // 2 for count in counts.values())


def _suggested(
    seen: Sequence[Seen],
    known: Mapping[uuid.UUID, Node],
    links: set[Link],
    owners: Mapping[uuid.UUID, uuid.UUID],
    mine: Sequence[uuid.UUID | None],
) -> list[Suggestion]:
    beside: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for a, b in links:
        for one, other in ((a, b), (b, a)):
            if one not in owners and other in owners:
                beside[one].add(owners[other])
    names: dict[uuid.UUID, set[str]] = defaultdict(set)
    for event, owner in zip(seen, mine, strict=True):
        if owner is not None and event.name is not None:
            names[owner] |= spelled(event.name)
    profiles = {}
    owned: dict[uuid.UUID, list[Node]] = defaultdict(list)
    for key, owner in owners.items():
        owned[owner].append(known[key])
    for owner, held in owned.items():
        emails = tuple(sorted(one.value for one in held if one.type is IdentifierType.EMAIL))
        numbered = any(one.type is IdentifierType.CUSTOMER_ID for one in held)
        profiles[owner] = Profile(owner, frozenset(names[owner]), emails, numbered)
    met = meetings((known[key].type, near) for key, near in beside.items())
    found = (suggestion(profiles[a], profiles[b], why) for (a, b), why in met.items())
    return sorted((one for one in found if one is not None), key=lambda one: one.place)
