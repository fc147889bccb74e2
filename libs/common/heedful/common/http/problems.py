"""Errors as problem+json (RFC 9457): what, where, how to mend it."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic_core import ErrorDetails
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from heedful.common.errors import HeedfulError, Retryable
from heedful.common.wording import TIMES, fault, place

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "https://heedful.dev/problems/"
RETRY_AFTER_S = 2
# Of FastAPI's own; the phrases of HTTPStatus change from one Python to the next.
_HTTP_ERRORS = {
    404: ("not-found", "no such path; see /docs"),
    405: ("method-not-allowed", "this path does not take this method"),
}
_IN_A_URL = ", in a URL + as %2B"


class Problem(HeedfulError):
    """An answer that is an error.

    Args:
        status: HTTP status.
        code: short stable name, the last part of the problem's `type`.
        detail: what is wrong with this request and how to mend it.
        headers: extra headers, e.g. Retry-After.
        members: extra members of the problem object, e.g. `errors`.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        headers: dict[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers or {}
        self.members = members

    def body(self) -> dict[str, Any]:
        return {
            "type": TYPE_PREFIX + self.code,
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            **self.members,
        }


class Refused(HTTPException):
    """A problem that is found while a body is read: the one kind of error that FastAPI lets
    through there."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.status, problem.detail)
        self.problem = problem


def unavailable(detail: str) -> Problem:
    """503 with Retry-After: nothing was lost, send it again."""
    return Problem(503, "unavailable", detail, headers={"Retry-After": str(RETRY_AFTER_S)})


def not_found(what: str) -> Problem:
    return Problem(404, "not-found", f"there is no such {what}")


def respond(problem: Problem) -> Response:
    return Response(
        orjson.dumps(problem.body()),
        status_code=problem.status,
        headers=problem.headers,
        media_type=MEDIA_TYPE,
    )


def install(app: FastAPI, allowed: Mapping[str, str]) -> None:
    """Make every error of the app a problem.

    Args:
        allowed: all methods of a path, as `Allow` has them; a route knows its own only.
    """
    app.state.allowed = allowed
    for kind, handler in _HANDLERS.items():
        app.add_exception_handler(kind, handler)
    app.add_exception_handler(Exception, _unexpected)


async def answer(request: Request, error: Exception) -> Response:
    """The same answer where the app does not see the error.

    Raises:
        Exception: the error itself, which nobody expected; the app logs it and answers 500.
    """
    for kind in type(error).__mro__:
        handler = _HANDLERS.get(kind)
        if handler is not None:
            return await handler(request, error)
    raise error


async def _problem(_request: Request, error: Exception) -> Response:
    return respond(error) if isinstance(error, Problem) else await _unexpected(_request, error)


async def _invalid(request: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    media = request.headers.get("content-type", "")
    errors = [{"at": place(item["loc"]), "message": _message(item, media)} for item in found]
    return respond(
        Problem(422, "invalid", "the request does not have the documented shape", errors=errors)
    )


def _message(item: ErrorDetails, media: str) -> str:
    """What is wrong with one part of a request: what HTTP has to do with it here, the rest as
    everywhere."""
    kind, location = item["type"], item["loc"]
    if kind == "json_invalid":
        return f"not JSON: {item['ctx']['error']}"
    if location == ("body",) and "json" not in media:
        return "the body is read as JSON only with the header Content-Type: application/json"
    in_url = kind in TIMES and location[0] == "query"
    return fault(item) + (_IN_A_URL if in_url else "")


async def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        return await _unexpected(request, error)
    if isinstance(error, Refused):
        return respond(error.problem)
    phrase = HTTPStatus(error.status_code).phrase
    code, detail = _HTTP_ERRORS.get(error.status_code, (phrase.lower().replace(" ", "-"), phrase))
    headers = dict(error.headers or {})
    if "Allow" in headers:
        # RFC 9110 §15.5.6 demands it of a 405, with all methods of the path.
        path = getattr(request.scope.get("route"), "path", "")
        headers["Allow"] = request.app.state.allowed.get(path, headers["Allow"])
        detail += f", only {headers['Allow']}"
    return respond(Problem(error.status_code, code, detail, headers=headers))


async def _unavailable(_request: Request, error: Exception) -> Response:
    # A database error may be a fault of ours, so it is logged whole.
    log.warning("unavailable", exc_info=error if isinstance(error, DBAPIError) else None)
    return respond(unavailable("a server behind this one does not answer; send it again"))


_HANDLERS: Final[Mapping[type[Exception], Callable[[Request, Exception], Awaitable[Response]]]] = {
    Problem: _problem,
    RequestValidationError: _invalid,
    HTTPException: _http,
    **dict.fromkeys((Retryable, DBAPIError, PoolTimeoutError, OSError, TimeoutError), _unavailable),
}


async def _unexpected(_request: Request, error: Exception) -> Response:
    log.error("unexpected error", exc_info=error)
    return respond(Problem(500, "internal", "unexpected error; it was logged"))
