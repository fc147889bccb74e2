"""How each insight is tried: what is planted for it, what it is asked, and who judges."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from benchmarks import insight_judges as judges
from benchmarks.insight_judges import Outcome
from heedful.journey.insights.all import INSIGHTS
from heedful.journey.insights.facts import Facts
from heedful.journey.insights.insight import Insight
from heedful.journey.insights.report import Report
from heedful.journey.simulation.plan import SimulationPlan
from heedful.journey.simulation.simulate import Simulated

Judge = Callable[[Simulated, Report], Outcome]
Asked = Callable[[Simulated], Mapping[str, Any]]

VOICES = (
    "touchpoints", "operations", "hidden_need", "score_drivers", "peak_end", "perceptions",
    "emerging", "volume", "super_users", "employees", "alignment",
)  # fmt: skip
"""What can be planted in one business: none of it changes what another one of it leads to."""
SURVEYS = ("silence", "begging", "interviewers")


def _nothing(simulated: Simulated) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Check:
    """
    Attributes:
        effects: planted together when power is counted; all others are left out.
        asked: parameters, and what a team would have entered.
        nominal: the share of businesses without causes in which a false find is allowed.
    """

    insight: Insight[Any]
    judge: Judge
    effects: tuple[str, ...]
    asked: Asked = field(default=_nothing)
    nominal: float = 0.05

    def plan(self, plan: SimulationPlan) -> SimulationPlan:
        return plan.only(*self.effects)

    def report(self, simulated: Simulated) -> Report:
        parameters = self.insight.parameters.model_validate(self.asked(simulated))
        return self.insight.compute(_period(self.insight, simulated.facts), parameters)

    def run(self, simulated: Simulated) -> Outcome:
        return self.judge(simulated, self.report(simulated))


def _period(insight: Insight[Any], facts: Facts) -> Facts:
    """The newest part of the period, where the insight looks at the time before it as well."""
    since = facts.until - (facts.until - facts.since) / (1 + insight.lookback)
    return replace(facts, since=since)


def _chained(simulated: Simulated) -> Mapping[str, Any]:
    """What is planted is blame all along; where nothing is, most is tested in any tone."""
    return {"rows": 1000, "tone": "blame" if simulated.truth.chains else "all"}


def _answers(simulated: Simulated) -> Mapping[str, Any]:
    told = simulated.truth.answers
    return {
        "answers": [
            {
                "quarter": one.quarter,
                "role": one.role,
                "answered_by": one.person,
                "topics": one.ranking,
            }
            for one in told
        ]
    }


def _abilities(simulated: Simulated) -> Mapping[str, Any]:
    """The team could mend everything, and has decided nothing."""
    undecided = dict.fromkeys(("decision", "reason", "decided_by", "decided_at"))
    topics = simulated.truth.frequencies
    return {"entries": [{"topic": topic, "ability": 4, **undecided} for topic in topics]}


CHECKS: dict[str, Check] = {
    one.insight.name: one
    for one in (
        Check(INSIGHTS["touchpoint-map"], judges.touchpoint_map, VOICES),
        Check(INSIGHTS["patterns"], judges.patterns, ("chains",), _chained),
        Check(INSIGHTS["satisfied-but-leaving"], judges.leaving, ("leaving",)),
        Check(INSIGHTS["churn-drivers"], judges.churn_drivers, ("churn_drivers",)),
        Check(INSIGHTS["customer-value"], judges.value, ("churn_drivers",)),
        Check(INSIGHTS["hidden-needs"], judges.hidden_needs, VOICES),
        Check(INSIGHTS["key-drivers"], judges.key_drivers, VOICES),
        Check(INSIGHTS["peak-end"], judges.peak_end, VOICES),
        Check(INSIGHTS["super-users"], judges.super_users, VOICES),
        Check(INSIGHTS["coverage"], judges.coverage, SURVEYS, lambda _: {"score_kind": "nps"}),
        Check(INSIGHTS["score-begging"], judges.score_begging, SURVEYS),
        Check(INSIGHTS["alignment"], judges.alignment, VOICES, _answers),
        Check(INSIGHTS["priorities"], judges.priorities, VOICES, _abilities),
        Check(INSIGHTS["emerging"], judges.emerging, VOICES),
        Check(INSIGHTS["perception"], judges.perception, VOICES),
        Check(INSIGHTS["employee-voice"], judges.employee_voice, VOICES),
    )
}
