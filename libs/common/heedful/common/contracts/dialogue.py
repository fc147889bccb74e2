"""Who said what where two spoke. What the customer said is the text of the feedback."""

from typing import Annotated

from pydantic import Field, StringConstraints

from heedful.common.contracts.base import Contract, Number, OpenEnum, Words

MAX_TURNS = 5000
MAX_TURN_CHARS = 10_000


class Speaker(OpenEnum):
    CUSTOMER = "customer"
    AGENT = "agent"
    BOT = "bot"
    OTHER = "other"


class Turn(Contract):
    """What one said before the other did. Times are seconds from the beginning."""

    speaker: Speaker
    text: Annotated[Words, StringConstraints(min_length=1, max_length=MAX_TURN_CHARS)]
    start_s: Number | None = Field(default=None, ge=0)
    end_s: Number | None = Field(default=None, ge=0)
    confidence: Number | None = Field(
        default=None, ge=0, le=1, description="of the recogniser that wrote it down"
    )


Dialogue = Annotated[tuple[Turn, ...], Field(max_length=MAX_TURNS)]


def customers_words(dialogue: tuple[Turn, ...]) -> str:
    """What the customer said, a line for each turn."""
    return "\n".join(turn.text for turn in dialogue if turn.speaker is Speaker.CUSTOMER)
