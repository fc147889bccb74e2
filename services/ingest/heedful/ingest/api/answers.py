"""Answers of the write routes, one style for all."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import orjson
from fastapi import Response
from pydantic import BaseModel, Field

from heedful.common.http.openapi import Refusal, refusing
from heedful.common.http.openapi.refusals import INVALID, TOO_DEEP, TOO_LARGE, TOO_MANY
from heedful.common.http.problems import Problem
from heedful.ingest.accept import Outcome, Result

_GOOD = frozenset({Outcome.ACCEPTED, Outcome.DUPLICATE})
_CONFLICT = Refusal(
    409,
    "conflict",
    "The same source and id were sent with another body",
    "source 'callcentre' already sent id '1' with another body; give a changed item a new id",
    {"id": "1", "source": "callcentre"},
)
_UNFIT = Refusal(
    422,
    "data-standard",
    "The item does not fit the tenant's data standard",
    "the item does not fit this tenant's data standard",
    {
        "id": "1",
        "source": "callcentre",
        "errors": [
            {
                "at": "touchpoint",
                "message": "is missing; this tenant's data standard demands it of this channel",
            }
        ],
    },
)
ONE = refusing(_CONFLICT, _UNFIT, TOO_LARGE)
"""What one item may be refused with, beside what every write may."""
_NOT_JSON = Refusal(
    400,
    "not-json",
    "The body is not JSON",
    "the body is not JSON (unexpected end of data at byte 7)",
)
_NOT_AN_ARRAY = Refusal(
    400,
    "not-an-array",
    "The body is not a JSON array",
    "the body must be a JSON array of items",
)
MANY = refusing(_NOT_JSON, _NOT_AN_ARRAY, TOO_LARGE, TOO_MANY)
"""What a batch may be refused with as a whole."""
EVENTS = refusing(
    _NOT_JSON,
    _NOT_AN_ARRAY,
    Refusal(
        400,
        "not-a-cloudevent",
        "It is no CloudEvent in any mode",
        "the event has no id; send application/cloudevents+json, "
        "application/cloudevents-batch+json, or ce- headers with JSON data",
    ),
    _CONFLICT,
    _UNFIT,
    INVALID,
    TOO_DEEP,
    TOO_LARGE,
    TOO_MANY,
)
"""What CloudEvents may be refused with; one that came alone like an item."""


class Accepted(BaseModel):
    """The log has it."""

    status: Literal[Outcome.ACCEPTED, Outcome.DUPLICATE] = Field(
        description="duplicate: it had it before."
    )
    source: str
    id: str = Field(description="The one that was sent, or the one that was made.")


class ItemResult(BaseModel):
    """What became of one item of a batch."""

    index: int
    status: Outcome
    source: str | None = None
    id: str | None = None
    detail: str | None = Field(default=None, description="What is wrong and how to mend it.")


class BatchResult(BaseModel):
    """202 when every item is in the log; 207 when some are not: look at `items`."""

    accepted: int
    duplicate: int
    rejected: int
    items: list[ItemResult]


class Placed(NamedTuple):
    """An `ItemResult` on its way: as a model it would cost half as much as reading the item."""

    place: int
    status: Outcome
    source: str | None = None
    id: str | None = None
    detail: str | None = None

    def shown(self) -> dict[str, object]:
        """Without what does not apply."""
        shown: dict[str, object] = {"index": self.place, "status": self.status}
        if self.source is not None:
            shown["source"] = self.source
        if self.id is not None:
            shown["id"] = self.id
        if self.detail is not None:
            shown["detail"] = self.detail
        return shown


SOME: dict[int | str, dict[str, Any]] = {
    207: {
        "model": BatchResult,
        "description": "Some items are not in the log: look at `items`",
        "content": {
            "application/json": {
                "example": {
                    "accepted": 1,
                    "duplicate": 0,
                    "rejected": 1,
                    "items": [
                        {"index": 0, "status": "accepted", "source": "callcentre", "id": "1"},
                        {"index": 1, "status": "invalid", "detail": "text: is missing"},
                    ],
                }
            }
        },
    }
}


def single(result: Result) -> Response:
    """202, 409 or 413 for one item."""
    if result.outcome is Outcome.CONFLICT:
        raise Problem(409, "conflict", result.detail or "", id=result.id, source=result.source)
    if result.outcome is Outcome.UNFIT:
        raise Problem(
            422,
            "data-standard",
            "the item does not fit this tenant's data standard",
            id=result.id,
            source=result.source,
            errors=[
                {"at": one.field, "message": f"{one.problem}; {one.mend}"}
                for one in result.violations
            ],
        )
    if result.outcome is Outcome.INVALID:
        raise Problem(413, "too-large", result.detail or "", id=result.id, source=result.source)
    body = {"status": result.outcome.value, "source": result.source, "id": result.id}
    return Response(orjson.dumps(body), status_code=202, media_type="application/json")


def batch(items: Sequence[Placed]) -> Response:
    """202 or 207 with a result per item, in the order of the request."""
    outcomes = Counter([one.status for one in items])
    rejected = len(items) - sum(outcomes[good] for good in _GOOD)
    # A `BatchResult`.
    body = {
        "accepted": outcomes[Outcome.ACCEPTED],
        "duplicate": outcomes[Outcome.DUPLICATE],
        "rejected": rejected,
        "items": [one.shown() for one in items],
    }
    return Response(
        orjson.dumps(body),
        status_code=207 if rejected else 202,
        media_type="application/json",
    )


def event(found: Placed) -> Response:
    """The answer for an event that came alone: a batch of one, or a problem."""
    if found.status in _GOOD:
        return batch([found])
    if found.status is Outcome.CONFLICT:
        raise Problem(409, "conflict", found.detail or "", id=found.id, source=found.source)
    if found.status is Outcome.UNFIT:
        raise Problem(422, "data-standard", found.detail or "", id=found.id, source=found.source)
    if found.id is not None:
        raise Problem(413, "too-large", found.detail or "", id=found.id, source=found.source)
    raise Problem(422, "invalid", found.detail or "")


def item(index: int, result: Result) -> Placed:
    return Placed(index, result.outcome, result.source, result.id, result.detail)


def invalid(index: int, detail: str) -> Placed:
    return Placed(index, Outcome.INVALID, detail=detail)
