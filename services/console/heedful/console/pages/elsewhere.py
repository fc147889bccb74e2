"""`/login/oidc`: signing in at an identity provider."""

import logging
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from heedful.common.security.actors import BadToken, KeysAway, NotEntitled
from heedful.console import metrics
from heedful.console.oidc.flow import CALLBACK, CARRIED_FOR, Flow, NotBegunHere, RefusedThere
from heedful.console.oidc.provider import ProviderAway
from heedful.console.pages.entrance import HOME, inside
from heedful.console.web.site import Site

log = logging.getLogger(__name__)

_COOKIE: Final = "heedful_oidc"
_WHY: Final[dict[type[Exception], str]] = {
    NotBegunHere: "not_begun",
    RefusedThere: "refused",
    ProviderAway: "away",
    KeysAway: "away",
    BadToken: "bad_token",
    NotEntitled: "not_entitled",
}


def router(site: Site, flow: Flow) -> APIRouter:
    """The routes of signing in elsewhere."""
    routes = site.router()

    @routes.get("/login/oidc")
    async def begin_elsewhere(request: Request, next: str = HOME) -> Response:  # noqa: A002  # in the URL
        try:
            begun = await flow.begin(inside(next))
        except ProviderAway as error:
            return _refused(site, request, error)
        answer = RedirectResponse(begun.url, HTTPStatus.SEE_OTHER)
        answer.set_cookie(
            _COOKIE,
            begun.carried,
            max_age=int(CARRIED_FOR.total_seconds()),
            path=CALLBACK,
            secure=site.secure,
            httponly=True,
            samesite="lax",
        )
        return answer

    @routes.get(CALLBACK)
    async def back_from_elsewhere(request: Request) -> Response:
        carried = request.cookies.get(_COOKIE, "")
        try:
            found = await flow.finish(dict(request.query_params), carried)
        except tuple(_WHY) as error:
            return _refused(site, request, error)
        metrics.SIGN_INS.labels("oidc", "ok").inc()
        answer = RedirectResponse(found.goal, HTTPStatus.SEE_OTHER)
        site.give_cookie(answer, await site.sessions.start(found.who))
        answer.delete_cookie(_COOKIE, path=CALLBACK)
        return answer

    return routes


def _refused(site: Site, request: Request, error: Exception) -> Response:
    metrics.SIGN_INS.labels("oidc", "refused").inc()
    log.warning("nobody signed in", extra={"error": f"{type(error).__name__}: {error}"})
    why = f"login.elsewhere.{_WHY[type(error)]}"
    return site.open_page(
        request, "login.html", HTTPStatus.UNAUTHORIZED, next=HOME, failed=None, why=why
    )
