"""What journey remembers, without a database: the pure parts put together as `store` does."""

import uuid
from collections.abc import Iterable, Mapping, Sequence

from heedful.common.events import Delivery
from heedful.journey.customers import Move, affected, compare, customers
from heedful.journey.decisions import Decision
from heedful.journey.identifiers import Node, nodes
from heedful.journey.records import Event, read
from heedful.journey.resolve import Link, Resolution, resolve
from heedful.journey.sightings import Sighting, links, sightings
from tests.unit.journey.material import identifiers

Key = tuple[str, str, str, str]


class History:
    """Grows batch by batch."""

    def __init__(self) -> None:
        self.sightings: dict[uuid.UUID, Sighting] = {}
        self.links: set[Link] = set()
        self.resolution = Resolution((), frozenset(), frozenset())
        self.owners: dict[uuid.UUID, uuid.UUID] = {}
        self.events: dict[Key, Event] = {}
        self.customers: dict[Key, uuid.UUID | None] = {}
        self.moves: list[Move] = []
        self.decisions: dict[int, Decision] = {}

    def add(self, batch: Sequence[Event]) -> None:
        for key, seen in sightings(batch).items():
            known = self.sightings.get(key)
            if known is None or seen.moment < known.moment:
                self.sightings[key] = seen
        self.links.update(links(batch))
        self._settle(self.resolution.cut)
        for event in batch:
            if event.key not in self.events:
                self.events[event.key] = event
                self.customers[event.key] = self.owner(event)

    def decide(self, decision: Decision) -> None:
        """What was cut is looked at anew, because all links are here."""
        self.decisions[decision.number] = decision
        self._settle(frozenset())

    def revoke(self, number: int) -> None:
        del self.decisions[number]
        self._settle(frozenset())

    def _settle(self, cut: frozenset[uuid.UUID]) -> None:
        nodes = {key: seen.node for key, seen in self.sightings.items()}
        self.resolution = resolve(nodes, self.links, cut, list(self.decisions.values()))
        after = customers(
            self.resolution.groups,
            nodes,
            {key: seen.event.occurred_at for key, seen in self.sightings.items()},
        )
        change = compare(self.owners, after)
        both_ways = {end for a, b in self.links for end in ((a, b), (b, a))}
        touched = affected(self.owners, change, both_ways)
        self.owners = after
        self.moves += change.moves
        for event in self.events.values():
            owner = self.customers[event.key]
            carries = any(one.id in change.changed for one in event.nodes)
            if owner in touched or (owner is None and carries):
                self.customers[event.key] = self.owner(event)

    def owner(self, event: Event) -> uuid.UUID | None:
        """The customer of its strongest identifier that has one."""
        return next((self.owners[one.id] for one in event.nodes if one.id in self.owners), None)

    def customer_of(self, name: str, source: str = "crm") -> uuid.UUID | None:
        """The customer that an identifier, given as `type:value`, belongs to."""
        return self.owners.get(node_of(name, source).id)


def history(*batches: Iterable[Delivery]) -> History:
    found = History()
    for batch in batches:
        found.add([read(delivery, "CN") for delivery in batch])
    return found


def node_of(name: str, source: str = "crm", tenant: str = "acme") -> Node:
    (found,) = nodes(tenant, source, identifiers(name), "CN")
    return found


def partition(found: History) -> Mapping[Key, uuid.UUID | None]:
    """Event to customer."""
    return dict(found.customers)
