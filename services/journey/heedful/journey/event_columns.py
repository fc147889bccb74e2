"""Events as the columns that `store` inserts. Pure."""

import uuid
from collections.abc import Mapping, Sequence

import orjson

from heedful.journey.customers import Owners
from heedful.journey.records import Event

_SEPARATOR = "\x1f"

_PLAIN = (
    "tenant",
    "kind",
    "source",
    "id",
    "occurred_at",
    "received_at",
    "enriched_at",
    "channel",
    "touchpoint",
    "department",
    "interaction_kind",
    "colour",
    "polarity",
    "conversation_id",
    "payload",
)

_MEASURED = (
    "score",
    "score_kind",
    "valence",
    "leaving",
    "solicited",
    "outbound",
    "amount",
    "duration_s",
)


def columns(events: Sequence[Event], owners: Owners) -> dict[str, list[object]]:
    """By the name of a column what stands there, event after event."""
    found: dict[str, list[object]] = {
        name: [getattr(event, name) for event in events] for name in _PLAIN
    }
    found |= {name: [getattr(event.measures, name) for event in events] for name in _MEASURED}
    found["attributes"] = [_json(event.measures.attributes) for event in events]
    found["customer_id"] = [_owner(event, owners) for event in events]
    # An array of arrays must not be ragged, so the inner ones travel as text.
    found["topics"] = [_SEPARATOR.join(event.topics) for event in events]
    found["perceptions"] = [_SEPARATOR.join(event.measures.perceptions) for event in events]
    found["identifiers"] = [_SEPARATOR.join(str(one.id) for one in event.nodes) for event in events]
    return found


def _json(attributes: Mapping[str, str]) -> str:
    return orjson.dumps(attributes).decode() if attributes else "{}"


def _owner(event: Event, owners: Owners) -> uuid.UUID | None:
    return next((owners[one.id] for one in event.nodes if one.id in owners), None)
