"""`/policies/…/edit`: a new version, as text or by its plain figures."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

from heedful.common.security.keys import Scope
from heedful.console.documents.text import Unreadable, read
from heedful.console.pages.policies import HOME, Version, with_active
from heedful.console.policies.plain import changed, figures
from heedful.console.upstream import policies
from heedful.console.upstream.errors import Conflict, Invalid
from heedful.console.upstream.policies import Policy
from heedful.console.web.editing import Edited, typed
from heedful.console.web.faults import Fault, faults
from heedful.console.web.leading import to
from heedful.console.web.site import Site
from heedful.console.web.viewer import Viewer


def router(site: Site) -> APIRouter:
    """The forms of a new version."""
    routes = site.router()
    writer = site.allows(Scope.POLICIES_WRITE)

    @routes.get(HOME + "/{version}/edit")
    async def edit_policy(viewer: Annotated[Viewer, writer], version: Version) -> HTMLResponse:
        base, _ = await with_active(viewer, version)
        return _editor(site, viewer, base, Edited.of(base.document))

    @routes.post(HOME + "/{version}/edit")
    async def make_policy(
        viewer: Annotated[Viewer, writer],
        form: Annotated[FormData, site.form],
        version: Version,
    ) -> Response:
        text = typed(form)
        try:
            made = await policies.make(viewer.ask.alerting, read(text))
        except Unreadable as error:
            edited = Edited.unreadable(text, error)
        except (Invalid, Conflict) as error:
            edited = Edited.refused(text, error)
        else:
            return to(f"{HOME}/{made.version}", done="made")
        base, _ = await with_active(viewer, version)
        return _editor(site, viewer, base, edited)

    @routes.post(HOME + "/{version}/figures")
    async def make_with_figures(
        viewer: Annotated[Viewer, writer],
        form: Annotated[FormData, site.form],
        version: Version,
    ) -> Response:
        base, _ = await with_active(viewer, version)
        given = {name: str(value) for name, value in form.items()}
        document, wrong = changed(base.document, base.shown, given)
        if not wrong:
            try:
                made = await policies.make(viewer.ask.alerting, document)
            except (Invalid, Conflict) as error:
                wrong = list(faults(error))
            else:
                return to(f"{HOME}/{made.version}", done="made")
        return _editor(site, viewer, base, Edited.of(base.document), wrong, given)

    return routes


def _editor(
    site: Site,
    viewer: Viewer,
    base: Policy,
    edited: Edited,
    wrong: list[Fault] | None = None,
    given: dict[str, str] | None = None,
) -> HTMLResponse:
    """Both forms, each with what was wrong with it."""
    return site.page(
        viewer,
        "policies/edit.html",
        status=422 if edited.wrong or wrong else 200,
        base=base,
        edited=edited,
        figures=figures(base.shown),
        wrong=wrong or [],
        given=given or {},
    )
