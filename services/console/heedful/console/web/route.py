"""A route whose errors are pages."""

import logging
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError

from heedful.common.http.problems import Problem
from heedful.common.http.route import Route
from heedful.console.upstream.errors import (
    Away,
    Conflict,
    Distrusted,
    Forbidden,
    Invalid,
    NotThere,
    UpstreamError,
)
from heedful.console.web.refusals import NotSignedIn, OtherSite, RoleTooLow

if TYPE_CHECKING:
    from heedful.console.web.site import Site

log = logging.getLogger(__name__)

_UPSTREAM: Final[dict[type[UpstreamError], tuple[int, str]]] = {
    NotThere: (404, "not_there"),
    Conflict: (409, "conflict"),
    Forbidden: (403, "forbidden"),
    Invalid: (422, "invalid"),
    Distrusted: (502, "distrusted"),
    Away: (503, "away"),
}


def page_route(site: "Site") -> type[Route]:
    """The route class of this site's pages."""

    class PageRoute(Route):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def shown(request: Request) -> Response:
                try:
                    return await handle(request)
                except NotSignedIn:
                    return site.sign_in_page(request)
                except (OtherSite, RoleTooLow) as error:
                    name = "other_site" if isinstance(error, OtherSite) else "role_too_low"
                    return _error(site, request, HTTPStatus.FORBIDDEN, name)
                except UpstreamError as error:
                    status, name = _UPSTREAM.get(type(error), (503, "away"))
                    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                        log.warning(
                            "a service failed a page",
                            extra={"service": error.service, "error": error.detail},
                        )
                    return _error(site, request, status, name, error.detail)
                except RequestValidationError:
                    return _error(site, request, HTTPStatus.UNPROCESSABLE_ENTITY, "wrong_address")
                except Problem as error:
                    return _error(site, request, error.status, "refused", error.detail)

            return shown

    return PageRoute


def _error(
    site: "Site", request: Request, status: int, name: str, detail: str | None = None
) -> Response:
    return site.error_page(request, status, f"error.{name}.heading", f"error.{name}.text", detail)
