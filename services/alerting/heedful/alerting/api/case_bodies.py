"""What the API of cases takes."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from heedful.alerting.states import State
from heedful.alerting.verification.plan import DEFAULT_DAYS, FEWEST_DAYS, MOST_DAYS, Plan
from heedful.alerting.verification.series import Measure
from heedful.alerting.work import ContactKind, DismissalReason, Verification, Why
from heedful.common.contracts import Name, WrittenTime

MAX_WHYS = 10

Words = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2000, pattern=r"^[^\x00]+$"),
]


class Taken(BaseModel):
    """Base of request bodies."""

    model_config = ConfigDict(extra="forbid")


class NoteBody(Taken):
    note: Words | None = None


class WordsBody(Taken):
    note: Words


class AssignBody(Taken):
    owner: Name


class ContactBody(Taken):
    kind: ContactKind
    at: WrittenTime | None = Field(default=None, description="When it was made; null: now.")
    note: Words | None = None


class PlanBody(Taken):
    owner: Name
    action: Words
    due: WrittenTime


class WaitBody(Taken):
    state: Literal[State.WAITING_CUSTOMER, State.WAITING_THIRD_PARTY]
    reason: Words


class WhyBody(Taken):
    answer: Words
    evidence: Words | None = None


class FixBody(Taken):
    """What the improvement should move; looked at once, when the days are over."""

    topic: Name = Field(examples=["vehicle.brake"])
    touchpoint: Name | None = Field(default=None, description="null: everywhere.")
    measure: Measure = Measure.NEGATIVE_RATE
    after_days: int = Field(default=DEFAULT_DAYS, ge=FEWEST_DAYS, le=MOST_DAYS)

    @property
    def plan(self) -> Plan:
        return Plan(self.topic, self.measure, self.touchpoint, self.after_days)


class LandBody(Taken):
    root_cause: Name
    action_taken: Words
    whys: list[WhyBody] = Field(
        default_factory=list,
        max_length=MAX_WHYS,
        description="The five whys: each answer is what the next one asks about.",
    )

    verify: FixBody | None = Field(
        default=None,
        description="Verified by measuring: better verifies the case, worse reopens it.",
    )

    @property
    def chain(self) -> list[Why]:
        return [Why(one.answer, one.evidence) for one in self.whys]


class VerifyBody(Taken):
    method: Verification
    note: Words | None = None


class DismissBody(Taken):
    reason: DismissalReason
    note: Words | None = None


class MergeBody(Taken):
    into: Name


class SplitBody(Taken):
    source: Name
    id: Name
