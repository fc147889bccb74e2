"""`/v1/quarantine/…/replay`: what is in quarantine, sent again."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request

from heedful.common.http.auth import Authenticator
from heedful.common.http.openapi import Refusal, missing, refusing
from heedful.common.http.problems import Problem
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope
from heedful.ingest.api.quarantine import NOT_OPEN, known, open_one
from heedful.ingest.api.quarantine_models import MAX_AT_ONCE, Replayed, Selection
from heedful.ingest.quarantine import State, Stored
from heedful.ingest.replay import Replayer
from heedful.ingest.store_quarantine import QuarantineStore

_NO_CONNECTION = Refusal(
    409,
    "no-connection",
    "Its connection is gone or not enabled",
    "its connection is gone or not enabled; enable it first",
)


def router(store: QuarantineStore, replayer: Replayer, auth: Authenticator) -> APIRouter:
    """The routes that send entries again."""
    routes = APIRouter(tags=["quarantine"], route_class=Route)
    Writer = Annotated[Principal, Depends(auth.requires(Scope.QUARANTINE_WRITE))]  # noqa: N806  # a type

    async def replayed(
        stored: Stored, content: bytes, principal: Principal, request: Request
    ) -> Replayed:
        detail = await replayer.replay(
            stored, content, principal.author, datetime.now(UTC), request.state.traceparent
        )
        state = State.REPLAYED if detail is None else State.OPEN
        return Replayed(id=stored.id, state=state, detail=detail)

    async def tried(
        stored: Stored, content: bytes, principal: Principal, request: Request
    ) -> Replayed:
        try:
            return await replayed(stored, content, principal, request)
        except Problem as problem:
            if problem.status != _NO_CONNECTION.status:
                raise
            # One whose connection is gone must not keep the others from being sent.
            await store.tried(principal.tenant, stored.id, stored.reason, stored.detail)
            return Replayed(id=stored.id, state=State.OPEN, detail=problem.detail)

    @routes.post("/v1/quarantine/replay")
    async def replay_quarantine(
        body: Selection, principal: Writer, request: Request
    ) -> list[Replayed]:
        """Send many again, the oldest first; a result for each. Ask again while there are more:
        those that stayed come last."""
        found: list[Replayed] = []
        for entry_id in await store.to_replay(principal.tenant, body.choice, MAX_AT_ONCE):
            stored, content = await known(store, principal.tenant, entry_id)
            if content is not None:
                found.append(await tried(stored, content, principal, request))
        return found

    @routes.post(
        "/v1/quarantine/{entry_id}/replay",
        responses=refusing(missing("entry"), NOT_OPEN, _NO_CONNECTION),
    )
    async def replay_quarantined(entry_id: str, principal: Writer, request: Request) -> Replayed:
        """Send one again."""
        stored, content = await open_one(store, principal.tenant, entry_id)
        return await replayed(stored, content, principal, request)

    return routes
