"""What was planted, as it is published with what was simulated.

Customers are named by their ids, times are days since 1970-01-01 UTC, scores are from 0 to 1. What
was not planted is empty, 0 or null.
"""

from enum import StrEnum
from math import expm1

from pydantic import BaseModel, ConfigDict, Field

from heedful.journey.simulation.effects import Step
from heedful.journey.simulation.plan import SimulationPlan


class Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class PlantedChain(Part):
    """A, then B within `lookback_days`, then C: how much likelier C is than after B without A.

    Attributes:
        base_per_day: how often a customer of mean activity is at C by chance.
        relative_risk: of C within `within_days` of B.
        exposed: how many B had an A before them, before anybody left.
    """

    first: Step
    then: Step
    last: Step
    lookback_days: float
    within_days: float
    base_per_day: float
    relative_risk: float
    exposed: int

    def relative_risk_within(self, days: float) -> float:
        """The relative risk of C within so many days of B; the planted ones come evenly."""
        chance = -expm1(-self.base_per_day * self.within_days)
        more = min((self.relative_risk - 1) * chance / (1 - chance), 1.0)
        more *= min(days / self.within_days, 1.0)
        base = -expm1(-self.base_per_day * days)
        return (1 - (1 - base) * (1 - more)) / base


class Kano(StrEnum):
    PERFORMANCE = "performance"
    MUST_BE = "must_be"
    ATTRACTIVE = "attractive"


class ScoreDriver(Part):
    """What a topic adds to a score where it is praised, and takes where it is blamed."""

    praise: float
    blame: float
    kano: Kano


class HiddenNeedTruth(Part):
    """Shares of texts that speak of the topic, as they came out."""

    topic: str
    service: float
    surveys: float
    estimate: float


class TouchpointTruth(Part):
    """Shares of red and green of what customers say of a touchpoint, as they came out."""

    red: float
    green: float


class Stratum(Part):
    """A segment: its share of the customers, and times as likely to answer as others."""

    share: float
    answers: float


class Change(Part):
    """Since `at` it is `factor` times as frequent; a new topic has no factor."""

    at: float
    factor: float | None = None
    topic: str | None = None
    touchpoint: str | None = None
    perception: str | None = None


class Answer(Part):
    """What a colleague thinks matters to customers, most important first."""

    quarter: str
    role: str
    person: str
    ranking: tuple[str, ...]


class Truth(Part):
    """
    Attributes:
        plan: everything that was asked for, with the parameters of BG/NBD, Gamma-Gamma (in
            `purchases`) and the shifted beta-geometric (in `contracts`).
        hazard_ratios: of leaving, for `plan.churn_drivers.window_days` after each `topic:…`
            (negative mention), `red` (light) or `wait` (long visit).
        churned_at: of those who left with an event.
        gone: of those without a contract, who will not buy again.
        satisfied_but_leaving: who rated well shortly before they left.
        mean_score: by kind of score, if every customer had answered, and nobody begged.
        beliefs: topics in the order in which the business believes that they are spoken of.
        frequencies: topics in the order in which customers do, with their counts.
    """

    plan: SimulationPlan
    since: float
    until: float
    events: int
    chains: list[PlantedChain]
    hazard_ratios: dict[str, float]
    churned_at: dict[str, float]
    gone: list[str]
    satisfied_but_leaving: list[str]
    score_drivers: dict[str, ScoreDriver]
    peak_weight: float
    end_weight: float
    touchpoints: dict[str, TouchpointTruth]
    kpi_green_voice_red: list[str]
    hidden_need: HiddenNeedTruth | None
    segments: dict[str, Stratum]
    mean_score: dict[str, float]
    begging_outlets: list[str]
    interviewers: dict[str, float]
    super_users: list[str]
    changes: list[Change]
    employees_oftener: dict[str, float]
    answers: list[Answer]
    beliefs: list[str]
    frequencies: dict[str, int] = Field(description="Most frequent first.")
