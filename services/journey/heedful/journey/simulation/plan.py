"""What is simulated: how many customers, how they live, and which effects are planted.

Every effect is a field that is None where it is not planted; then what it would move is drawn as if
it did not matter. Times are in days, rates per day, scores from 0 to 1.
"""

from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt

from heedful.journey.simulation.effects import (
    Alignment,
    Begging,
    Chain,
    ChurnDrivers,
    Emerging,
    Employees,
    HiddenNeed,
    Interviewers,
    Leaving,
    Operations,
    PeakEnd,
    PerceptionShift,
    ScoreDrivers,
    Silence,
    SuperUsers,
    Talkativeness,
    Touchpoints,
    Volume,
)

UNTIL: Final = 20_758.0
"""2026-11-01, in days since 1970-01-01."""

EFFECTS: Final = (
    "chains", "churn_drivers", "leaving", "score_drivers", "peak_end", "touchpoints",
    "perceptions", "hidden_need", "silence", "begging", "interviewers", "super_users", "emerging",
    "volume", "operations", "employees", "alignment", "talkativeness",
)  # fmt: skip


class Purchases(BaseModel):
    """BG/NBD (Fader, Hardie and Lee 2005) with Gamma-Gamma spend (Fader and Hardie 2013).

    Attributes:
        r, alpha: orders come at a rate that is Gamma(r, scale 1 / alpha) a day.
        a, b: after each order a customer is gone with a probability that is Beta(a, b).
        p, q, v: an order costs Gamma(p, rate nu), nu is Gamma(q, rate v).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    r: PositiveFloat = 1.2
    alpha: PositiveFloat = 60.0
    a: PositiveFloat = 0.9
    b: PositiveFloat = 3.0
    p: PositiveFloat = 6.0
    q: PositiveFloat = 4.0
    v: PositiveFloat = 40.0


class Contracts(BaseModel):
    """Shifted beta-geometric (Fader and Hardie 2007): at each renewal a customer leaves with a
    probability that is Beta(alpha, beta) over customers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    alpha: PositiveFloat = 1.5
    beta: PositiveFloat = 30.0
    period_days: PositiveFloat = 30.0
    fee: PositiveFloat = 25.0


class Rates(BaseModel):
    """How often a customer does what, a day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    voice: float = Field(default=0.0060, ge=0)
    relation_survey: float = Field(default=0.0016, ge=0)
    visit_survey: float = Field(default=0.15, ge=0, le=1, description="Share of visits.")
    journey: float = Field(default=0.0006, ge=0)
    visit: float = Field(default=0.0070, ge=0)
    contact: float = Field(default=0.0030, ge=0)
    campaign: float = Field(default=0.0040, ge=0)
    top_up: float = Field(default=0.0080, ge=0, description="Of holders of an account.")
    churn: float = Field(default=0.0008, ge=0, description="Hazard of holders of an account.")


class SimulationPlan(BaseModel):
    """
    Attributes:
        customers: people; every one is of one `plan`: none (they buy when they like, and nobody
            sees them leave), monthly (a contract) or account (a purse that can be closed).
        days: length of the period, which ends at `until`.
        arrivals: customers come evenly in this first share of it; 0: all at its begin.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = Field(default=1, ge=0)
    customers: PositiveInt = 20_000
    days: float = Field(default=730.0, ge=30, le=5000)
    until: float = UNTIL
    arrivals: float = Field(default=0.5, ge=0, le=1)
    plans: tuple[float, float, float] = Field(
        default=(0.4, 0.2, 0.4), description="Shares of none, monthly and account."
    )
    rates: Rates = Rates()
    purchases: Purchases = Purchases()
    contracts: Contracts = Contracts()

    chains: tuple[Chain, ...] | None = (
        Chain(),
        Chain(
            first=("app.order", "app"),
            then=("delivery.handover", "delivery"),
            last=("aftersales.refund", "refund"),
        ),
    )
    churn_drivers: ChurnDrivers | None = ChurnDrivers()
    leaving: Leaving | None = Leaving()
    score_drivers: ScoreDrivers | None = ScoreDrivers()
    peak_end: PeakEnd | None = PeakEnd()
    touchpoints: Touchpoints | None = Touchpoints()
    perceptions: PerceptionShift | None = PerceptionShift()
    hidden_need: HiddenNeed | None = HiddenNeed()
    silence: Silence | None = Silence()
    begging: Begging | None = Begging()
    interviewers: Interviewers | None = Interviewers()
    super_users: SuperUsers | None = SuperUsers()
    emerging: Emerging | None = Emerging()
    volume: Volume | None = Volume()
    operations: Operations | None = Operations()
    employees: Employees | None = Employees()
    alignment: Alignment | None = Alignment()
    talkativeness: Talkativeness | None = None

    @property
    def since(self) -> float:
        return self.until - self.days

    def without(self, *effects: str) -> Self:
        """The same without some effects.

        Raises:
            ValueError: there is no such effect.
        """
        if strange := set(effects) - set(EFFECTS):
            raise ValueError(
                f"no such effect: {', '.join(sorted(strange))}; there are {', '.join(EFFECTS)}"
            )
        return self.model_copy(update=dict.fromkeys(effects))

    def only(self, *effects: str) -> Self:
        """The same with no other effects than these; none at all is a world without causes."""
        self.without(*effects)
        return self.without(*(effect for effect in EFFECTS if effect not in effects))
