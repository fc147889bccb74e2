"""`/v1/priorities`: how able the team is to mend a topic, and what it decided, as a log."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.contracts import Name
from heedful.common.http import Authenticator, Cursor, Page, paging
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope
from heedful.journey import store_entered
from heedful.journey.insights.priorities.entries import Ability, Choice, Why


class PriorityBody(BaseModel):
    """At least one of ability and decision; a decision not to do it says why."""

    model_config = ConfigDict(extra="forbid")

    topic: Name
    ability: Ability | None = Field(
        default=None,
        description="1: out of reach; 5: within a week, by ourselves.",
        examples=[4],
    )
    decision: Choice | None = Field(default=None, examples=["wont_do"])
    reason: Why | None = Field(default=None, examples=["the supplier changes the part in spring"])

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.ability is None and self.decision is None:
            raise ValueError("give an ability, a decision or both")
        if self.decision is Choice.WONT_DO and self.reason is None:
            raise ValueError("say in `reason` why it will not be done")
        return self


class PriorityView(BaseModel):
    id: int = Field(examples=[7])
    topic: str
    ability: int | None
    decision: Choice | None = Field(examples=["wont_do"])
    reason: str | None = Field(examples=["the supplier changes the part in spring"])
    decided_by: str = Field(examples=["human:li.wei"])
    decided_at: datetime


def router(engine: AsyncEngine, auth: Authenticator, clock: Callable[[], datetime]) -> APIRouter:
    """The routes of priorities."""
    routes = APIRouter(tags=["insights"], route_class=Route)
    may_read = Depends(auth.requires(Scope.JOURNEY_READ))
    may_write = Depends(auth.requires(Scope.JOURNEY_WRITE))

    @routes.post("/v1/priorities", status_code=201)
    async def enter_priority(
        body: PriorityBody, principal: Annotated[Principal, may_write]
    ) -> PriorityView:
        """Say how able the team is to mend a topic, or what it decided. Nothing is overwritten.

        `GET /v1/insights/priorities` sets it against what is at stake for customers.
        """
        async with engine.begin() as connection:
            row = await store_entered.enter(
                connection,
                principal.tenant,
                body.topic,
                body.ability,
                body.decision,
                body.reason,
                principal.author,
                clock(),
            )
        return _view(row)

    @routes.get("/v1/priorities")
    async def list_priorities(
        principal: Annotated[Principal, may_read],
        topic: Annotated[
            str | None, Query(min_length=1, max_length=200, pattern=r"^[^\x00]+$")
        ] = None,
        cursor: str | None = None,
        limit: paging.Limit = paging.DEFAULT,
    ) -> Page[PriorityView]:
        """The log, newest first."""
        before = None if cursor is None else paging.number(Cursor.decode(cursor, 1)[0])
        async with engine.connect() as connection:
            rows = await store_entered.log(connection, principal.tenant, topic, before, limit + 1)
        shown = rows[:limit]
        more = len(rows) > limit
        return Page(
            items=[_view(row) for row in shown],
            next_cursor=Cursor.encode(str(shown[-1].id)) if more else None,
        )

    return routes


def _view(row: Row[Any]) -> PriorityView:
    return PriorityView.model_validate(dict(row._mapping))
