"""`/v1/customers`: who, when, what happened, and how we know that it is one person."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from sqlalchemy import Row

from heedful.common.contracts import IdentifierType, WrittenTime
from heedful.common.http import Authenticator, Cursor, Page, Problem
from heedful.common.http.openapi import Refusal, refusing
from heedful.common.http.pagination import DEFAULT_LIMIT, MAX_LIMIT
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope
from heedful.journey.api.current import NO_CUSTOMER, survivor
from heedful.journey.api.decision_models import Identities
from heedful.journey.api.decision_views import views
from heedful.journey.api.models import (
    BAD_RANGE,
    CustomerItem,
    CustomerView,
    EventRef,
    IdentifierView,
    IdentityItem,
    MoveView,
    TimelineItem,
)
from heedful.journey.lookup import Lookup
from heedful.journey.queries import Queries
from heedful.journey.timeline import Position, check_range, snippet

_TYPES = frozenset(one.value for one in IdentifierType)
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
_BAD_IDENTIFIER = refusing(
    Refusal(
        400,
        "bad-identifier",
        "The identifier has not the form type:value",
        "identifier has the form type:value with a type of customer_id, phone, … and a value that "
        "names somebody",
    )
)


def router(queries: Queries, auth: Authenticator, lookup: Lookup) -> APIRouter:
    """The routes of customers."""
    routes = APIRouter(tags=["journey"], prefix="/v1/customers", route_class=Route)
    may_read = Depends(auth.requires(Scope.JOURNEY_READ))

    @routes.get("", responses=_BAD_IDENTIFIER)
    async def list_customers(
        principal: Annotated[Principal, may_read],
        identifier: Annotated[
            str | None, Query(description="type:value, e.g. phone:13900001111")
        ] = None,
        cursor: str | None = None,
        limit: Limit = DEFAULT_LIMIT,
    ) -> Page[CustomerItem]:
        """All customers, or those of one identifier (several when they share it)."""
        after = None if cursor is None else _read_cursor(cursor)
        if identifier is None:
            rows = await queries.customers(principal.tenant, after, limit + 1)
        else:
            kind, values = _read_identifier(principal.tenant, identifier, lookup)
            rows = await queries.customers_of(principal.tenant, kind, values, after, limit + 1)
        shown = rows[:limit]
        known = await _identifiers(queries, [row.id for row in shown])
        items = [
            CustomerItem(
                id=row.id,
                identifiers=known[row.id],
                first_seen=row.first_seen,
                last_seen=row.last_seen,
                events=row.events,
            )
            for row in shown
            if row.events
        ]
        more = len(rows) > limit
        return Page(items=items, next_cursor=Cursor.encode(str(shown[-1].id)) if more else None)

    @routes.get("/{customer_id}", responses=NO_CUSTOMER)
    async def get_customer(
        customer_id: uuid.UUID, principal: Annotated[Principal, may_read]
    ) -> CustomerView:
        """One customer; the id of a merged one gives the customer it was merged into."""
        found = await survivor(queries, principal.tenant, customer_id)
        counts = await queries.counts(found)
        channels: dict[str, int] = defaultdict(int)
        lights: dict[str, int] = defaultdict(int)
        for row in counts:
            channels[row.channel or "none"] += row.events
            if row.colour is not None:
                lights[row.colour] += row.events
        return CustomerView(
            id=found,
            merged_from=await queries.merged_from(found),
            identifiers=(await _identifiers(queries, [found]))[found],
            first_seen=min((row.first_seen for row in counts), default=None),
            last_seen=max((row.last_seen for row in counts), default=None),
            events=sum(row.events for row in counts),
            channels=channels,
            lights=lights,
        )

    @routes.get("/{customer_id}/timeline", responses={**NO_CUSTOMER, **BAD_RANGE})
    async def get_timeline(
        customer_id: uuid.UUID,
        principal: Annotated[Principal, may_read],
        since: Annotated[WrittenTime | None, Query(alias="from")] = None,
        until: Annotated[WrittenTime | None, Query(alias="to", description="Not included.")] = None,
        cursor: str | None = None,
        limit: Limit = DEFAULT_LIMIT,
    ) -> Page[TimelineItem]:
        """What happened, by occurred_at, then received_at, then id."""
        check_range(since, until)
        after = None if cursor is None else Position.read(cursor)
        found = await survivor(queries, principal.tenant, customer_id)
        rows = await queries.timeline(found, since, until, after, limit + 1)
        shown = rows[:limit]
        return Page(
            items=[_event(row) for row in shown],
            next_cursor=_position(shown[-1]).cursor() if len(rows) > limit else None,
        )

    @routes.get("/{customer_id}/identities", responses=NO_CUSTOMER)
    async def get_identities(
        customer_id: uuid.UUID, principal: Annotated[Principal, may_read]
    ) -> Identities:
        """Every identifier with the event that showed it, every merge and split with why, and what
        people decided."""
        found = await survivor(queries, principal.tenant, customer_id)
        merged = await queries.merged_from(found)
        return Identities(
            id=found,
            merged_from=merged,
            identifiers=[
                IdentityItem(
                    **_identifier(row).model_dump(),
                    first_seen=row.first_seen,
                    evidence=_evidence(row),
                )
                for row in await queries.identifiers([found])
            ],
            merges=[
                MoveView(
                    kind=row.kind,
                    from_id=row.from_id,
                    into_id=row.into_id,
                    at=row.at,
                    reason=row.reason,
                    evidence=_evidence(row),
                )
                for row in await queries.moves([found, *merged])
            ],
            decisions=await views(queries, await queries.decisions(found)),
        )

    return routes


async def _identifiers(
    queries: Queries, customers: Sequence[uuid.UUID]
) -> dict[uuid.UUID, list[IdentifierView]]:
    found: dict[uuid.UUID, list[IdentifierView]] = defaultdict(list)
    for row in await queries.identifiers(customers):
        found[row.owner].append(_identifier(row))
    return found


def _read_identifier(
    tenant: str, given: str, lookup: Lookup
) -> tuple[IdentifierType, tuple[str, ...]]:
    kind, _, written = given.partition(":")
    known = kind in _TYPES and "\x00" not in written
    values = lookup.values(tenant, IdentifierType(kind), written) if known else ()
    if not values:
        raise Problem(
            400,
            "bad-identifier",
            f"identifier has the form type:value with a type of {', '.join(IdentifierType)} "
            "and a value that names somebody",
        )
    return IdentifierType(kind), values


def _read_cursor(cursor: str) -> uuid.UUID:
    (given,) = Cursor.decode(cursor, 1)
    try:
        return uuid.UUID(given)
    except ValueError:
        raise Problem(
            400, "bad-cursor", "pass next_cursor of the previous page unchanged, or none"
        ) from None


def _identifier(row: Row[Any]) -> IdentifierView:
    return IdentifierView(
        type=row.type, value=row.value, source=row.scope or None, shared=row.shared
    )


def _evidence(row: Row[Any]) -> EventRef:
    return EventRef(kind=row.evidence_kind, source=row.evidence_source, id=row.evidence_id)


def _position(row: Row[Any]) -> Position:
    return Position(row.occurred_at, row.received_at, row.id, row.kind, row.source)


def _event(row: Row[Any]) -> TimelineItem:
    return TimelineItem(
        kind=row.kind,
        source=row.source,
        id=row.id,
        occurred_at=row.occurred_at,
        received_at=row.received_at,
        channel=row.channel,
        touchpoint=row.touchpoint,
        department=row.department,
        interaction_kind=row.interaction_kind,
        light=row.colour,
        polarity=row.polarity,
        topics=row.topics,
        text=snippet(row.text),
        summary=row.summary,
        conversation_id=row.conversation_id,
        matched_by="identifier" if row.identified else "conversation",
    )
