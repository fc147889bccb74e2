"""What a batch of events shows: identifiers, and which of them one event carried together."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from heedful.journey.identifiers import Node
from heedful.journey.records import Event
from heedful.journey.resolve import Link

Moment = tuple[datetime, str, str, str]
"""Of an event: when it happened, its kind, source and id. No two of a tenant are equal."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """An identifier, on the earliest event that carries it."""

    node: Node
    event: Event

    @property
    def moment(self) -> Moment:
        return self.event.occurred_at, self.event.kind, self.event.source, self.event.id


def sightings(events: Iterable[Event]) -> dict[uuid.UUID, Sighting]:
    """By identifier."""
    found: dict[uuid.UUID, Sighting] = {}
    for event in events:
        for node in event.nodes:
            seen = Sighting(node, event)
            if node.id not in found or seen.moment < found[node.id].moment:
                found[node.id] = seen
    return found


def links(events: Iterable[Event]) -> dict[Link, Event]:
    """Every pair of identifiers, the smaller id first, and an event that carried both."""
    found: dict[Link, Event] = {}
    for event in events:
        for a, b in combinations(sorted(node.id for node in event.nodes), 2):
            found.setdefault((a, b), event)
    return found
