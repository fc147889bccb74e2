"""How an item came in: which adapter read it, and where each field stood in what was sent."""

from typing import Annotated

from pydantic import Field, StringConstraints

from heedful.common.contracts.base import Contract, Name, Words

MAX_MAPPED_FIELDS = 64

Place = Annotated[Words, StringConstraints(min_length=1, max_length=200)]
Mapping = Annotated[dict[Name, Place], Field(max_length=MAX_MAPPED_FIELDS)]


class Provenance(Contract):
    """`adapter` is `api` for what is posted in heedful's own shape."""

    adapter: Name
    version: Name = Field(description="of the adapter; grows when its mapping changes")
    connection_id: Name | None = None
    mapping: Mapping = Field(
        default_factory=dict,
        description="field -> where it stood in what the channel sent, e.g. form.answers[2].text",
    )
    late: bool = Field(
        default=False, description="true: it was said long before it came in (occurred_at)"
    )
