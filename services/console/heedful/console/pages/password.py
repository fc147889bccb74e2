"""`/password`: somebody with an account here gives themselves another password."""

from typing import Annotated, Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

from heedful.common.http.problems import not_found
from heedful.console.accounts.passwords import MAX_CHARS, MIN_CHARS
from heedful.console.accounts.signing_in import LOCAL, Accounts
from heedful.console.sessions.sessions import SignedIn
from heedful.console.web.leading import to
from heedful.console.web.site import Site
from heedful.console.web.viewer import Viewer

HOME: Final = "/password"


def router(site: Site, accounts: Accounts) -> APIRouter:
    """The routes of one's own password."""
    routes = site.router()

    def page(viewer: Viewer, refused: str | None = None, done: str | None = None) -> HTMLResponse:
        if viewer.session.provider != LOCAL:
            raise not_found("password of yours")
        status = 422 if refused else 200
        context = {"refused": refused, "done": done, "least": MIN_CHARS, "most": MAX_CHARS}
        return site.page(viewer, "password.html", status, **context)

    @routes.get(HOME)
    async def password_page(
        viewer: Annotated[Viewer, site.signed_in], done: str | None = None
    ) -> HTMLResponse:
        return page(viewer, done=done)

    @routes.post(HOME)
    async def change_own_password(
        viewer: Annotated[Viewer, site.signed_in], form: Annotated[FormData, site.form]
    ) -> Response:
        """Ends every session of theirs and begins a new one: whoever else was signed in with the
        old password is out."""
        old, new, again = (str(form.get(name, "")) for name in ("old", "new", "again"))
        refused = unfit(old, new, again)
        if refused or viewer.session.provider != LOCAL:
            return page(viewer, refused)
        account = await accounts.change_password(viewer.session.person, old, new)
        if account is None:
            return page(viewer, "wrong")
        token = await site.sessions.start(
            SignedIn(account.tenant, account.id, account.name, account.role, LOCAL)
        )
        answer = to(HOME, done="changed")
        site.give_cookie(answer, token)
        return answer

    return routes


def unfit(old: str, new: str, again: str) -> str | None:
    """Why this cannot be the new password: `short`, `long`, `differs` or `same`; None: it can.

    Length is all that is asked of it (NIST SP 800-63B §5.1.1.2).
    """
    if len(new) < MIN_CHARS:
        return "short"
    if max(len(new), len(old)) > MAX_CHARS:
        return "long"
    if new != again:
        return "differs"
    return "same" if new == old else None
