"""`/v1/quarantine`: what could not be taken; look at it, mend it, say that it is not wanted."""

from typing import Annotated

from fastapi import APIRouter, Depends

from heedful.common.http import Page, paging
from heedful.common.http.auth import Authenticator
from heedful.common.http.openapi import Refusal, missing, refusing
from heedful.common.http.problems import Problem, not_found
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope
from heedful.ingest import quarantine
from heedful.ingest.api.quarantine_models import (
    EntryOut,
    EntryWithContent,
    MendedItem,
    content_of,
    plain,
    shown,
)
from heedful.ingest.intake import Intake
from heedful.ingest.quarantine import Choice, Form, KeptItem, Reason, State, Stored
from heedful.ingest.store_quarantine import QuarantineStore, SameContent

_NO_ENTRY = missing("entry")
NOT_OPEN = Refusal(409, "not-open", "It was resolved before", "it was replayed before")
OPEN_ENTRY = refusing(_NO_ENTRY, NOT_OPEN)
_MENDING = refusing(
    _NO_ENTRY,
    NOT_OPEN,
    Refusal(
        409,
        "not-an-item",
        "Only an item can be mended",
        "only an item can be mended; a request is read by its adapter",
    ),
    Refusal(
        409,
        "same-content",
        "Another open entry has just these fields",
        "another open entry has just these fields; discard one of them",
    ),
)


def router(store: QuarantineStore, intake: Intake, auth: Authenticator) -> APIRouter:
    """The routes of the quarantine."""
    routes = APIRouter(tags=["quarantine"], route_class=Route)
    Reader = Annotated[Principal, Depends(auth.requires(Scope.QUARANTINE_READ))]  # noqa: N806  # a type
    Writer = Annotated[Principal, Depends(auth.requires(Scope.QUARANTINE_WRITE))]  # noqa: N806  # a type

    @routes.get("/v1/quarantine")
    async def list_quarantine(
        principal: Reader,
        state: State | None = State.OPEN,
        channel: str | None = None,
        reason: Reason | None = None,
        connection_id: str | None = None,
        import_id: str | None = None,
        cursor: str | None = None,
        limit: paging.Limit = paging.DEFAULT,
    ) -> Page[EntryOut]:
        """What waits, the newest first."""
        rows = await store.page(
            principal.tenant,
            state=state,
            which=Choice(plain(channel), plain(connection_id), plain(import_id), reason),
            after=paging.after(cursor),
            limit=limit + 1,
        )
        page, more = rows[:limit], len(rows) > limit
        return Page(
            items=[EntryOut(**shown(one)) for one in page],
            next_cursor=paging.encoded(page[-1].origin.received_at, page[-1].id) if more else None,
        )

    @routes.get("/v1/quarantine/{entry_id}", responses=refusing(_NO_ENTRY))
    async def get_quarantined(entry_id: str, principal: Reader) -> EntryWithContent:
        """One with what was sent: a customer's words."""
        stored, content = await known(store, principal.tenant, entry_id)
        return EntryWithContent(**shown(stored), **content_of(stored, content))

    @routes.put("/v1/quarantine/{entry_id}", responses=_MENDING)
    async def mend_quarantined(
        entry_id: str, body: MendedItem, principal: Writer
    ) -> EntryWithContent:
        """Put mended fields in place of those that were read. Send it again after that."""
        stored, content = await open_one(store, principal.tenant, entry_id)
        if stored.form is not Form.ITEM:
            raise Problem(
                409, "not-an-item", "only an item can be mended; a request is read by its adapter"
            )
        read = quarantine.item_in(content)
        fields = quarantine.mended_fields(stored.origin, read, body.item)
        mapping = {
            name: read.mapping.get(name, "mended")
            if value == read.fields.get(name)
            else f"mended by {principal.author}"
            for name, value in fields.items()
        }
        entry = intake.mended(stored, KeptItem(read.kind, fields, mapping))
        try:
            mended = await store.mend(entry)
        except SameContent as error:
            raise Problem(
                409, "same-content", "another open entry has just these fields; discard one of them"
            ) from error
        if not mended:
            raise Problem(409, "not-open", "it was resolved meanwhile")
        return EntryWithContent(**shown(stored), **content_of(stored, entry.content))

    return routes


async def known(store: QuarantineStore, tenant: str, entry_id: str) -> tuple[Stored, bytes | None]:
    """An entry of the tenant, with its content while it is open.

    Raises:
        Problem: 404.
    """
    found = await store.get(tenant, entry_id)
    if found is None:
        raise not_found("entry")
    return found


async def open_one(store: QuarantineStore, tenant: str, entry_id: str) -> tuple[Stored, bytes]:
    """An entry that somebody can still do something about.

    Raises:
        Problem: 404, or 409 when it was resolved.
    """
    stored, content = await known(store, tenant, entry_id)
    if stored.state is not State.OPEN or content is None:
        raise Problem(409, "not-open", f"it was {stored.state.value} before")
    return stored, content
