"""`/`, `/login`, `/logout`, `/preferences`: getting in and out, and how one likes it."""

from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Final, TypeVar
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from heedful.console import metrics
from heedful.console.accounts.passwords import MAX_CHARS
from heedful.console.accounts.signing_in import LOCAL, Accounts
from heedful.console.sessions.preference import Language, Preference, Theme
from heedful.console.sessions.sessions import SignedIn
from heedful.console.web.site import COOKIE, Site
from heedful.console.web.viewer import Viewer

E = TypeVar("E", bound=StrEnum)

HOME: Final = "/board"
_MAX_ID_CHARS: Final = 200


def router(site: Site, accounts: Accounts | None) -> APIRouter:
    """The routes of the entrance.

    Args:
        accounts: None: nobody signs in with a password.
    """
    routes = site.router()

    @routes.get("/")
    async def console_home() -> Response:
        return RedirectResponse(HOME, HTTPStatus.SEE_OTHER)

    @routes.get("/login")
    async def login_page(request: Request, next: str = HOME) -> Response:  # noqa: A002  # in the URL
        return site.open_page(request, "login.html", next=inside(next), failed=False)

    @routes.post("/login")
    async def log_in(request: Request) -> Response:
        """Another site may post here too: it can only sign somebody in who knows a password."""
        form = await request.form(max_files=0, max_fields=10)
        who, password = str(form.get("id", "")).strip(), str(form.get("password", ""))
        goal = inside(str(form.get("next", HOME)))
        known = len(who) <= _MAX_ID_CHARS and len(password) <= MAX_CHARS
        account = await accounts.sign_in(who, password) if accounts and known else None
        metrics.SIGN_INS.labels(LOCAL, "refused" if account is None else "ok").inc()
        if account is None:
            return site.open_page(request, "login.html", 401, next=goal, failed=True)
        token = await site.sessions.start(
            SignedIn(account.tenant, account.id, account.name, account.role, LOCAL)
        )
        answer = RedirectResponse(goal, HTTPStatus.SEE_OTHER)
        site.give_cookie(answer, token)
        return answer

    @routes.post("/logout")
    async def log_out(
        viewer: Annotated[Viewer, site.signed_in], _: Annotated[FormData, site.form]
    ) -> Response:
        await site.sessions.end(viewer.token)
        answer = RedirectResponse("/login", HTTPStatus.SEE_OTHER)
        answer.delete_cookie(COOKIE, secure=site.secure, httponly=True, samesite="lax")
        return answer

    @routes.post("/preferences")
    async def prefer(
        viewer: Annotated[Viewer, site.signed_in], form: Annotated[FormData, site.form]
    ) -> Response:
        chosen = Preference(
            _one_of(Language, form, "language", viewer.preference.language),
            _one_of(Theme, form, "theme", viewer.preference.theme),
        )
        await site.sessions.prefer(viewer.session, chosen)
        return RedirectResponse(inside(str(form.get("next", HOME))), HTTPStatus.SEE_OTHER)

    return routes


def _one_of(kind: type[E], form: FormData, name: str, otherwise: E) -> E:
    try:
        return kind(str(form.get(name)))
    except ValueError:
        return otherwise


def inside(url: str) -> str:
    """Where to go next: a path of this site, or the first page (no open redirect)."""
    parts = urlsplit(url)
    if parts.scheme or parts.netloc or not url.startswith("/") or url[1:2] in ("/", "\\"):
        return HOME
    return url
