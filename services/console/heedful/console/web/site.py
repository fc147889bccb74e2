"""What a page needs: who looks on, templates, forms."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.datastructures import FormData

from heedful.common.security.keys import Scope
from heedful.console.sessions.preference import Language, Preference, accepted
from heedful.console.sessions.sessions import Sessions
from heedful.console.upstream.services import Services
from heedful.console.web import headers
from heedful.console.web.assets import Assets
from heedful.console.web.localize import Localize
from heedful.console.web.refusals import NotSignedIn, OtherSite, RoleTooLow
from heedful.console.web.route import page_route
from heedful.console.web.viewer import Viewer
from heedful.console.web.words import Words

COOKIE: Final = "heedful_session"
CSRF_FIELD: Final = "csrf"
CSRF_HEADER: Final = "x-csrf-token"
BACKGROUND_HEADER: Final = "x-background"
"""Of requests that a page makes by itself, for as long as it is open."""
_MAX_FIELDS: Final = 500


@dataclass(frozen=True, slots=True)
class Ways:
    """How people sign in: with an account of the console, at an identity provider, or both."""

    local_accounts: bool
    elsewhere: bool


class Site:
    """The pages' common ground.

    Args:
        zone: in which times are shown.
        secure: cookies travel over TLS only.
    """

    def __init__(
        self,
        services: Services,
        sessions: Sessions,
        words: Words,
        assets: Assets,
        *,
        ways: Ways,
        zone: ZoneInfo,
        secure: bool,
        now: Callable[[], datetime],
    ) -> None:
        self.services = services
        self.sessions = sessions
        self.words = words
        self.now = now
        self.secure = secure
        self._localize = {language: Localize(language, zone) for language in Language}
        self._templates = Environment(
            loader=PackageLoader("heedful.console"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(
            asset=assets.url,
            knows=words.known,
            elsewhere=ways.elsewhere,
            local_accounts=ways.local_accounts,
        )
        self._route = page_route(self)
        self.signed_in = Depends(self._viewer)
        """A dependency: the viewer of a page; who has not signed in goes to /login."""
        self.form = Depends(self._form)
        """A dependency: the fields of a form that this site has made."""

    def router(self) -> APIRouter:
        """For pages: errors are pages too."""
        return APIRouter(route_class=self._route, include_in_schema=False)

    def page(
        self, viewer: Viewer, template: str, status: int = 200, **context: Any
    ) -> HTMLResponse:
        """A page, or a part of one, for somebody who has signed in."""
        return self._rendered(
            template,
            viewer.preference,
            status,
            {"viewer": viewer, "csrf": viewer.session.csrf, **context},
        )

    def open_page(
        self, request: Request, template: str, status: int = 200, **context: Any
    ) -> HTMLResponse:
        """A page for anybody, in the language of their browser."""
        preference = Preference(accepted(request.headers.get("accept-language")))
        return self._rendered(template, preference, status, {"viewer": None, **context})

    def error_page(
        self, request: Request, status: int, heading: str, text: str, detail: str | None = None
    ) -> HTMLResponse:
        """What went wrong and what to do: names of words for heading and text, and the words of
        the service that refused."""
        viewer: Viewer | None = getattr(request.state, "viewer", None)
        context = {"heading": heading, "text": text, "detail": detail}
        template = "parts/error.html" if _is_part(request) else "error.html"
        if viewer is None:
            return self.open_page(request, template, status, **context)
        return self.page(viewer, template, status, **context)

    def give_cookie(self, answer: Response, token: str) -> None:
        """The cookie of a session: no script reads it, no other site sends it with a form."""
        answer.set_cookie(COOKIE, token, secure=self.secure, httponly=True, samesite="lax")

    def localize(self, language: Language) -> Localize:
        return self._localize[language]

    def sign_in_page(self, request: Request) -> Response:
        """Leads to /login and from there back. A part of a page has the whole page go there.

        A form was on a page, and that is where back is: its own address takes no GET. Browsers name
        the page, as it is of this site (`Referrer-Policy` in heedful.console.web.headers).
        """
        asked = str(request.url)
        if _is_part(request):
            asked = request.headers.get("hx-current-url", "")
        elif request.method != "GET":
            asked = request.headers.get("referer", "")
        where = "/login?next=" + quote(_local(asked))
        if _is_part(request):
            return Response(status_code=HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": where})
        return RedirectResponse(where, HTTPStatus.SEE_OTHER)

    def _rendered(
        self, template: str, preference: Preference, status: int, context: Mapping[str, Any]
    ) -> HTMLResponse:
        language = preference.language

        def say(name: str, /, **values: object) -> str:
            return self.words.say(name, language, **values)

        html = self._templates.get_template(template).render(
            {
                "say": say,
                "language": language.value,
                "theme": preference.theme.value,
                "local": self._localize[language],
                "now": self.now(),
                **context,
            }
        )
        return HTMLResponse(html, status, headers=dict(headers.PAGE))

    async def _viewer(self, request: Request) -> Viewer:
        """
        Raises:
            NotSignedIn: there is no session, or it has ended.
        """
        token = request.cookies.get(COOKIE, "")
        used = not _in_background(request)
        found = await self.sessions.find(token, used=used) if token else None
        if found is None:
            raise NotSignedIn
        session, preference = found
        viewer = Viewer(
            session=session,
            token=token,
            preference=preference or Preference(accepted(request.headers.get("accept-language"))),
            ask=self.services.asked_by(session.acting),
        )
        request.state.viewer = viewer
        return viewer

    async def _form(self, request: Request) -> FormData:
        """
        Raises:
            NotSignedIn: there is no session, or it has ended.
            OtherSite: the form was not made by this site for this session.
        """
        viewer: Viewer = getattr(request.state, "viewer", None) or await self._viewer(request)
        form = await request.form(max_files=0, max_fields=_MAX_FIELDS)
        given = str(form.get(CSRF_FIELD) or request.headers.get(CSRF_HEADER) or "")
        if not hmac.compare_digest(given.encode(), viewer.session.csrf.encode()):
            raise OtherSite
        return form

    def allows(self, scope: Scope) -> Any:
        """A dependency: the viewer of a page that needs this scope.

        Raises:
            RoleTooLow: their role lacks it.
        """

        async def viewer(found: Annotated[Viewer, self.signed_in]) -> Viewer:
            if not found.may(scope):
                raise RoleTooLow(scope)
            return found

        return Depends(viewer)


def _is_part(request: Request) -> bool:
    return "hx-request" in request.headers


def _in_background(request: Request) -> bool:
    """An EventSource can send no header of its own; it says what it accepts (HTML §9.2)."""
    return (
        BACKGROUND_HEADER in request.headers or request.headers.get("accept") == "text/event-stream"
    )


def _local(url: str) -> str:
    """Path and query: never another site (open redirect)."""
    parts = urlsplit(url or "/")
    path = parts.path if parts.path.startswith("/") else "/"
    return (path + (f"?{parts.query}" if parts.query else "")).replace("//", "/")
