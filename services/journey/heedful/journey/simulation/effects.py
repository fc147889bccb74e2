"""The effects that can be planted, each with its size. Scores are from 0 to 1, times in days."""

from typing import Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

from heedful.journey.simulation import world

Step = tuple[str, str]
"""A touchpoint and the topic that is spoken of there."""


class Effect(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _known(step: Step) -> None:
    if step[0] not in world.TOUCHPOINTS or step[1] not in world.TOPICS:
        raise ValueError(f"{step} is no touchpoint and topic of the simulated business")


class Chain(Effect):
    """A, then B, then C: a vague promotion, a wrong expectation, a complaint. All three blame.

    Attributes:
        leads: share of A that is followed by one more B, evenly over `leads_days`.
        relative_risk: of C within `within_days` of a B that had an A in the `leads_days` before
            it, against a B that had none.
    """

    first: Step = ("marketing.campaign", "promotion")
    then: Step = ("store.checkout", "price")
    last: Step = ("callcentre.inbound", "refund")
    leads: float = Field(default=0.8, ge=0, le=1)
    leads_days: PositiveFloat = 60.0
    relative_risk: float = Field(default=15.0, ge=1)
    within_days: PositiveFloat = 60.0

    @model_validator(mode="after")
    def _in_the_world(self) -> Self:
        for step in (self.first, self.then, self.last):
            _known(step)
        return self


class ChurnDrivers(Effect):
    """Hazards of leaving are multiplied for `window_days` after each of what drives.

    Attributes:
        topics: hazard ratio of a negative mention, by topic.
        red: hazard ratio of a red light.
        wait: hazard ratio of one of the `longest` share of visits and calls.
    """

    topics: dict[str, float] = {"billing": 2.2, "waiting": 1.7}
    red: PositiveFloat = 1.6
    wait: PositiveFloat = 1.8
    longest: float = Field(default=0.1, gt=0, lt=1)
    window_days: PositiveFloat = 30.0


class Leaving(Effect):
    """They rate well, and go.

    Attributes:
        share: of those who leave, who rated at least `satisfied` within `before_days` before.
        negative: share of these ratings whose words are negative.
        fade: what is left of their visits in the `before_days` before they go.
    """

    share: float = Field(default=0.85, ge=0, le=1)
    before_days: PositiveFloat = 40.0
    satisfied: float = Field(default=0.75, ge=0, le=1)
    negative: float = Field(default=0.6, ge=0, le=1)
    fade: float = Field(default=0.2, ge=0, le=1)


class Driver(Effect):
    """What a topic adds to the score where it is praised, and takes where it is blamed."""

    praise: NonNegativeFloat = 0.0
    blame: NonNegativeFloat = 0.0


class ScoreDrivers(Effect):
    """Kano: praised and blamed count (performance), only blame (must-be), only praise
    (attractive); all other topics are indifferent."""

    topics: dict[str, Driver] = {
        "food.taste": Driver(praise=0.12, blame=0.12),
        "waiting": Driver(blame=0.18),
        "staff.attitude": Driver(praise=0.14),
        "delivery": Driver(praise=0.06, blame=0.10),
    }


class PeakEnd(Effect):
    """The score of a journey is its start + `peak` times the most intense valence + `end` times
    the last + noise."""

    peak: float = 0.15
    end: float = 0.12


class Feeling(Effect):
    """Shares of negative and of positive mentions; five in eight of each are red or green."""

    negative: float = Field(ge=0, le=1)
    positive: float = Field(ge=0, le=1)


class Touchpoints(Effect):
    """Touchpoints that are felt otherwise than the rest (0.3 negative, 0.3 positive)."""

    felt: dict[str, Feeling] = {
        "store.visit": Feeling(negative=0.15, positive=0.50),
        "product.use": Feeling(negative=0.15, positive=0.45),
        "delivery.handover": Feeling(negative=0.42, positive=0.22),
        "callcentre.inbound": Feeling(negative=0.55, positive=0.12),
        "billing.statement": Feeling(negative=0.45, positive=0.20),
    }


class PerceptionShift(Effect):
    """From `after` (share of the period) on a word is felt so much oftener at a touchpoint."""

    touchpoint: str = "app.order"
    perception: str = "hassle"
    factor: PositiveFloat = 2.5
    after: float = Field(default=0.6, ge=0, le=1)


class HiddenNeed(Effect):
    """A topic that fills service records and that no survey asks for (Haier: 30 % of complaints).

    Attributes:
        service: its share of what is said in calls, tickets and chats.
        surveys: its share of what is said in surveys.
        estimate: what the business believes its share to be.
    """

    topic: str = "food.packaging"
    service: float = Field(default=0.30, ge=0, le=1)
    surveys: float = Field(default=0.01, ge=0, le=1)
    estimate: float = Field(default=0.15, ge=0, le=1)


class Silence(Effect):
    """Segments that answer less, and feel otherwise than those who do.

    Attributes:
        answers: what is left of their answers and of what they say, by segment.
        shift: what is added to their scores.
    """

    answers: dict[str, float] = {"senior": 0.15, "student": 0.5}
    shift: dict[str, float] = {"senior": -0.15, "student": -0.05}


class Begging(Effect):
    """Outlets that ask for full marks: this share of their answers is full, whatever the words."""

    outlets: tuple[str, ...] = ("outlet-07", "outlet-19")
    full: float = Field(default=0.6, ge=0, le=1)
    solicited: float = Field(default=0.5, ge=0, le=1, description="Of these, where words tell it.")


class Interviewers(Effect):
    """What is added to scores that these agents collect by phone."""

    agents: dict[str, float] = {"agent-03": 0.12, "agent-11": -0.12}


class SuperUsers(Effect):
    """Customers who say much, on many things, and help others.

    Attributes:
        share: of the customers.
        per_day: how often they speak, on top of what all say.
        helpful: mean votes of others for what they say; all others have `ordinary`.
    """

    share: float = Field(default=0.005, ge=0, le=1)
    per_day: PositiveFloat = 0.06
    helpful: PositiveFloat = 8.0
    ordinary: NonNegativeFloat = 0.3


class Emerging(Effect):
    """A topic of which nobody spoke before `after` (share of the period), then `share` of all."""

    topic: str = "food.allergen"
    after: float = Field(default=0.8, ge=0, le=1)
    share: float = Field(default=0.03, ge=0, le=1)


class Volume(Effect):
    """From `after` (share of the period) on, a topic is spoken of `factor` times as much."""

    topic: str = "app"
    factor: float = Field(default=2.0, ge=1)
    after: float = Field(default=0.65, ge=0, le=1)


class Operations(Effect):
    """Touchpoints whose handling is quick while their voice is red, in seconds."""

    touchpoints: tuple[str, ...] = ("callcentre.inbound",)
    handling_s: PositiveFloat = 110.0
    target_s: PositiveFloat = 180.0


class Employees(Effect):
    """What employees note oftener than customers say it: times as often, by topic."""

    oftener: dict[str, float] = {"food.portion": 3.0, "environment": 2.0}


class Alignment(Effect):
    """Colleagues who were asked what matters most to customers; roles that answer alike.

    Attributes:
        away: roles that see it otherwise than customers.
        people: who answered, of each role.
        noise: standard deviation that an answer adds to each rank of its role's list.
    """

    roles: tuple[str, ...] = ("core", "research", "sales")
    away: tuple[str, ...] = ("research",)
    people: PositiveInt = 4
    noise: NonNegativeFloat = 0.8


class Talkativeness(Effect):
    """Customers who say and do more of everything: rates are times Gamma(shape, 1 / shape).

    It is no effect of its own but what confounds others; off unless it is asked for.
    """

    shape: PositiveFloat = 1.5
