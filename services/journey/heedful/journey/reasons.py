"""Why customers were merged or parted, and which event showed it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from heedful.journey.customers import Move
from heedful.journey.identifiers import Node
from heedful.journey.records import Event
from heedful.journey.resolve import Link


@dataclass(frozen=True, slots=True)
class Reasons:
    """What a batch may give as the reason.

    Attributes:
        news: links that were not known before.
        otherwise: the event to name when no new link explains it (the rules have changed).
    """

    news: Mapping[Link, Event]
    otherwise: Event

    def row(self, move: Move, nodes: Mapping[uuid.UUID, Node]) -> dict[str, object]:
        """The row of a merge or split."""
        known = [pair for pair in self.news if pair[0] in nodes and pair[1] in nodes]
        touching = [pair for pair in known if pair[0] in move.group or pair[1] in move.group]
        # A split may be shown by a link that no longer touches the group that parted.
        pair = next(iter(touching or known), None)
        event, reason = self.otherwise, "rules"
        if pair is not None:
            ends = sorted((nodes[key] for key in pair), key=lambda one: one.strength)
            event = self.news[pair]
            shown = "seen_together" if move.kind == "merge" else "shared"
            reason = f"{shown}:" + "+".join(one.type for one in ends)
        return {
            "tenants": nodes[next(iter(move.group))].tenant,
            "kinds": move.kind,
            "from_ids": move.from_id,
            "into_ids": move.into_id,
            "reasons": reason,
            "evidence_kinds": event.kind,
            "evidence_sources": event.source,
            "evidence_ids": event.id,
        }
