"""`/v1/alignment/answers`: what colleagues think matters most to customers."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.contracts import Name
from heedful.common.http import Authenticator, Cursor, Page, paging
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope
from heedful.journey import store_entered
from heedful.journey.insights.alignment.answers import Answer, Quarter, Topics, quarter_of

_FIRST, _LAST = "", "9"
"""Before and behind every quarter."""


class AnswerBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    role: Name = Field(examples=["sales"])
    topics: Topics
    answered_by: Name | None = Field(
        default=None,
        description="Who answered, where a tool posts for colleagues. Default: who posts.",
        examples=["staff-17"],
    )
    quarter: Quarter | None = Field(
        default=None, description="Default: the present one, in UTC.", examples=["2026-Q4"]
    )


class AnswerView(Answer):
    entered_by: str = Field(examples=["human:li.wei"])
    entered_at: datetime


def router(engine: AsyncEngine, auth: Authenticator, clock: Callable[[], datetime]) -> APIRouter:
    """The routes of answers."""
    routes = APIRouter(tags=["insights"], route_class=Route)
    may_read = Depends(auth.requires(Scope.JOURNEY_READ))
    may_write = Depends(auth.requires(Scope.JOURNEY_WRITE))

    @routes.post("/v1/alignment/answers", status_code=201)
    async def answer_alignment(
        body: AnswerBody, principal: Annotated[Principal, may_write]
    ) -> AnswerView:
        """Answer what matters most to customers; a second answer in a quarter replaces the first.

        `GET /v1/insights/alignment` compares them with each other and with what customers say.
        """
        now = clock()
        one = Answer(
            quarter=body.quarter or quarter_of(now),
            role=body.role,
            answered_by=body.answered_by or principal.author,
            topics=body.topics,
        )
        async with engine.begin() as connection:
            await store_entered.answer(connection, principal.tenant, one, principal.author, now)
        return AnswerView(**one.model_dump(), entered_by=principal.author, entered_at=now)

    @routes.get("/v1/alignment/answers")
    async def list_alignment_answers(
        principal: Annotated[Principal, may_read],
        quarter: Annotated[Quarter | None, Query()] = None,
        cursor: str | None = None,
        limit: paging.Limit = paging.DEFAULT,
    ) -> Page[AnswerView]:
        """Answers of the tenant, by quarter and colleague."""
        after = None if cursor is None else Cursor.decode(cursor, 2)
        async with engine.connect() as connection:
            rows = await store_entered.answers(
                connection,
                principal.tenant,
                (quarter or _FIRST, quarter or _LAST),
                None if after is None else (after[0], after[1]),
                limit + 1,
            )
        shown = rows[:limit]
        more = len(rows) > limit
        return Page(
            items=[_view(row) for row in shown],
            next_cursor=Cursor.encode(shown[-1].quarter, shown[-1].answered_by) if more else None,
        )

    return routes


def _view(row: Row[Any]) -> AnswerView:
    return AnswerView.model_validate(dict(row._mapping))
