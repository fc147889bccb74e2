"""How sure the encoder must be of what it hears before it counts."""

from typing import Annotated, Final

from pydantic import Field

from heedful.common.datafiles import DataModel
from heedful.nlp.encoder.hearing import Hearing

FILE: Final = "thresholds.yaml"

_Share = Annotated[float, Field(ge=0, le=1)]


class Threshold(DataModel):
    """The least share of a flag: `alone`, and `beside` a rule that says the same."""

    alone: _Share
    beside: _Share

    def holds(self, share: float, *, ruled: bool) -> bool:
        """Whether a flag counts."""
        return share >= (self.beside if ruled else self.alone)


class Thresholds(DataModel):
    """Of every flag.

    `reason`: how sure the likeliest reason must be where no rule speaks; `category`: each reason
    why a text cannot wait; below `doubt` what a rule doubts itself is nothing.
    """

    version: str
    red: Threshold
    reason: _Share
    category: Threshold
    doubt: _Share
    delight: Threshold
    disappointment: Threshold
    ease: Threshold
    hassle: Threshold
    churn: Threshold
    solicited: Threshold
    needs_response: Threshold

    def says(self, flag: str, hearing: Hearing | None, *, ruled: bool) -> bool:
        """Whether a text says something, by the encoder and the rule; by the rule alone where the
        encoder has not read it."""
        if hearing is None:
            return ruled
        threshold: Threshold = getattr(self, flag)
        return threshold.holds(hearing.flag(flag).share, ruled=ruled)
