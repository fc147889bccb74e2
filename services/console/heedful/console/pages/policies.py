"""`/policies`: which version is active, and what a version says."""

import asyncio
from typing import Annotated, Final

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse

from heedful.common.http.problems import not_found
from heedful.common.security.keys import Scope
from heedful.console.documents.differences import differences
from heedful.console.upstream import policies
from heedful.console.upstream.policies import BUILT_IN, Policy
from heedful.console.web.site import Site
from heedful.console.web.viewer import Viewer

HOME: Final = "/policies"
Version = Annotated[int, Path(ge=0, le=2_000_000_000)]


def router(site: Site) -> APIRouter:
    """The pages that show policies."""
    routes = site.router()
    reader = site.allows(Scope.CASES_READ)

    @routes.get(HOME)
    async def policies_page(
        viewer: Annotated[Viewer, reader], cursor: str | None = None
    ) -> HTMLResponse:
        found, current = await asyncio.gather(
            policies.listed(viewer.ask.alerting, cursor), policies.active(viewer.ask.alerting)
        )
        return site.page(viewer, "policies.html", found=found, current=current)

    @routes.get(HOME + "/{version}")
    async def policy_page(
        viewer: Annotated[Viewer, reader], version: Version, done: str | None = None
    ) -> HTMLResponse:
        found, current = await with_active(viewer, version)
        return site.page(
            viewer,
            "policies/policy.html",
            policy=found,
            current=current,
            changes=differences(current.document, found.document),
            done=done,
        )

    return routes


async def with_active(viewer: Viewer, version: int) -> tuple[Policy, Policy]:
    """A version, and the one that is active, which may be the same.

    Raises:
        Problem: 404, the built-in one, which is shown while it is active.
        UpstreamError: they could not be had.
    """
    alerting = viewer.ask.alerting
    if version == BUILT_IN:
        current = await policies.active(alerting)
        if current.version != BUILT_IN:
            raise not_found("version of a policy")
        return current, current
    found, current = await asyncio.gather(
        policies.get(alerting, version), policies.active(alerting)
    )
    return found, current
