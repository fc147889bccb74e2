"""What ingest took out of an item's words before they reached a topic: places and counts."""

from typing import Annotated

from pydantic import Field

from heedful.common.contracts.base import Contract, Name, OpenEnum

MAX_REPLACEMENTS = 1000
MAX_REPLACED_TYPES = 64

Counts = Annotated[dict[Name, Annotated[int, Field(ge=1)]], Field(max_length=MAX_REPLACED_TYPES)]


class RedactionMode(OpenEnum):
    """What stands where personal data stood: `<phone>`, `<phone_1>` (numbered in the text), or
    `<phone:9f3a2c1b77d0>` (the same for the same value of the tenant)."""

    MASK = "mask"
    TOKEN = "token"  # noqa: S105  # a way to write placeholders
    HASH = "hash"
    OTHER = "other"


class Replacement(Contract):
    """`original[start:end]` stands as `text[at:until]`; code points, half-open."""

    type: Name
    start: int = Field(ge=0)
    end: int = Field(gt=0)
    at: int = Field(ge=0)
    until: int = Field(gt=0)


class Redaction(Contract):
    """`offsets` are of the feedback's text or the interaction's summary, in order, and lead from
    the words as they were said to those published here. `counts` are of all fields together."""

    mode: RedactionMode
    version: Name = Field(description="of the rules; grows when they find more or less")
    counts: Counts = Field(default_factory=dict)
    offsets: tuple[Replacement, ...] = Field(
        default=(),
        max_length=MAX_REPLACEMENTS,
        description=f"empty where there are more than {MAX_REPLACEMENTS}",
    )
