"""What colleagues answered to "what matters most to our customers?". Pure."""

from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from heedful.common.contracts import Name

MOST_TOPICS: Final = 20
_QUARTER: Final = r"^20[0-9]{2}-Q[1-4]$"
_MONTHS: Final = 3

Quarter = Annotated[str, StringConstraints(pattern=_QUARTER)]


def _once(topics: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(topics)) < len(topics):
        raise ValueError("a topic stands in the list once")
    return topics


Topics = Annotated[
    tuple[Name, ...],
    Field(
        min_length=1,
        max_length=MOST_TOPICS,
        description="Codes of topics, what matters most first.",
        examples=[["vehicle.brake", "service.wait"]],
    ),
    AfterValidator(_once),
]


class Answer(BaseModel):
    """One colleague's list in one quarter."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    quarter: Quarter = Field(examples=["2026-Q4"])
    role: Name = Field(examples=["sales"])
    answered_by: Name = Field(examples=["staff-17"])
    topics: Topics


def quarter_of(moment: datetime) -> str:
    """In UTC."""
    utc = moment.astimezone(UTC)
    return f"{utc.year:04d}-Q{(utc.month - 1) // _MONTHS + 1}"


def span(quarter: str) -> tuple[datetime, datetime]:
    """From its first moment to that of the next one, in UTC."""
    year, number = int(quarter[:4]), int(quarter[-1])
    begin = datetime(year, (number - 1) * _MONTHS + 1, 1, tzinfo=UTC)
    after = datetime(year + number // 4, number % 4 * _MONTHS + 1, 1, tzinfo=UTC)
    return begin, after
