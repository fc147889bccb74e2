"""Feedback that journey finds."""

from collections.abc import Mapping
from datetime import datetime

from heedful.console.upstream.caller import Caller
from heedful.console.upstream.reading import Read


class Mark(Read):
    """Half-open, in code points."""

    start: int
    end: int


class Snippet(Read):
    text: str
    marks: list[Mark]


class TextMatch(Read):
    terms: list[str]


class VectorMatch(Read):
    cosine: float


class Matched(Read):
    text: TextMatch | None
    vector: VectorMatch | None


class Hit(Read):
    """A feedback that was found."""

    source: str
    id: str
    customer_id: str | None
    occurred_at: datetime
    channel: str | None
    touchpoint: str | None
    light: str | None
    topics: list[str]
    snippet: Snippet
    matched: Matched


class HitPage(Read):
    items: list[Hit]
    next_cursor: str | None
    searched: list[str]
    note: str | None


async def found(
    journey: Caller, asked: Mapping[str, str | None], *, cursor: str | None = None, limit: int = 20
) -> HitPage:
    """A page of feedback, the best first; without words the newest first.

    Args:
        asked: parameters of `GET /v1/search`.

    Raises:
        UpstreamError: it could not be had.
    """
    return await journey.get(HitPage, "/v1/search", {**asked, "cursor": cursor, "limit": limit})
