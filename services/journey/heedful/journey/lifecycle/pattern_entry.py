"""A pattern A→B→C as a tenant writes it down, so that customers on their way to C are told of."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, model_validator

from heedful.common.contracts import InteractionKind
from heedful.common.datafiles import DataModel
from heedful.journey.lifecycle.moments import shifted
from heedful.journey.spoken import NOWHERE, SEPARATOR, Tone, spoken

MOST_PATTERNS: Final = 20
"""Of one tenant."""
GONE: Final = InteractionKind.CHURN.value
"""The outcome of who departs; at all other steps somebody speaks."""


def _step(name: str) -> str:
    if spoken(name) is None:
        raise ValueError(
            f"{name!r} is no step; write it as the insight does: a touchpoint,{SEPARATOR}and a "
            f"topic, with {NOWHERE} for no touchpoint"
        )
    return name


def _outcome(name: str) -> str:
    return name if name == GONE else _step(name)


_StepName = Annotated[str, Field(min_length=1, max_length=200)]
StepName = Annotated[_StepName, AfterValidator(_step)]
OutcomeName = Annotated[_StepName, AfterValidator(_outcome)]
Days = Annotated[float, Field(gt=0, le=365)]
Ratio = Annotated[float, Field(gt=0)]


class Lift(DataModel):
    """How many times as often the outcome followed, with its 95 % interval."""

    value: Ratio
    low: Ratio
    high: Ratio

    @model_validator(mode="after")
    def _leads(self) -> Self:
        if not self.low <= self.value <= self.high:
            raise ValueError("low is above value, or value above high; copy them from the insight")
        if self.low <= 1:
            raise ValueError(
                "the interval holds 1, so that nothing leads to the outcome surely; take patterns "
                "whose interval is above 1"
            )
        return self


class PatternEntry(DataModel):
    """Steps are named as the insight `patterns` names them, and its figures are copied with them.

    Attributes:
        share: of `customers`, to whom `first` and `then` happened, the outcome followed for it.
        measured: the end of the period that the insight read.
        days: for so long after it the pattern is told of.
    """

    first: StepName
    then: StepName
    outcome: OutcomeName
    tone: Tone = Tone.ALL
    look_back_days: Days = 60
    follow_days: Days = 60
    lift: Lift
    share: float = Field(gt=0, le=1)
    customers: int = Field(ge=5)
    measured: date
    days: Days = 180

    @model_validator(mode="after")
    def _three_steps(self) -> Self:
        steps = (self.first, self.then, self.outcome)
        if len(set(steps)) < len(steps):
            raise ValueError("first, then and outcome are three different steps")
        return self

    @property
    def name(self) -> str:
        return f"{self.first} → {self.then} → {self.outcome}"

    @property
    def ends_at(self) -> datetime:
        """From then on nobody is told of it."""
        measured = datetime.combine(self.measured, time(tzinfo=UTC))
        return shifted(measured, timedelta(days=self.days))
