"""Small JSON Schemas for the checker's tests."""

from typing import Any

TEXT: dict[str, Any] = {"type": "string"}
INTEGER: dict[str, Any] = {"type": "integer"}
NUMBER: dict[str, Any] = {"type": "number"}
NULL: dict[str, Any] = {"type": "null"}
OPEN: dict[str, Any] = {"type": "string", "enum": ["call", "chat", "other"]}
CLOSED: dict[str, Any] = {"type": "string", "enum": ["red", "green"]}


def payload(*, required: tuple[str, ...] = (), defs: Any = None, **fields: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object", "properties": fields, "required": list(required)}
    return found if defs is None else {**found, "$defs": defs}


def nullable(form: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [form, NULL], "default": None}


def array(form: dict[str, Any], **limits: int) -> dict[str, Any]:
    return {"type": "array", "items": form, **limits}
