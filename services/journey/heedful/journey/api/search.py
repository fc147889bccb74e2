"""`/v1/search`: what customers said, by words and by meaning."""

import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from sqlalchemy import Row

from heedful.common.contracts import Channel, Colour, WrittenTime
from heedful.common.http import Authenticator, Cursor, Problem, paging
from heedful.common.http.openapi import Refusal, refusing
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope
from heedful.journey.api.models import RANGE
from heedful.journey.api.search_models import (
    Mark,
    Matched,
    Mode,
    SearchItem,
    SearchPage,
    SnippetView,
    TextMatch,
    VectorMatch,
)
from heedful.journey.queries import Queries
from heedful.journey.queries_search import Filters
from heedful.journey.search.fusion import Fused, Key
from heedful.journey.search.snippets import found, snippet
from heedful.journey.searching import Found, Search
from heedful.journey.timeline import check_range

MOST: int = 100
_MOST_CHARS = 200
_NAME_CHARS = 200
Name = Annotated[str | None, Query(max_length=_NAME_CHARS, pattern=r"^[^\x00]*$")]
_REFUSED = refusing(
    RANGE,
    Refusal(
        400,
        "no-words",
        "There is nothing to look for in `q`",
        "q holds no word; give at least one letter, digit or Chinese character",
    ),
)


def router(search: Search, queries: Queries, auth: Authenticator) -> APIRouter:
    """The route of the search."""
    routes = APIRouter(tags=["journey"], route_class=Route)
    may_read = Depends(auth.requires(Scope.JOURNEY_READ))

    @routes.get("/v1/search", responses=_REFUSED)
    async def search_feedback(
        principal: Annotated[Principal, may_read],
        q: Annotated[
            str | None,
            Query(
                min_length=1,
                max_length=_MOST_CHARS,
                pattern=r"^[^\x00]*$",
                description="Words, Chinese or English. Without it: all, the newest first.",
            ),
        ] = None,
        mode: Mode = Mode.HYBRID,
        since: Annotated[WrittenTime | None, Query(alias="from")] = None,
        until: Annotated[WrittenTime | None, Query(alias="to", description="Not included.")] = None,
        touchpoint: Name = None,
        channel: Channel | None = None,
        light: Colour | None = None,
        topic: Name = None,
        customer_id: uuid.UUID | None = None,
        cursor: str | None = None,
        limit: Annotated[int, Query(ge=1, le=MOST)] = 20,
    ) -> SearchPage:
        """Feedback of the tenant, the best first. Without pgvector or nlp it is searched by words
        alone, and `note` says so. Without words it is what was said last."""
        check_range(since, until)
        customer = await _survivor(queries.survivor, principal.tenant, customer_id)
        filters = Filters(since, until, touchpoint, channel, light, topic, customer)
        if q is None:
            return await _newest(search, principal.tenant, filters, cursor, limit)
        after = None if cursor is None else _after(cursor)
        try:
            answer = await search.find(
                principal.tenant,
                q,
                filters,
                words=mode is not Mode.VECTOR,
                meaning=mode is not Mode.TEXT,
            )
        except ValueError as error:
            raise Problem(400, "no-words", str(error)) from error
        rest = [one for one in answer.ranking if after is None or one.order > after]
        shown = rest[:limit]
        rows = await search.rows(principal.tenant, [one.key for one in shown])
        return SearchPage(
            items=[_item(one, rows[one.key], answer) for one in shown if one.key in rows],
            next_cursor=_cursor(shown[-1]) if len(rest) > limit else None,
            searched=list(answer.searched),
            note=answer.note,
        )

    return routes


async def _survivor(
    survivor: Callable[[str, uuid.UUID], Awaitable[uuid.UUID | None]],
    tenant: str,
    given: uuid.UUID | None,
) -> uuid.UUID | None:
    """Who a merged customer is now; whoever is not there has said nothing."""
    return None if given is None else await survivor(tenant, given) or given


async def _newest(
    search: Search, tenant: str, filters: Filters, cursor: str | None, limit: int
) -> SearchPage:
    before = None if cursor is None else _before(cursor)
    listed = await search.newest(tenant, filters, before, limit + 1)
    shown = listed[:limit]
    rows = await search.rows(tenant, [key for _, key in shown])
    nothing = Found((), (), {}, (), None)
    return SearchPage(
        items=[_item(Fused(key, 0.0, {}), rows[key], nothing) for _, key in shown if key in rows],
        next_cursor=Cursor.encode(shown[-1][0].isoformat(), *shown[-1][1])
        if len(listed) > limit
        else None,
        searched=[],
        note=None,
    )


def _before(cursor: str) -> tuple[datetime, Key]:
    at, source, id_ = Cursor.decode(cursor, 3)
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        raise paging.bad_cursor() from None
    if found.tzinfo is None:
        raise paging.bad_cursor()
    return found, (source, id_)


def _after(cursor: str) -> tuple[float, Key]:
    score, source, id_ = Cursor.decode(cursor, 3)
    try:
        return -float(score), (source, id_)
    except ValueError:
        raise paging.bad_cursor() from None


def _cursor(last: Fused) -> str:
    return Cursor.encode(repr(last.score), *last.key)


def _item(one: Fused, row: Row[Any], answer: Found) -> SearchItem:
    part = snippet(row.said or "", answer.terms)
    return SearchItem(
        source=row.source,
        id=row.id,
        customer_id=row.customer_id,
        occurred_at=row.occurred_at,
        channel=row.channel,
        touchpoint=row.touchpoint,
        light=row.colour,
        polarity=row.polarity,
        topics=row.topics,
        snippet=SnippetView(
            text=part.text, marks=[Mark(start=start, end=end) for start, end in part.marks]
        ),
        score=one.score,
        matched=_matched(one.ranks, row, one.key, answer),
    )


def _matched(ranks: Mapping[str, int], row: Row[Any], key: Key, answer: Found) -> Matched:
    text_rank, vector_rank = ranks.get("text"), ranks.get("vector")
    return Matched(
        text=None
        if text_rank is None
        else TextMatch(rank=text_rank, terms=found(row.said or "", answer.terms)),
        vector=None
        if vector_rank is None
        else VectorMatch(rank=vector_rank, cosine=answer.cosines[key]),
    )
