"""What the board shows."""

from datetime import datetime

from pydantic import BaseModel, Field

from heedful.alerting.figures import model
from heedful.alerting.figures.model import Excluded, Landing, Why
from heedful.alerting.states import State
from heedful.alerting.survival import Median
from heedful.common.contracts import ClockMetric, Colour


class Share(BaseModel):
    """A share with the number that it is of; null when there is none yet."""

    share: float | None
    n: int

    @classmethod
    def of(cls, found: model.Share) -> "Share":
        return cls(share=found.share, n=found.n)


class NextClock(BaseModel):
    case_id: str
    state: State
    metric: ClockMetric
    due_at: datetime
    minutes_left: int
    colour: Colour
    owner: str | None
    team: str | None = Field(examples=["east"])
    touchpoint: str | None


class BreachedClock(BaseModel):
    case_id: str
    state: State
    metric: ClockMetric
    due_at: datetime
    fulfilled_at: datetime | None = Field(description="Too late; null: it still waits.")
    minutes_over: int = Field(description="Until it was fulfilled, or until now.")
    why: Why
    colour: Colour
    owner: str | None
    team: str | None = Field(examples=["east"])
    touchpoint: str | None


class BreachCount(BaseModel):
    metric: ClockMetric
    why: Why
    n: int


class OwnerCount(BaseModel):
    owner: str | None = Field(description="null: cases that belong to nobody.")
    n: int


class AgeCount(BaseModel):
    """Open cases from one age, in hours since receipt, to below the next."""

    from_hours: int
    to_hours: int | None
    n: int


class MedianOut(BaseModel):
    """Hours until half have landed, open cases counted (Kaplan and Meier), with its 95 %
    interval; null: not reached yet."""

    hours: float | None
    low: float | None
    high: float | None

    @classmethod
    def of(cls, found: Median) -> "MedianOut":
        return cls(hours=found.hours, low=found.low, high=found.high)


class LandingOut(BaseModel):
    """From receipt to landed, in raw hours, over cases by when they were received."""

    above_72h: Share = Field(description="Landed later than 72 h, or open and older than that.")
    young: int = Field(description="Open and younger: not in above_72h.")
    landed: int
    mean_hours: float | None = Field(description="Over what has landed.")
    median_hours: MedianOut
    excluded: dict[Excluded, int] = Field(description="Cases that none of this is of.")

    @classmethod
    def of(cls, found: Landing) -> "LandingOut":
        return cls(
            above_72h=Share.of(found.above),
            young=found.young,
            landed=found.landed,
            mean_hours=found.mean,
            median_hours=MedianOut.of(found.median),
            excluded=dict(found.excluded),
        )


class BoardOut(BaseModel):
    """Shares are over clocks whose time is up, of cases received within `days`."""

    days: int
    cases: int
    issues: int = Field(description="Open issues, each the parent of many cases.")
    states: dict[State, int]
    colours: dict[Colour, int] = Field(description="Of open cases.")
    owners: list[OwnerCount] = Field(description="Of open cases, the ten with the most.")
    ages: list[AgeCount] = Field(description="Of open cases.")
    overdue: dict[ClockMetric, int]
    next_to_breach: list[NextClock]
    breached: list[BreachedClock] = Field(
        description="Ran out within `days`: first those that still wait, the newest first."
    )
    breaches: list[BreachCount] = Field(description="All of them, counted.")
    responded_in_time: Share = Field(description="Contacted by a person within the target (24 h).")
    planned_in_time: Share = Field(description="With a plan within the target (48 h).")
    landed_late: Share = Field(
        description="Not landed within the target (72 h), landed later or open."
    )
    landing: LandingOut
