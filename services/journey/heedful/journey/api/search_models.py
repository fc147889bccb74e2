"""What `/v1/search` answers with."""

import uuid
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, Field


class Mode(StrEnum):
    """`hybrid`: both, fused."""

    HYBRID = "hybrid"
    TEXT = "text"
    VECTOR = "vector"


class Mark(BaseModel):
    """Half-open, in code points of the snippet."""

    start: int
    end: int


class SnippetView(BaseModel):
    text: str
    marks: list[Mark] = Field(description="What of it was asked for.")


class TextMatch(BaseModel):
    rank: int = Field(description="From 1, by words.")
    terms: list[str] = Field(description="Words of the question that stand in the text.")


class VectorMatch(BaseModel):
    rank: int = Field(description="From 1, by meaning.")
    cosine: float


class Matched(BaseModel):
    """Which part found it, and how; null: that part did not."""

    text: TextMatch | None
    vector: VectorMatch | None


class SearchItem(BaseModel):
    source: str
    id: str
    customer_id: uuid.UUID | None
    occurred_at: datetime
    channel: str | None
    touchpoint: str | None
    light: str | None
    polarity: str | None
    topics: list[str]
    snippet: SnippetView
    score: float = Field(
        description="The sum of 1 / (60 + rank) over the parts that found it; 0 without `q`."
    )
    matched: Matched


class SearchPage(BaseModel):
    """One page; of each part the first 200 are looked at, so that there are at most 400 items."""

    items: list[SearchItem]
    next_cursor: str | None = None
    searched: list[str] = Field(
        description="The parts that were asked: text, vector; none without `q`."
    )
    note: str | None = Field(description="Why a part was not asked.")
