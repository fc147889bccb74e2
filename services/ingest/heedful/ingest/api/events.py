"""`POST /v1/events`: CloudEvents over HTTP in structured, batch and binary mode.

Source: cloudevents/spec `cloudevents/bindings/http-protocol-binding.md` §3. The event's `id` and
`source` become the item's; `data` has the shape of the route for that type.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import unquote

import orjson
from fastapi import APIRouter, Depends, Request, Response
from pydantic import ValidationError

from heedful.common import cloudevents
from heedful.common.cloudevents import CloudEvent
from heedful.common.errors import InvalidMessage
from heedful.common.http.auth import Authenticator
from heedful.common.http.json_body import TOO_DEEP, parse, too_deep
from heedful.common.http.problems import Problem
from heedful.common.http.route import Route
from heedful.common.quota.quota import Quota
from heedful.common.security import Principal, Scope
from heedful.common.topics import FEEDBACK_RECEIVED, INTERACTION_RECORDED
from heedful.common.wording import describe
from heedful.ingest.accept import Acceptor
from heedful.ingest.api import answers
from heedful.ingest.api.answers import BatchResult, Placed
from heedful.ingest.api.event_document import DOCUMENTED
from heedful.ingest.models import Posted, PostedFeedback, PostedInteraction
from heedful.ingest.records import Submission

_BATCH = "application/cloudevents-batch+json"
_STRUCTURED = "application/cloudevents+json"
_MODELS: dict[str, tuple[type[PostedFeedback] | type[PostedInteraction], Scope]] = {
    FEEDBACK_RECEIVED.event_type: (PostedFeedback, Scope.FEEDBACK_WRITE),
    INTERACTION_RECORDED.event_type: (PostedInteraction, Scope.INTERACTIONS_WRITE),
}


def router(
    acceptor: Acceptor, auth: Authenticator, quota: Quota, max_batch_items: int
) -> APIRouter:
    """The CloudEvents route."""
    routes = APIRouter(tags=["ingest"], route_class=Route)
    known = Depends(auth.requires_any(tuple(scope for _, scope in _MODELS.values())))

    @routes.post(
        "/v1/events",
        status_code=202,
        response_model=BatchResult,
        responses={**answers.EVENTS, **answers.SOME},
        openapi_extra=DOCUMENTED,
    )
    async def post_events(request: Request, principal: Annotated[Principal, known]) -> Response:
        """Accept CloudEvents: voc.feedback.received.v1 and voc.interaction.recorded.v1.

        An event alone that is not taken is 409, 413 or 422, because its sender takes any 2xx for
        delivered; in a batch its result says so.
        """
        events = await _events(request)
        if len(events) > max_batch_items:
            raise Problem(413, "too-many", f"a batch has at most {max_batch_items} events")
        await quota.take(principal, items=len(events))
        read = [_read(event, principal) for event in events]
        valid = [Submission(item) for item in read if not isinstance(item, str)]
        results = iter(
            await acceptor.accept(
                principal.tenant,
                valid,
                now=datetime.now(UTC),
                traceparent=request.state.traceparent,
            )
        )
        found: list[Placed] = [
            answers.invalid(index, item)
            if isinstance(item, str)
            else answers.item(index, next(results))
            for index, item in enumerate(read)
        ]
        return answers.batch(found) if _media(request) == _BATCH else answers.event(found[0])

    return routes


def _media(request: Request) -> str:
    return request.headers.get("content-type", "").split(";")[0].strip().lower()


async def _events(request: Request) -> Sequence[CloudEvent | str]:
    """Events in order; one that cannot be read is what is wrong with it."""
    body = await request.body()
    media = _media(request)
    if media == _BATCH:
        try:
            parsed = parse(body)
        except orjson.JSONDecodeError as error:
            raise Problem(400, "not-json", f"the body is not JSON: {error.msg}") from error
        if not isinstance(parsed, list):
            raise Problem(400, "not-an-array", "batch mode is a JSON array of events")
        return [_from_mapping(item) for item in parsed]
    try:
        if media == _STRUCTURED:
            return [_structured(body)]
        return [cloudevents.from_kafka(body, _binary_headers(request))]
    except InvalidMessage as error:
        raise Problem(
            400,
            "not-a-cloudevent",
            f"{error}; send {_STRUCTURED}, {_BATCH}, or ce- headers with JSON data",
        ) from error


def _structured(body: bytes) -> CloudEvent:
    try:
        parsed = parse(body)
    except orjson.JSONDecodeError as error:
        raise InvalidMessage("bad_structured", f"the event is not JSON: {error.msg}") from error
    if not isinstance(parsed, dict):
        raise InvalidMessage("bad_structured", "the event is not a JSON object")
    return cloudevents.from_mapping(parsed)


def _from_mapping(item: object) -> CloudEvent | str:
    if not isinstance(item, dict):
        return "an event is a JSON object"
    try:
        return cloudevents.from_mapping(item)
    except InvalidMessage as error:
        return str(error)


def _binary_headers(request: Request) -> list[tuple[str, bytes]]:
    """HTTP's `ce-` headers in Kafka's form; values are percent-decoded (§3.1.3.2)."""
    found = [("content-type", request.headers.get("content-type", cloudevents.JSON).encode())]
    found += [
        (f"ce_{name[3:]}", unquote(value.strip('"')).encode())
        for name, value in request.headers.items()
        if name.startswith("ce-")
    ]
    return found


def _read(event: CloudEvent | str, principal: Principal) -> Posted | str:
    if isinstance(event, str):
        return event
    if event.type not in _MODELS:
        return f"type {event.type[:80]!r} is not taken here; taken are {', '.join(_MODELS)}"
    model, scope = _MODELS[event.type]
    if not principal.may(scope):
        return f"this API key lacks the scope {scope.value}"
    try:
        data = orjson.loads(event.data or b"null")
    except orjson.JSONDecodeError:
        return "data is not JSON"
    if too_deep(data):
        return TOO_DEEP
    if not isinstance(data, dict):
        return "data is not a JSON object"
    given = {"id": event.id, "source": event.source}
    if event.time is not None:
        given["occurred_at"] = event.time.isoformat()
    try:
        return model.model_validate({**data, **given})
    except ValidationError as error:
        return describe(error)
