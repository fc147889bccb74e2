"""How each insight is tried: what is planted for it, on how many customers, and who judges."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from benchmarks import insight_judges as judges
from benchmarks.insight_judges import Outcome
from heedful.journey import insights
from heedful.journey.insights.facts import Facts
from heedful.journey.insights.insight import Insight
from heedful.journey.insights.report import Report
from heedful.journey.simulation.plan import SimulationPlan
from heedful.journey.simulation.simulate import Simulated

Judge = Callable[[Simulated, Report], Outcome]


@dataclass(frozen=True, slots=True)
class Check:
    """
    Attributes:
        effects: planted together when power is counted; all others are left out.
        parameters: that are asked for.
        times: as many customers as others where something is planted: what is rare needs more.
        null_plans: shares of plans where nothing is planted, if not the usual ones.
        nominal: the share of businesses without causes in which a false find is allowed.
    """

    insight: Insight[Any]
    judge: Judge
    effects: tuple[str, ...]
    parameters: Mapping[str, Any]
    times: int
    null_plans: tuple[float, float, float] | None = None
    nominal: float = 0.05

    def plan(self, plan: SimulationPlan) -> SimulationPlan:
        customers = plan.customers * self.times
        return plan.model_copy(update={"customers": customers}).only(*self.effects)

    def null(self, plan: SimulationPlan) -> SimulationPlan:
        """The same without any effect."""
        if self.null_plans is None:
            return plan.only()
        return plan.model_copy(update={"plans": self.null_plans}).only()

    def report(self, simulated: Simulated) -> Report:
        parameters = self.insight.parameters(**self.parameters)
        return self.insight.compute(_period(self.insight, simulated.facts), parameters)

    def run(self, simulated: Simulated) -> Outcome:
        return self.judge(simulated, self.report(simulated))


def _period(insight: Insight[Any], facts: Facts) -> Facts:
    """The newest part of the period, where the insight looks at the time before it as well."""
    back = insight.lookback
    since = facts.until - (facts.until - facts.since) / (1 + back)
    return replace(facts, since=since)


_JUDGES: dict[str, tuple[Judge, tuple[str, ...]]] = {
    "touchpoint-map": (judges.touchpoint_map, ("touchpoints", "operations")),
    "patterns": (judges.patterns, ("chains",)),
    "churn-drivers": (judges.churn_drivers, ("churn_drivers",)),
    "satisfied-but-leaving": (judges.leaving, ("leaving",)),
    "customer-value": (judges.value, ("churn_drivers",)),
    "hidden-needs": (judges.hidden_needs, ("hidden_need",)),
    "key-drivers": (judges.key_drivers, ("score_drivers",)),
    "peak-end": (judges.peak_end, ("peak_end",)),
    "perception": (judges.perception, ("perceptions",)),
    "emerging": (judges.emerging, ("emerging", "volume")),
    "super-users": (judges.super_users, ("super_users",)),
    "coverage": (judges.coverage, ("silence",)),
    "score-begging": (judges.score_begging, ("begging", "interviewers")),
    "employee-voice": (judges.employee_voice, ("employees",)),
}

_TIMES = {
    "patterns": 10,
    "churn-drivers": 8,
    "customer-value": 8,
    "key-drivers": 3,
    "perception": 5,
    "super-users": 4,
    "coverage": 4,
    "score-begging": 8,
    "employee-voice": 4,
}
_ASKED: dict[str, dict[str, Any]] = {
    "coverage": {"score_kind": "nps"},
    "patterns": {"rows": 1000},
}
_EVERYBODY_SEEN = (0.0, 0.3, 0.7)
"""Nobody without a contract. Who bought without one and is gone buys no more, which goes with how
long they have been there: an association, also where nothing was planted."""
_NULL_PLANS = {
    "patterns": _EVERYBODY_SEEN,
    "satisfied-but-leaving": _EVERYBODY_SEEN,
}


def _there() -> dict[str, Insight[Any]]:
    """Every insight of the package, by its name."""
    found = {}
    for module in pkgutil.walk_packages(insights.__path__, f"{insights.__name__}."):
        one = getattr(importlib.import_module(module.name), "INSIGHT", None)
        if isinstance(one, Insight):
            found[one.name] = one
    return found


INSIGHTS = _there()

CHECKS: dict[str, Check] = {
    name: Check(
        insight=INSIGHTS[name],
        judge=judge,
        effects=effects,
        parameters=_ASKED.get(name, {}),
        times=_TIMES.get(name, 1),
        null_plans=_NULL_PLANS.get(name),
    )
    for name, (judge, effects) in _JUDGES.items()
    if name in INSIGHTS
}
