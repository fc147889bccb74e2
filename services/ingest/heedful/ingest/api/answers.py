"""Answers of the write routes, one style for all."""

from collections.abc import Sequence

import orjson
from fastapi import Response
from pydantic import BaseModel, Field

from heedful.common.http.problems import Problem
from heedful.ingest.accept import Outcome, Result

_GOOD = frozenset({Outcome.ACCEPTED, Outcome.DUPLICATE})


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


def batch(items: Sequence[ItemResult]) -> Response:
    """202 or 207 with a result per item, in the order of the request."""
    found = BatchResult(
        accepted=sum(item.status is Outcome.ACCEPTED for item in items),
        duplicate=sum(item.status is Outcome.DUPLICATE for item in items),
        rejected=sum(item.status not in _GOOD for item in items),
        items=list(items),
    )
    return Response(
        orjson.dumps(found.model_dump(mode="json", exclude_none=True)),
        status_code=207 if found.rejected else 202,
        media_type="application/json",
    )


def event(found: ItemResult) -> Response:
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


def item(index: int, result: Result) -> ItemResult:
    return ItemResult(
        index=index,
        status=result.outcome,
        source=result.source,
        id=result.id,
        detail=result.detail,
    )


def invalid(index: int, detail: str) -> ItemResult:
    return ItemResult(index=index, status=Outcome.INVALID, detail=detail)
