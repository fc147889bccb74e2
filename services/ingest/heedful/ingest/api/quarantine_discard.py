"""`/v1/quarantine/…/discard`: what nobody wants."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends

from heedful.common.http.auth import Authenticator
from heedful.common.http.openapi import Refusal, refusing
from heedful.common.http.problems import Problem
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope
from heedful.ingest.api.quarantine import OPEN_ENTRY, open_one
from heedful.ingest.api.quarantine_models import MAX_AT_ONCE, Discarded, Replayed, Selection
from heedful.ingest.quarantine import Choice, State
from heedful.ingest.store_quarantine import QuarantineStore

_NOTHING_CHOSEN = Refusal(
    422,
    "nothing-chosen",
    "Nothing says which entries",
    "say which: everything is not discarded at once",
)


def router(store: QuarantineStore, auth: Authenticator) -> APIRouter:
    """The routes that discard entries."""
    routes = APIRouter(tags=["quarantine"], route_class=Route)
    Writer = Annotated[Principal, Depends(auth.requires(Scope.QUARANTINE_WRITE))]  # noqa: N806  # a type

    @routes.post("/v1/quarantine/discard", responses=refusing(_NOTHING_CHOSEN))
    async def discard_quarantine(body: Selection, principal: Writer) -> Discarded:
        """Say of many that they are not wanted, e.g. of an import whose file was mended and
        imported again."""
        if body.choice == Choice():
            raise Problem(422, _NOTHING_CHOSEN.code, _NOTHING_CHOSEN.detail)
        number = await store.discard(
            principal.tenant, body.choice, principal.author, datetime.now(UTC), MAX_AT_ONCE
        )
        return Discarded(discarded=number)

    @routes.post("/v1/quarantine/{entry_id}/discard", responses=OPEN_ENTRY)
    async def discard_quarantined(entry_id: str, principal: Writer) -> Replayed:
        """Say that it is not wanted. What was sent is deleted; that it was, and by whom, stays."""
        stored, _ = await open_one(store, principal.tenant, entry_id)
        now = datetime.now(UTC)
        done = await store.resolve(
            principal.tenant, stored.id, State.DISCARDED, principal.author, now
        )
        if not done:
            raise Problem(409, "not-open", "it was resolved meanwhile")
        return Replayed(id=stored.id, state=State.DISCARDED)

    return routes
