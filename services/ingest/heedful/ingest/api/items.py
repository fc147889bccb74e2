"""`POST /v1/feedback`, `/v1/feedback/batch`, `/v1/interactions`, `/v1/interactions/batch`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ValidationError

from heedful.common.http.auth import Authenticator
from heedful.common.http.json_body import TOO_DEEP, too_deep
from heedful.common.http.openapi import by_hand
from heedful.common.http.problems import Problem
from heedful.common.http.route import Route
from heedful.common.quota.quota import Quota
from heedful.common.security import Principal, Scope
from heedful.common.wording import describe
from heedful.ingest import metrics
from heedful.ingest.accept import Acceptor
from heedful.ingest.api import answers
from heedful.ingest.api.answers import Accepted, BatchResult, Placed
from heedful.ingest.channels import Kind
from heedful.ingest.models import Posted, PostedFeedback, PostedInteraction
from heedful.ingest.records import Submission

P = TypeVar("P", PostedFeedback, PostedInteraction)

NDJSON = "application/x-ndjson"


@dataclass(frozen=True, slots=True)
class _Unreadable:
    """What stands in the place of an item and is none."""

    detail: str


def router(
    acceptor: Acceptor, auth: Authenticator, quota: Quota, max_batch_items: int
) -> APIRouter:
    """The write routes of ingest."""
    routes = APIRouter(tags=["ingest"], route_class=Route)
    may_feedback = Depends(auth.requires(Scope.FEEDBACK_WRITE))
    may_interact = Depends(auth.requires(Scope.INTERACTIONS_WRITE))

    async def one(request: Request, posted: Posted, principal: Principal) -> Response:
        await quota.take(principal, items=1)
        results = await acceptor.accept(
            principal.tenant,
            [Submission(posted)],
            now=datetime.now(UTC),
            traceparent=request.state.traceparent,
        )
        return answers.single(results[0])

    async def many(request: Request, model: type[P], principal: Principal, kind: Kind) -> Response:
        raw = await _items(request, max_batch_items)
        acceptor.check_room(kind, len(raw))
        await quota.take(principal, items=len(raw))
        read = [_read(model, item) for item in raw]
        valid = [Submission(item) for item in read if not isinstance(item, str)]
        results = iter(
            await acceptor.accept(
                principal.tenant,
                valid,
                now=datetime.now(UTC),
                traceparent=request.state.traceparent,
            )
        )
        found: list[Placed] = []
        for index, item in enumerate(read):
            if isinstance(item, str):
                metrics.ITEMS.labels(kind.value, "invalid").inc()
                found.append(answers.invalid(index, item))
            else:
                found.append(answers.item(index, next(results)))
        return answers.batch(found)

    @routes.post("/v1/feedback", status_code=202, response_model=Accepted, responses=answers.ONE)
    async def post_feedback(
        request: Request, posted: PostedFeedback, principal: Annotated[Principal, may_feedback]
    ) -> Response:
        """Accept one feedback. 202 only after the log has it."""
        return await one(request, posted, principal)

    @routes.post(
        "/v1/feedback/batch",
        status_code=202,
        responses={**answers.MANY, **answers.SOME},
        response_model=BatchResult,
        openapi_extra=_batch_body(PostedFeedback),
    )
    async def post_feedback_batch(
        request: Request, principal: Annotated[Principal, may_feedback]
    ) -> Response:
        """Accept many, as a JSON array or NDJSON; a result per item, in order."""
        return await many(request, PostedFeedback, principal, Kind.FEEDBACK)

    @routes.post(
        "/v1/interactions", status_code=202, response_model=Accepted, responses=answers.ONE
    )
    async def post_interaction(
        request: Request, posted: PostedInteraction, principal: Annotated[Principal, may_interact]
    ) -> Response:
        """Record one order, visit, contact, service, payment or departure."""
        return await one(request, posted, principal)

    @routes.post(
        "/v1/interactions/batch",
        status_code=202,
        responses={**answers.MANY, **answers.SOME},
        response_model=BatchResult,
        openapi_extra=_batch_body(PostedInteraction),
    )
    async def post_interaction_batch(
        request: Request, principal: Annotated[Principal, may_interact]
    ) -> Response:
        """Record many, as a JSON array or NDJSON; a result per item, in order."""
        return await many(request, PostedInteraction, principal, Kind.INTERACTION)

    return routes


async def _items(request: Request, limit: int) -> Sequence[object]:
    """The items as parsed JSON; what is not JSON, or too deep, is `_Unreadable`."""
    body = await request.body()
    media = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media in (NDJSON, "application/jsonl", "application/ndjson"):
        items: Sequence[object] = [_line(line) for line in body.splitlines() if line.strip()]
    else:
        try:
            parsed = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise Problem(
                400,
                "not-json",
                f"the body is not JSON ({error.msg} at byte {error.pos}); "
                f"for one item per line send Content-Type: {NDJSON}",
            ) from error
        if not isinstance(parsed, list):
            raise Problem(400, "not-an-array", "the body must be a JSON array of items")
        items = [_shallow(item) for item in parsed] if too_deep(parsed) else parsed
    if len(items) > limit:
        raise Problem(413, "too-many", f"a batch has at most {limit} items, this one {len(items)}")
    return items


def _line(line: bytes) -> object:
    try:
        return _shallow(orjson.loads(line))
    except orjson.JSONDecodeError:
        return _Unreadable("this line is not JSON")


def _shallow(item: object) -> object:
    return _Unreadable(TOO_DEEP) if too_deep(item) else item


def _read(model: type[P], item: object) -> P | str:
    """The validated item, or what is wrong with it."""
    if isinstance(item, _Unreadable):
        return item.detail
    try:
        return model.model_validate(item)
    except ValidationError as error:
        return describe(error)


def _batch_body(model: type[BaseModel]) -> dict[str, Any]:
    item = {"$ref": f"#/components/schemas/{model.__name__}"}
    return by_hand(
        {
            "application/json": {
                "schema": {
                    "type": "array",
                    "items": item,
                    "description": "Each item is judged alone: one that is wrong is a result in "
                    "the answer.",
                }
            },
            NDJSON: {
                "schema": {"type": "string", "description": "One item per line."},
                "example": _example_line(model),
            },
        }
    )


@cache
def _example_line(model: type[BaseModel]) -> str:
    """Its first example; making the schema takes longer than making the rest of the route."""
    return orjson.dumps(model.model_json_schema()["examples"][0]).decode() + "\n"
