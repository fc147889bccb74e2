"""Why customers were merged or parted, and which event showed it."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from heedful.journey.customers import Move
from heedful.journey.identifiers import Node
from heedful.journey.records import Event
from heedful.journey.resolve import Link
from heedful.journey.sightings import Sighting


@dataclass(frozen=True, slots=True)
class News:
    """What a batch shows, and what of it was not known.

    Attributes:
        seen: identifiers.
        links: pairs of identifiers that no event had carried together.
        earlier: known identifiers on an event that happened before their first one.
    """

    seen: Mapping[uuid.UUID, Sighting]
    links: Mapping[Link, Event]
    earlier: Mapping[uuid.UUID, Sighting]


class Evidence(Protocol):
    """What showed it: an event, or an erasure."""

    @property
    def tenant(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Reason:
    """`seen_together:<types>`, `shared:<types>`, `seen_earlier:<type>`, `forgotten`, or `rules`."""

    text: str
    event: Evidence


def reason(
    move: Move, news: News, nodes: Mapping[uuid.UUID, Node], shared: Collection[uuid.UUID]
) -> Reason:
    """The news that explains a move; `rules` when none does, because the rules are others now.

    Args:
        nodes: the identifiers that the move is about and those beside them.
        shared: identifiers of several people.
    """
    pairs = [pair for pair in news.links if pair[0] in nodes and pair[1] in nodes]
    within = [pair for pair in pairs if pair[0] in move.group and pair[1] in move.group]
    joining = [pair for pair in within if (pair[0] in move.came) != (pair[1] in move.came)]
    if within:
        return _of(joining or within, "seen_together", news, nodes)
    touching = [pair for pair in pairs if pair[0] in move.around or pair[1] in move.around]
    parting = [pair for pair in touching if pair[0] in shared or pair[1] in shared]
    if parting or touching:
        return _of(parting or touching, "shared", news, nodes)
    earlier = [key for key in news.earlier if key in move.around]
    if earlier:
        first = min(earlier, key=lambda key: nodes[key].strength)
        return Reason(f"seen_earlier:{nodes[first].type}", news.earlier[first].event)
    tenant = nodes[move.into_id].tenant
    latest = max(
        (seen for seen in news.seen.values() if seen.node.tenant == tenant),
        key=lambda seen: seen.moment,
    )
    return Reason("rules", latest.event)


def _of(pairs: Collection[Link], told: str, news: News, nodes: Mapping[uuid.UUID, Node]) -> Reason:
    def strength(pair: Link) -> list[tuple[int, str, str]]:
        return sorted(nodes[key].strength for key in pair)

    chosen = min(pairs, key=strength)
    types = [one.type for one in sorted((nodes[key] for key in chosen), key=lambda n: n.strength)]
    return Reason(f"{told}:" + "+".join(types), news.links[chosen])
