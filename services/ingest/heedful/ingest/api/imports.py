"""`/v1/imports`: files of reviews, posts and old feedback; what became of their rows."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from heedful.common.http import Page, paging
from heedful.common.http.auth import Authenticator
from heedful.common.http.openapi import Refusal, by_hand, missing, refusing
from heedful.common.http.problems import Problem, not_found
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope
from heedful.ingest import metrics
from heedful.ingest.api.import_models import (
    AGREED,
    Checked,
    CheckedRow,
    ImportOut,
    incomplete,
    said,
    shown,
)
from heedful.ingest.api.import_refusals import UPLOAD
from heedful.ingest.api.upload import FILE
from heedful.ingest.api.uploads import Upload, Uploads
from heedful.ingest.import_check import Check, check
from heedful.ingest.import_worker import ImportWorker
from heedful.ingest.importing.layout import Hints
from heedful.ingest.importing.plan import Options
from heedful.ingest.importing.proposal import propose
from heedful.ingest.importing.records import Limits, Unreadable
from heedful.ingest.importing.report import HEADER, Status
from heedful.ingest.importing.rows import Rejected
from heedful.ingest.imports import Import, ImportState
from heedful.ingest.store_imports import ImportStore

PATH: Final = "/v1/imports"
FORM_BYTES: Final = 300_000
"""Of a form, beside its file."""

_NO_IMPORT: Final = missing("import")
_LOCATION: Final[dict[str, Any]] = {
    "description": "Where its progress is.",
    "schema": {"type": "string"},
    "example": f"{PATH}/im-3f1d98573b97cdca98a65347dd4be064",
}

_TEXT: Final = {"type": "string"}
_BODY: Final = by_hand(
    {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": [FILE, "source"],
                "properties": {
                    FILE: {"type": "string", "format": "binary"},
                    "map": {
                        "type": "array",
                        "items": _TEXT,
                        "description": "TARGET=COLUMN, e.g. text=评论内容; as often as needed.",
                    },
                    AGREED: {"type": "boolean", "default": False},
                    **{
                        name: {**_TEXT, "description": field.description or ""}
                        for model in (Options, Hints)
                        for name, field in model.model_fields.items()
                        if name != "mapping"
                    },
                },
            },
            "example": {
                FILE: "评论内容,评分\r\n等了一个小时没人接,1\r\n",
                "source": "reviews",
                "channel": "review",
                "occurred_at": "now",
                "map": ["text=评论内容"],
                AGREED: True,
            },
        }
    }
)


def router(
    uploads: Uploads, store: ImportStore, worker: ImportWorker, auth: Authenticator
) -> APIRouter:
    """The routes of imports."""
    routes = APIRouter(tags=["imports"], route_class=Route)
    Sender = Annotated[Principal, Depends(auth.requires(Scope.FEEDBACK_WRITE))]  # noqa: N806  # a type

    @routes.post(
        PATH,
        status_code=202,
        response_model=ImportOut,
        responses={
            **UPLOAD,
            200: {"model": Checked, "description": "A dry run"},
            202: {"headers": {"Location": _LOCATION}},
        },
        openapi_extra=_BODY,
    )
    async def import_file(
        request: Request,
        principal: Sender,
        dry_run: Annotated[bool, Query(description="Take nothing; say what would be.")] = False,
    ) -> Response:
        """Import a file. 202 once all of it is stored: its rows are taken behind that, also when
        the process is restarted; look at the import or its report for what became of them.

        Columns are guessed unless `map` says them. What is in doubt is 422, until it is said, or
        agreed to with `accept_guesses=true`.
        """
        async with uploads.taken(request, principal) as upload:
            found = await (_check if dry_run else _accept)(upload, uploads.limits)
        if found is not None:
            return JSONResponse(_checked(found).model_dump(mode="json"))
        worker.wake()
        one = await _known(store, principal.tenant, upload.import_id)
        return JSONResponse(
            shown(one).model_dump(mode="json"),
            status_code=202,
            headers={"Location": f"{PATH}/{one.id}"},
        )

    @routes.get(PATH)
    async def list_imports(
        principal: Sender, cursor: str | None = None, limit: paging.Limit = paging.DEFAULT
    ) -> Page[ImportOut]:
        """Imports of the tenant, the newest first."""
        rows = await store.page(principal.tenant, paging.after(cursor), limit + 1)
        page, more = rows[:limit], len(rows) > limit
        return Page(
            items=[shown(one) for one in page],
            next_cursor=paging.encoded(page[-1].created_at, page[-1].id) if more else None,
        )

    @routes.get(PATH + "/{import_id}", responses=refusing(_NO_IMPORT))
    async def get_import(import_id: str, principal: Sender) -> ImportOut:
        """How far an import is."""
        return shown(await _known(store, principal.tenant, import_id))

    @routes.get(
        PATH + "/{import_id}/report",
        response_class=Response,
        responses={
            **refusing(_NO_IMPORT),
            200: {
                "content": {
                    "text/csv": {
                        "schema": {"type": "string"},
                        "example": "row,status,id,detail\r\n2,imported,reviews-2,\r\n",
                    }
                }
            },
        },
    )
    async def get_import_report(import_id: str, principal: Sender) -> Response:
        """What became of each row, as CSV; of the rows so far while it runs."""
        one = await _known(store, principal.tenant, import_id)

        async def lines() -> AsyncIterator[bytes]:
            yield HEADER
            async for part in store.report(one.id):
                yield part

        return StreamingResponse(
            lines(),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{one.id}.csv"'},
        )

    @routes.post(
        PATH + "/{import_id}/cancel",
        responses=refusing(
            _NO_IMPORT, Refusal(409, "ended", "It has ended", "it has ended before")
        ),
    )
    async def cancel_import(import_id: str, principal: Sender) -> ImportOut:
        """Stop it. The rows that were taken stay; the file is deleted."""
        one = await _known(store, principal.tenant, import_id)
        if not await store.cancel(principal.tenant, one.id):
            raise Problem(409, "ended", "it has ended before")
        metrics.IMPORTS.labels(ImportState.CANCELLED.value).inc()
        return shown(await _known(store, principal.tenant, one.id))

    return routes


async def _known(store: ImportStore, tenant: str, import_id: str) -> Import:
    """An import of the tenant.

    Raises:
        Problem: 404.
    """
    found = await store.get(tenant, import_id)
    if found is None:
        raise not_found("import")
    return found


async def _check(upload: Upload, limits: Limits) -> Check:
    options, hints, _ = said(upload.form)
    try:
        return await asyncio.to_thread(check, upload.file(), hints, options, limits)
    except Unreadable as error:
        raise _unreadable(error) from error


async def _accept(upload: Upload, limits: Limits) -> None:
    options, hints, agreed = said(upload.form)
    try:
        found = await asyncio.to_thread(propose, upload.file(), hints, options, limits)
    except Unreadable as error:
        raise _unreadable(error) from error
    if found.plan is None:
        raise incomplete("import-incomplete", found.missing[0], found)
    if found.doubts and not agreed:
        raise incomplete(
            "import-in-doubt",
            f"some of it is only guessed; say it with map and the like, or {AGREED}=true",
            found,
        )
    await upload.accept(found.plan)


def _unreadable(error: Unreadable) -> Problem:
    return Problem(422, "unreadable", str(error))


def _checked(found: Check) -> Checked:
    proposal = found.proposal
    return Checked(
        layout=proposal.layout,
        columns=list(proposal.columns),
        scale=None if proposal.scale is None else str(proposal.scale),
        timezone=proposal.timezone,
        date_order=proposal.date_order,
        missing=list(proposal.missing),
        doubts=list(proposal.doubts),
        notes=list(proposal.notes),
        rows=found.counts,
        complete=found.complete,
        failure=found.failure,
        first_rows=[
            CheckedRow(row=one.number, status=Status.REJECTED, detail=one.detail)
            if isinstance(one, Rejected)
            else CheckedRow(row=one.number, status=Status.VALID, item=one.posted)
            for one in found.first
        ],
    )
