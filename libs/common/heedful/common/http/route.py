"""A route that knows who asks, and whether they may, before it reads what they ask.

FastAPI reads and parses a body before it calls dependencies: a stranger with broken JSON would
learn that it is broken, and with a large one would make us read it.
"""

from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send

from heedful.common.http.auth import Admission
from heedful.common.http.direct import direct
from heedful.common.http.door import Door
from heedful.common.http.json_body import StrictRequest
from heedful.common.http.openapi.security import demands_of
from heedful.common.http.problems import not_found


class Route(APIRoute):
    """The route class of every router: `APIRouter(route_class=Route)`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "generate_unique_id_function": operation_id})
        self._admission = _admission(self.dependant)
        self.direct = direct(self.dependant)
        if self._admission is not None:
            self.openapi_extra = {
                **(self.openapi_extra or {}),
                **demands_of(self._admission.scopes, self._admission.role),
            }

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._admission is None or scope["method"] not in (self.methods or ()):
            await super().handle(scope, receive, send)
            return
        if any("\x00" in str(value) for value in scope.get("path_params", {}).values()):
            # PostgreSQL keeps this character in no text: nothing has such an id.
            raise not_found("thing: its id holds the character U+0000")
        door: Door = scope["app"].state.door
        inside = super().handle if self.direct is None else self.direct
        await door.enter(self._admission, inside, scope, receive, send)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handle(StrictRequest(request.scope, request.receive))

        return strict


def operation_id(route: APIRoute) -> str:
    """The name of its function: it stays when the path or the file changes."""
    return route.name


def guarded(router: APIRouter) -> None:
    """See that every route of a service looks at the key first.

    Raises:
        TypeError: a router was made without `route_class=Route`.
    """
    for one in router.routes:
        if not isinstance(one, Route):
            raise TypeError(
                f"{getattr(one, 'path', one)}: make its APIRouter with route_class=Route"
            )


def shortcuts(routers: Iterable[APIRouter]) -> dict[tuple[str, str], Route]:
    """Routes that can be found without a search, by method and path."""
    return {
        (method, route.path): route
        for router in routers
        for route in router.routes
        if isinstance(route, Route) and route.direct is not None and "{" not in route.path
        for method in route.methods or ()
    }


def methods_by_path(routers: Iterable[APIRouter]) -> dict[str, str]:
    """What `Allow` says of each path: every method that some route takes there."""
    found: dict[str, set[str]] = defaultdict(set)
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute):
                found[route.path].update(route.methods or ())
    return {path: ", ".join(sorted(methods)) for path, methods in found.items()}


def _admission(dependant: Dependant) -> Admission | None:
    """Who admits to the route; None: it is open to all."""
    for one in dependant.dependencies:
        found = one.call if isinstance(one.call, Admission) else _admission(one)
        if found is not None:
            return found
    return None
