"""How `POST /v1/events` stands in the OpenAPI document: three modes of one route.

Source: cloudevents/spec `cloudevents/bindings/http-protocol-binding.md` §3.
"""

from typing import Any, Final

from heedful.common.http.openapi import by_hand
from heedful.common.topics import FEEDBACK_RECEIVED, INTERACTION_RECORDED

_TYPES: Final = [FEEDBACK_RECEIVED.event_type, INTERACTION_RECORDED.event_type]
_DATA: Final[dict[str, Any]] = {
    "anyOf": [
        {"$ref": "#/components/schemas/PostedFeedback"},
        {"$ref": "#/components/schemas/PostedInteraction"},
    ],
    "description": "As the route for its type takes it; `id` and `source` are the event's.",
}
_SAID: Final = {"channel": "call", "text": "排了两个小时队，没有人理我"}
_ATTRIBUTES: Final[dict[str, dict[str, Any]]] = {
    "specversion": {"type": "string", "const": "1.0"},
    "id": {"type": "string", "minLength": 1, "maxLength": 200},
    "source": {"type": "string", "minLength": 1, "maxLength": 200, "format": "uri-reference"},
    "type": {"type": "string", "enum": _TYPES},
    "time": {"type": "string", "format": "date-time"},
}
_VALUES: Final = {
    "specversion": "1.0",
    "id": "event-1",
    "source": "/crm/calls",
    "type": FEEDBACK_RECEIVED.event_type,
    "time": "2026-11-24T08:15:00Z",
}
_EVENT: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["specversion", "id", "source", "type", "data"],
    "properties": {**_ATTRIBUTES, "data": _DATA},
    "propertyNames": {"pattern": "^[a-z0-9_]+$"},
    "additionalProperties": {
        "type": ["string", "integer", "boolean"],
        "description": "Extension attributes; they are not kept.",
    },
}
_STRUCTURED: Final = {**_VALUES, "data": _SAID}

DOCUMENTED: Final[dict[str, Any]] = {
    **by_hand(
        {
            "application/cloudevents+json": {"schema": _EVENT, "example": _STRUCTURED},
            "application/cloudevents-batch+json": {
                "schema": {"type": "array", "items": _EVENT},
                "example": [_STRUCTURED],
            },
            "application/json": {"schema": _DATA, "example": _SAID},
        }
    ),
    "parameters": [
        {
            "name": f"ce-{name}",
            "in": "header",
            "description": "Of binary mode, whose body is `data` alone.",
            # Whatever stands in it, it means nothing in the other modes.
            "schema": {"type": "string"},
            "example": _VALUES[name],
        }
        for name in _ATTRIBUTES
    ],
}
