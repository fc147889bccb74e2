"""`/quarantine`: what could not be taken in; looked at, mended, sent again or thrown away."""

from typing import Annotated, Any, Final
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

from heedful.common.security.keys import Scope
from heedful.console.upstream import imports, quarantine
from heedful.console.upstream.errors import Conflict, Invalid
from heedful.console.upstream.quarantine import WholeEntry
from heedful.console.web.faults import Fault, faults
from heedful.console.web.leading import to
from heedful.console.web.site import Site
from heedful.console.web.viewer import Viewer

HOME: Final = "/quarantine"
STATES: Final = ("open", "replayed", "discarded")
REASONS: Final = ("malformed", "invalid", "unfit", "conflict", "fault")


def router(site: Site) -> APIRouter:
    """The pages; what is done with many at once is in quarantine_steps.py."""
    routes = site.router()
    reader, writer = site.allows(Scope.QUARANTINE_READ), site.allows(Scope.QUARANTINE_WRITE)

    @routes.get(HOME)
    async def quarantine_page(
        viewer: Annotated[Viewer, reader],
        state: str = "open",
        channel: str = "",
        reason: str = "",
        import_id: str = "",
        cursor: str | None = None,
        done: str | None = None,
        count: int = 0,
        left: int = 0,
    ) -> HTMLResponse:
        chosen = selection(channel, reason, import_id)
        kept = state if state in STATES else None
        found = await quarantine.listed(viewer.ask.ingest, chosen, kept, cursor)
        return site.page(
            viewer,
            "quarantine.html",
            found=found,
            chosen=chosen,
            state=kept or "",
            query=urlencode({"state": kept or "", **chosen}),
            states=STATES,
            reasons=REASONS,
            done=done,
            count=count,
            left=left,
        )

    @routes.get("/imports")
    async def imports_page(
        viewer: Annotated[Viewer, site.allows(Scope.FEEDBACK_WRITE)], cursor: str | None = None
    ) -> HTMLResponse:
        found = await imports.listed(viewer.ask.ingest, cursor)
        return site.page(viewer, "quarantine/imports.html", found=found)

    @routes.get(HOME + "/{entry_id}")
    async def entry_page(
        viewer: Annotated[Viewer, reader], entry_id: str, done: str | None = None
    ) -> HTMLResponse:
        found = await quarantine.get(viewer.ask.ingest, entry_id)
        return _entry(site, viewer, found, done=done)

    @routes.post(HOME + "/{entry_id}")
    async def mend_entry(
        viewer: Annotated[Viewer, writer],
        form: Annotated[FormData, site.form],
        entry_id: str,
    ) -> Response:
        """Keeps the fields as they were mended, and sends them again where that was asked."""
        text = str(form.get("item", ""))
        found = await quarantine.get(viewer.ask.ingest, entry_id)
        item = _object(text)
        if item is None:
            wrong = [Fault("", "this is no JSON object: check commas, quotes and braces")]
            return _entry(site, viewer, found, text, wrong)
        try:
            await quarantine.mend(viewer.ask.ingest, entry_id, item)
        except (Invalid, Conflict) as error:
            return _entry(site, viewer, found, text, list(faults(error)))
        if "replay" not in form:
            return to(f"{HOME}/{entry_id}", done="mended")
        again = await quarantine.replay(viewer.ask.ingest, entry_id)
        return to(f"{HOME}/{entry_id}", done="replayed" if again.state == "replayed" else "stays")

    return routes


def selection(channel: str, reason: str, import_id: str) -> dict[str, str]:
    """What is given of it; a reason that there is not is none."""
    given = {
        "channel": channel.strip(),
        "reason": reason if reason in REASONS else "",
        "import_id": import_id.strip(),
    }
    return {name: value for name, value in given.items() if value}


def _entry(
    site: Site,
    viewer: Viewer,
    found: WholeEntry,
    text: str | None = None,
    wrong: list[Fault] | None = None,
    done: str | None = None,
) -> HTMLResponse:
    item = found.item
    return site.page(
        viewer,
        "quarantine/entry.html",
        status=422 if wrong else 200,
        entry=found,
        text=text if text is not None else None if item is None else _written(item),
        body=None if found.request is None else str(found.request.get("body", "")),
        headers={} if found.request is None else found.request.get("headers") or {},
        wrong=wrong or [],
        done=done,
    )


def _written(item: dict[str, Any]) -> str:
    return orjson.dumps(item, option=orjson.OPT_INDENT_2).decode()


def _object(text: str) -> dict[str, Any] | None:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None
