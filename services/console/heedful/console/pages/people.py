"""`/people`: the local accounts of this tenant, for its admins."""

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

from heedful.common.security.keys import Scope
from heedful.common.security.roles import Role
from heedful.console.accounts.keeping import Keeping, KeepingRefused
from heedful.console.web.leading import to
from heedful.console.web.site import Site
from heedful.console.web.viewer import Viewer

HOME: Final = "/people"
_ADMINS: Final = Scope.KEYS_WRITE
"""What no role below admin has: who may give keys may give passwords."""


def router(site: Site, keeping: Keeping) -> APIRouter:
    """The routes of accounts."""
    routes = site.router()
    admin = site.allows(_ADMINS)

    @routes.get(HOME)
    async def people_page(
        viewer: Annotated[Viewer, admin], done: str | None = None
    ) -> HTMLResponse:
        return await _page(site, keeping, viewer, done=done)

    @routes.post(HOME)
    async def add_person(
        viewer: Annotated[Viewer, admin], form: Annotated[FormData, site.form]
    ) -> HTMLResponse:
        typed = {name: str(form.get(name, "")).strip() for name in ("id", "name", "role")}
        try:
            password = await keeping.add(
                viewer.session.tenant, typed["id"], typed["name"], _role(typed["role"])
            )
        except KeepingRefused as error:
            return await _page(site, keeping, viewer, refused=error.reason, typed=typed)
        return _shown_once(site, viewer, typed["id"], password)

    @routes.post(HOME + "/password")
    async def give_password(
        viewer: Annotated[Viewer, admin], form: Annotated[FormData, site.form]
    ) -> HTMLResponse:
        who = str(form.get("id", ""))
        try:
            password = await keeping.give_password(viewer.session.tenant, who)
        except KeepingRefused as error:
            return await _page(site, keeping, viewer, refused=error.reason)
        return _shown_once(site, viewer, who, password)

    @routes.post(HOME + "/change")
    async def change_person(
        viewer: Annotated[Viewer, admin], form: Annotated[FormData, site.form]
    ) -> Response:
        try:
            done = await _changed(keeping, viewer, form)
        except KeepingRefused as error:
            return await _page(site, keeping, viewer, refused=error.reason)
        return to(HOME, done=done)

    return routes


async def _changed(keeping: Keeping, viewer: Viewer, form: FormData) -> str:
    """What was done: of role, disable, enable.

    Raises:
        KeepingRefused: it was not.
    """
    tenant, by = viewer.session.tenant, viewer.session.person
    who, what = str(form.get("id", "")), str(form.get("what", ""))
    if what == "disable":
        await keeping.disable(tenant, who, by)
    elif what == "enable":
        await keeping.enable(tenant, who)
    else:
        await keeping.give_role(tenant, who, _role(str(form.get("role", ""))), by)
        return "role"
    return what


def _role(written: str) -> Role:
    """The least where it is none: a form that is not ours gives nobody more."""
    try:
        return Role(written)
    except ValueError:
        return Role.AGENT


async def _page(
    site: Site,
    keeping: Keeping,
    viewer: Viewer,
    *,
    done: str | None = None,
    refused: str | None = None,
    typed: Mapping[str, str] | None = None,
) -> HTMLResponse:
    return site.page(
        viewer,
        "people.html",
        status=422 if refused else 200,
        accounts=await keeping.all_of(viewer.session.tenant),
        roles=[role.value for role in Role],
        done=done,
        refused=refused,
        typed=typed or {},
    )


def _shown_once(site: Site, viewer: Viewer, who: str, password: str) -> HTMLResponse:
    """The only page that ever shows a password: the answer to the form itself, kept nowhere."""
    return site.page(viewer, "people/password.html", who=who, password=password)
