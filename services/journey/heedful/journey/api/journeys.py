"""`/v1/journeys`: where customers stand, and how they came there; `/v1/stages`: what there is."""

import uuid
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.http import Authenticator, Cursor, Page, Problem, paging
from heedful.common.http.openapi import Refusal, refusing
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope
from heedful.journey import queries_journeys
from heedful.journey.api.current import NO_CUSTOMER, Current
from heedful.journey.api.journey_models import (
    JourneyItem,
    JourneyView,
    SessionEvent,
    SessionView,
    StagesView,
    StageTimeView,
    StageView,
    StayView,
    TouchpointStageView,
    WaitView,
)
from heedful.journey.lifecycle.events import Happened
from heedful.journey.lifecycle.journey import Journey
from heedful.journey.lifecycle.sessions import Session
from heedful.journey.lifecycle.stages import Lifecycle

_MOST_SHOWN = 500
_NO_STAGE = refusing(
    Refusal(
        400,
        "unknown-stage",
        "The lifecycle has no such stage",
        "there is no stage `bye`; GET /v1/stages lists all",
    )
)


def router(
    engine: AsyncEngine,
    current: Current,
    auth: Authenticator,
    clock: Callable[[], datetime],
) -> APIRouter:
    """The routes of journeys."""
    routes = APIRouter(tags=["journey"], route_class=Route)
    may_read = Depends(auth.requires(Scope.JOURNEY_READ))

    @routes.get("/v1/stages")
    async def list_stages(principal: Annotated[Principal, may_read]) -> StagesView:
        """The stages of the tenant's lifecycle, in its order."""
        lifecycle = current.lifecycles.of(principal.tenant)
        return StagesView(
            version=lifecycle.version,
            stages=[StageView(**one.model_dump()) for one in lifecycle.stages],
            touchpoints=[
                TouchpointStageView(touchpoint=pattern, stage=stage)
                for pattern, stage in lifecycle.touchpoints
            ],
        )

    @routes.get("/v1/journeys", responses=_NO_STAGE)
    async def list_journeys(
        principal: Annotated[Principal, may_read],
        stage: Annotated[str | None, Query(description="Where customers stand now.")] = None,
        stuck: Annotated[
            bool | None, Query(description="A complaint is open and nothing moves, or not.")
        ] = None,
        cursor: str | None = None,
        limit: paging.Limit = paging.DEFAULT,
    ) -> Page[JourneyItem]:
        """Journeys, those with the newest events first. A journey follows its events within
        seconds."""
        known = current.lifecycles.of(principal.tenant).limits
        if stage is not None and stage not in known:
            raise Problem(
                400, "unknown-stage", f"there is no stage {stage[:50]!r}; GET /v1/stages lists all"
            )
        now = clock()
        async with engine.connect() as connection:
            rows = await queries_journeys.page(
                connection,
                principal.tenant,
                stage=stage,
                stuck=stuck,
                now=now,
                after=_after(cursor),
                limit=limit + 1,
            )
        shown = rows[:limit]
        last = shown[-1] if len(rows) > limit else None
        return Page(
            items=[_item(row, now) for row in shown],
            next_cursor=last and paging.encoded(last.last_at, str(last.customer_id)),
        )

    @routes.get("/v1/journeys/{customer_id}", responses=NO_CUSTOMER)
    async def get_journey(
        customer_id: uuid.UUID, principal: Annotated[Principal, may_read]
    ) -> JourneyView:
        """One customer's journey: stages, stays and waits."""
        customer, found = await current.folded(principal.tenant, customer_id)
        return _view(customer, found, current.lifecycles.of(principal.tenant), clock())

    @routes.get("/v1/journeys/{customer_id}/sessions", responses=NO_CUSTOMER)
    async def list_sessions(
        customer_id: uuid.UUID,
        principal: Annotated[Principal, may_read],
        cursor: str | None = None,
        limit: paging.Limit = paging.DEFAULT,
    ) -> Page[SessionView]:
        """The sessions of a customer with their events, the newest first."""
        before = None if cursor is None else paging.number(Cursor.decode(cursor, 1)[0])
        _, found = await current.folded(principal.tenant, customer_id)
        older = [one for one in found.sessions if before is None or one.number < before]
        shown = older[: -limit - 1 : -1]
        more = len(older) > limit
        where = dict(zip((one.key for one in found.events), found.after, strict=True))
        return Page(
            items=[_session(one, where) for one in shown],
            next_cursor=Cursor.encode(str(shown[-1].number)) if more else None,
        )

    return routes


def _after(cursor: str | None) -> tuple[datetime, str] | None:
    found = paging.after(cursor)
    if found is not None:
        try:
            uuid.UUID(found[1])
        except ValueError:
            raise paging.bad_cursor() from None
    return found


def _item(row: Row[Any], now: datetime) -> JourneyItem:
    return JourneyItem(
        stuck_since=_past(row.stuck_at, now),
        **{name: value for name, value in row._mapping.items() if name in JourneyItem.model_fields},
    )


def _past(moment: datetime | None, now: datetime) -> datetime | None:
    return moment if moment is not None and moment <= now else None


def _view(customer: uuid.UUID, found: Journey, lifecycle: Lifecycle, now: datetime) -> JourneyView:
    return JourneyView(
        customer_id=customer,
        stage=found.stage,
        entered_at=found.entered_at,
        first_at=found.first_at,
        last_at=found.last_at,
        events=len(found.events),
        sessions=len(found.sessions),
        answered=found.waiting.answered,
        mean_wait_s=found.waiting.mean_seconds,
        longest_wait_s=found.waiting.longest_seconds,
        waiting_since=found.waiting.since,
        stuck_since=None if found.stuck is None else _past(found.stuck.at, now),
        left_at=found.left_at,
        stages=[StageTimeView(**asdict(one)) for one in found.stages],
        version=lifecycle.version,
        stays=[StayView(**asdict(one)) for one in found.stays[-_MOST_SHOWN:]],
        waits=[
            WaitView(asked_at=one.asked_at, answered_at=one.answered_at, seconds=one.seconds)
            for one in found.waits[-_MOST_SHOWN:]
        ],
    )


def _session(one: Session, where: dict[tuple[str, str, str], str | None]) -> SessionView:
    return SessionView(
        number=one.number,
        started_at=one.started_at,
        ended_at=one.ended_at,
        stage=one.stage,
        light=one.light,
        valence=one.valence,
        topics=list(one.topics),
        events=[_event(event, where[event.key]) for event in one.events],
    )


def _event(event: Happened, stage: str | None) -> SessionEvent:
    kind, source, id_ = event.key
    return SessionEvent(
        kind=kind,
        source=source,
        id=id_,
        occurred_at=event.occurred_at,
        channel=event.channel,
        touchpoint=event.touchpoint,
        interaction_kind=event.interaction,
        light=event.colour,
        valence=event.valence,
        topics=list(event.topics),
        stage=stage,
    )
