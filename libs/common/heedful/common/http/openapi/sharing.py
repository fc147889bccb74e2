"""What operations share by what they are: their refusals, headers and parameters. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from heedful.common.http.openapi.refusals import (
    BAD_ACTOR_TOKEN,
    BAD_CURSOR,
    BAD_ENCODING,
    BAD_IDEMPOTENCY_KEY,
    FORBIDDEN,
    IDEMPOTENCY_ANSWER_LOST,
    IDEMPOTENCY_IN_PROGRESS,
    IDEMPOTENCY_KEY_REUSED,
    INVALID,
    NOT_ENTITLED,
    QUOTA_EXCEEDED,
    ROLE_REQUIRED,
    SLOW_BODY,
    TOO_DEEP,
    TOO_LARGE,
    UNAUTHORIZED,
    UNAVAILABLE,
    UNKNOWN_ENCODING,
    Refusal,
)
from heedful.common.http.openapi.security import ACTOR, ROLE

Schema = Mapping[str, Any]

BY_HAND = "x-read-by-hand"
"""Marks an operation whose body the route reads itself; not in the document."""
WRITES = frozenset({"post", "put", "patch", "delete"})
_CHECKED = frozenset(
    {"format", "pattern", "enum", "const", "minimum", "maximum", "minLength", "maxLength", "$ref"}
)
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Operation:
    """What an operation is, as far as it decides what it may answer.

    Attributes:
        keyed: it demands an API key.
        acted: a person's token may come with it.
        role: it demands a person of a role.
        write: its body is read, and `Idempotency-Key` is honoured when it is keyed.
        json_body: a body of this shape is demanded.
        checked: a parameter has a form that a value may lack.
        paged: it takes a cursor.
    """

    keyed: bool
    acted: bool
    role: bool
    write: bool
    json_body: bool
    checked: bool
    paged: bool

    @classmethod
    def of(cls, method: str, operation: Schema) -> "Operation":
        """As FastAPI describes it."""
        parameters: Sequence[Schema] = operation.get("parameters", ())
        body = operation.get("requestBody", {}).get("content", {})
        return cls(
            keyed="security" in operation,
            acted=any(ACTOR in one for one in operation.get("security", ())),
            role=ROLE in operation,
            write=method in WRITES,
            json_body=_JSON in body and BY_HAND not in operation,
            checked=any(_may_fail(one) for one in parameters),
            paged=any(one["name"] == "cursor" for one in parameters),
        )

    def refusals(self) -> Iterator[Refusal]:
        """What every operation that is so may answer with."""
        if self.keyed:
            yield from (UNAUTHORIZED, FORBIDDEN, QUOTA_EXCEEDED, UNAVAILABLE)
        if self.acted:
            yield from (BAD_ACTOR_TOKEN, NOT_ENTITLED)
        if self.role:
            yield ROLE_REQUIRED
        if self.paged:
            yield BAD_CURSOR
        if self.write:
            yield from (BAD_ENCODING, SLOW_BODY, TOO_LARGE, UNKNOWN_ENCODING)
        if self.checked or self.json_body:
            yield INVALID
        if self.json_body:
            yield TOO_DEEP
        if self.repeatable:
            yield from (
                BAD_IDEMPOTENCY_KEY,
                IDEMPOTENCY_IN_PROGRESS,
                IDEMPOTENCY_ANSWER_LOST,
                IDEMPOTENCY_KEY_REUSED,
            )

    @property
    def repeatable(self) -> bool:
        return self.keyed and self.write


def by_hand(content: Schema) -> dict[str, Any]:
    """The `openapi_extra` of a route that reads its body itself.

    Args:
        content: Media Type Objects by media type.
    """
    return {"requestBody": {"required": True, "content": dict(content)}, BY_HAND: True}


def _may_fail(parameter: Schema) -> bool:
    schema = parameter["schema"]
    forms: Sequence[Schema] = schema.get("anyOf", [schema])
    return any(
        not _CHECKED.isdisjoint(form) or form.get("type") not in ("string", "null")
        for form in forms
    )
