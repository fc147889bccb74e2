"""`/v1/keys`: a tenant makes, rotates and ends its API keys by itself.

A key never grants more than it has: no scope, no time, no network that is not its own.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.http import paging
from heedful.common.http.auth import Authenticator
from heedful.common.http.key_issuing import KeyIssuing
from heedful.common.http.key_models import (
    KeyBody,
    KeyMade,
    KeyOut,
    RotateBody,
    made_out,
    out,
)
from heedful.common.http.openapi import Refusal, missing, refusing
from heedful.common.http.pagination import Page
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope, key_store

_NO_KEY = missing("key")
_EXCEEDS = Refusal(
    403,
    "forbidden",
    "The other key can do more than the one that asks",
    "that key can do more than this one",
    name="exceeds",
)
_TOO_MANY = Refusal(
    409,
    "too-many-keys",
    "The tenant has too many keys",
    "a tenant has at most 200 keys; revoke some",
)
_NOT_ROTATED = Refusal(
    409,
    "not-rotated",
    "The key has ended, or has a successor",
    "the key has ended; make a new one",
)


def _now() -> datetime:
    return datetime.now(UTC)


def router(
    engine: AsyncEngine, auth: Authenticator, max_keys: int, clock: Callable[[], datetime] = _now
) -> APIRouter:
    """The routes of keys.

    Args:
        max_keys: of a tenant, ended ones not counted.
    """
    routes = APIRouter(tags=["keys"], route_class=Route)
    issuing = KeyIssuing(engine, max_keys, clock)
    Writer = Annotated[Principal, Depends(auth.requires(Scope.KEYS_WRITE))]  # noqa: N806  # a type

    @routes.post("/v1/keys", status_code=201, responses=refusing(_EXCEEDS, _TOO_MANY))
    async def create_key(body: KeyBody, principal: Writer) -> KeyMade:
        """Make a key. It is in this answer and nowhere else; it works within ten seconds."""
        return made_out(await issuing.create(principal, body.terms(principal.tenant)))

    @routes.get("/v1/keys")
    async def list_keys(
        principal: Writer, cursor: str | None = None, limit: paging.Limit = paging.DEFAULT
    ) -> Page[KeyOut]:
        """The tenant's stored keys, the newest first, also ended ones."""
        rows = await key_store.page(engine, principal.tenant, paging.after(cursor), limit + 1)
        shown, more = rows[:limit], len(rows) > limit
        return Page(
            items=[out(one) for one in shown],
            next_cursor=paging.encoded(shown[-1].created_at, shown[-1].id) if more else None,
        )

    @routes.get("/v1/keys/{key_id}", responses=refusing(_NO_KEY))
    async def get_key(key_id: str, principal: Writer) -> KeyOut:
        """One key."""
        return out(await issuing.get(principal, key_id))

    @routes.post(
        "/v1/keys/{key_id}/rotate",
        status_code=201,
        responses=refusing(_NO_KEY, _EXCEEDS, _TOO_MANY, _NOT_ROTATED),
    )
    async def rotate_key(key_id: str, principal: Writer, body: RotateBody | None = None) -> KeyMade:
        """Make a key's successor; both work until the overlap is over."""
        overlap = timedelta(seconds=(body or RotateBody()).overlap_seconds)
        return made_out(await issuing.rotate(principal, key_id, overlap))

    @routes.delete("/v1/keys/{key_id}", status_code=204, responses=refusing(_NO_KEY, _EXCEEDS))
    async def revoke_key(key_id: str, principal: Writer) -> None:
        """End a key; it stops working within ten seconds. One that has ended stays so."""
        await issuing.revoke(principal, key_id)

    return routes
