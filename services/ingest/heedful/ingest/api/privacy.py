"""`/v1/privacy`: how a tenant's personal data is treated, and who changed it."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from heedful.common.http import Page, paging
from heedful.common.http.auth import Authenticator
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope
from heedful.ingest.current_privacy import DEFAULT, CurrentPrivacy
from heedful.ingest.privacy import Privacy
from heedful.ingest.store_privacy import Change, PrivacyStore


class PrivacyOut(Privacy):
    """Settings, since when, and who set them; null where they are the defaults."""

    changed_at: datetime | None = None
    changed_by: str | None = Field(
        default=None, description="`human:` and the id of the person, or the id of the API key."
    )


def router(store: PrivacyStore, current: CurrentPrivacy, auth: Authenticator) -> APIRouter:
    """The routes of privacy settings."""
    routes = APIRouter(tags=["privacy"], route_class=Route)
    Reader = Annotated[Principal, Depends(auth.requires(Scope.PRIVACY_READ))]  # noqa: N806  # a type
    Writer = Annotated[Principal, Depends(auth.requires(Scope.PRIVACY_WRITE))]  # noqa: N806  # a type

    @routes.get("/v1/privacy")
    async def get_privacy(principal: Reader) -> PrivacyOut:
        """What counts now."""
        found = await store.of_tenant(principal.tenant)
        return PrivacyOut(**DEFAULT.model_dump()) if found is None else _out(found)

    @routes.put("/v1/privacy")
    async def put_privacy(body: Privacy, principal: Writer) -> PrivacyOut:
        """Set them all; they count from now on, within ten seconds in every process.

        What was accepted before stays as it was published. A field that is left out gets its
        default.
        """
        made = await store.put(principal, body, datetime.now(UTC))
        current.changed()
        return _out(made)

    @routes.get("/v1/privacy/changes")
    async def list_privacy_changes(
        principal: Reader, cursor: str | None = None, limit: paging.Limit = paging.DEFAULT
    ) -> Page[PrivacyOut]:
        """What was set, when and by whom; the newest first."""
        rows = await store.changes(principal.tenant, _after(cursor), limit + 1)
        shown = rows[:limit]
        return Page(
            items=[_out(one) for one in shown],
            next_cursor=(
                paging.encoded(shown[-1].changed_at, str(shown[-1].id))
                if len(rows) > limit
                else None
            ),
        )

    return routes


def _after(cursor: str | None) -> tuple[datetime, uuid.UUID] | None:
    found = paging.after(cursor)
    if found is None:
        return None
    try:
        return found[0], uuid.UUID(found[1])
    except ValueError as error:
        raise paging.bad_cursor() from error


def _out(change: Change) -> PrivacyOut:
    return PrivacyOut(
        **change.privacy.model_dump(), changed_at=change.changed_at, changed_by=change.changed_by
    )
