"""The short way to a route whose function takes a request, a principal and one JSON body.

For each request FastAPI matches the path twice, solves a tree of dependencies and opens three exit
stacks: for a small item that costs more than all that is done with it. What such a route is, what
it refuses and how it is documented stay the same; every other route goes FastAPI's way.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from fastapi import HTTPException, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.params import Body
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from heedful.common.http import problems
from heedful.common.http.auth import Admission
from heedful.common.http.json_body import StrictRequest

_BODY = ("body",)


@dataclass(frozen=True, slots=True)
class Direct:
    """How to call the function of a route.

    Attributes:
        principal: name of the parameter for who asks.
        request: name of the parameter for the request; None: it takes none.
        body: name of the parameter for the body, and its model; None: it takes none.
    """

    function: Callable[..., Awaitable[Response]]
    principal: str
    request: str | None
    body: tuple[str, type[BaseModel]] | None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request whose principal is known; ASGI."""
        request = StrictRequest(scope, receive)
        try:
            response = await self._answer(request)
        except Exception as error:  # noqa: BLE001  # raised again where no answer is for it
            response = await problems.answer(request, error)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        given: dict[str, Any] = {self.principal: request.state.principal}
        if self.request is not None:
            given[self.request] = request
        if self.body is not None:
            name, model = self.body
            given[name] = await _read(request, model)
        return await self.function(**given)


def direct(dependant: Dependant) -> Direct | None:
    """The short way to a route; None where there is none."""
    function = dependant.call
    if function is None or not inspect.iscoroutinefunction(function):
        return None
    answers = inspect.signature(function).return_annotation
    if not _is(answers, Response) or len(dependant.dependencies) != 1 or _takes_more(dependant):
        return None
    (admission,) = dependant.dependencies
    if not isinstance(admission.call, Admission) or admission.name is None:
        return None
    body = None
    if dependant.body_params:
        (given,) = dependant.body_params
        model = _whole_model(given.field_info)
        if model is None:
            return None
        body = given.name, model
    return Direct(function, admission.name, dependant.request_param_name, body)


def _takes_more(dependant: Dependant) -> bool:
    """Than a request, a principal and at most one body."""
    return bool(
        dependant.path_params
        or dependant.query_params
        or dependant.header_params
        or dependant.cookie_params
        or dependant.http_connection_param_name
        or dependant.response_param_name
        or dependant.background_tasks_param_name
        or len(dependant.body_params) > 1
    )


def _whole_model(given: FieldInfo) -> type[BaseModel] | None:
    """The model of which a body is all; None: it is read in another way."""
    # Forms and files are kinds of `Body`.
    if type(given) is not Body or given.embed or not given.is_required():
        return None
    model: object = given.annotation
    return model if isinstance(model, type) and issubclass(model, BaseModel) else None


def _is(annotation: object, kind: type) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, kind)


async def _read(request: Request, model: type[BaseModel]) -> BaseModel:
    """The body as FastAPI reads it.

    Raises:
        RequestValidationError: it is missing, no JSON or not the model's.
        HTTPException: it did not come.
    """
    try:
        raw = await request.body()
        value: Any = await request.json() if raw and _is_json(request) else raw
    except orjson.JSONDecodeError as error:
        fault = {"type": "json_invalid", "loc": (*_BODY, error.pos), "ctx": {"error": error.msg}}
        raise RequestValidationError([fault]) from error
    except ClientDisconnect as error:
        raise HTTPException(400, "There was an error parsing the body") from error
    if not raw:
        raise RequestValidationError([{"type": "missing", "loc": _BODY, "msg": "Field required"}])
    try:
        return model.model_validate(value, from_attributes=True)
    except ValidationError as error:
        faults = [{**one, "loc": (*_BODY, *one["loc"])} for one in error.errors(include_url=False)]
        raise RequestValidationError(faults) from error


def _is_json(request: Request) -> bool:
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    kind, _, subtype = media.partition("/")
    return kind == "application" and (subtype == "json" or subtype.endswith("+json"))


class Shortcut:
    """ASGI middleware: to the routes that can be reached directly, past everything inside it.

    Args:
        routes: by method and path.
    """

    def __init__(self, app: ASGIApp, routes: Mapping[tuple[str, str], "Handles"]) -> None:
        self._app = app
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = (
            self._routes.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        )
        if route is None:
            await self._app(scope, receive, send)
            return
        scope["route"], scope["path_params"] = route, {}
        try:
            await route.handle(scope, receive, send)
        except Exception as error:  # noqa: BLE001  # raised again where no answer is for it
            # What the function raises is answered by the route: this was before it.
            response = await problems.answer(Request(scope, receive), error)
            await response(scope, receive, send)


class Handles(Protocol):
    """A route."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None: ...
