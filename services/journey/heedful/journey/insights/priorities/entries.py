"""What a team enters of a topic: how able it is to mend it, and what it decided."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from heedful.common.contracts import Name
from heedful.common.contracts.base import Words

Ability = Annotated[int, Field(ge=1, le=5)]
"""1: out of reach; 5: within a week, by ourselves."""
Why = Annotated[Words, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]


class Choice(StrEnum):
    DO = "do"
    LATER = "later"
    WONT_DO = "wont_do"


class Entry(BaseModel):
    """The newest that holds of a topic."""

    model_config = ConfigDict(frozen=True)

    topic: Name
    ability: int | None
    decision: Choice | None
    reason: str | None
    decided_by: str | None
    decided_at: datetime | None
