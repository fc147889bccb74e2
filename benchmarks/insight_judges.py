"""What each insight should find in a simulated business, and what would be a false find."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from heedful.journey.insights.facts import Facts
from heedful.journey.insights.priorities.stakes import stakes
from heedful.journey.insights.report import Estimate, Report, Row
from heedful.journey.insights.selecting import taken
from heedful.journey.simulation.plan import SimulationPlan
from heedful.journey.simulation.simulate import Simulated, simulate

ELSEWHERE_SEEDS = 2_000_000
"""Of businesses that say what is usual; none of them is tried."""
USUAL_OF = 400_000
"""Customers of them together."""
FREQUENT = "price"
NEWEST = "2026-Q3"


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    Attributes:
        found: everything that was planted for this insight was found; of a business with nothing
            planted it says nothing.
        called: how much was called significant.
        false: how much of that was not planted.
    """

    found: bool
    called: int
    false: int


def _surely(row: Row, key: str) -> float:
    """The value of an estimate of a row that is not greyed; NaN otherwise."""
    found = row.cells.get(key)
    return found.value if isinstance(found, Estimate) and not row.grey else math.nan


def touchpoint_map(simulated: Simulated, report: Report) -> Outcome:
    """Colours of touchpoints that are felt otherwise, and quick handling beside a red voice."""
    effect = simulated.truth.plan.touchpoints
    felt = effect.felt if effect else {}
    colours = {row.cells["touchpoint"]: row.cells["colour"] for row in report.rows}
    conflicts = [row.cells["touchpoint"] for row in report.rows if row.cells["conflict"]]
    arrows = [
        row.cells[key]
        for row in report.rows
        for key in ("red_trend", "green_trend")
        if row.cells[key] is not None
    ]
    return Outcome(
        found=bool(felt)
        and all(
            colours.get(name) == ("red" if one.negative > one.positive else "green")
            for name, one in felt.items()
        )
        and conflicts == simulated.truth.kpi_green_voice_red,
        called=len(arrows),
        false=len(arrows),
    )


def patterns(simulated: Simulated, report: Report) -> Outcome:
    """Each planted chain; what ends in a step of a chain may follow from it and is not false."""
    chains = simulated.truth.chains
    called = [row for row in report.rows if not row.grey]
    steps = [[" / ".join(step) for step in (one.first, one.then, one.last)] for one in chains]
    triples = [[row.cells[key] for key in ("first", "then", "outcome")] for row in called]
    caused = {step for one in steps for step in one[1:]}
    return Outcome(
        found=bool(steps) and all(one in triples for one in steps),
        called=len(called),
        false=sum(triple[2] not in caused for triple in triples),
    )


def churn_drivers(simulated: Simulated, report: Report) -> Outcome:
    names = {"wait": "wait:long_wait", "red": "light:red"}
    drivers = {names.get(one, one) for one in simulated.truth.hazard_ratios}
    called = {
        f"{row.cells['kind']}:{row.cells['driver']}": _surely(row, "hazard_ratio")
        for row in report.rows
        if not row.grey
    }
    return Outcome(
        found=bool(drivers) and all(called.get(one, 0.0) > 1 for one in drivers),
        called=len(called),
        false=len(called.keys() - drivers),
    )


def leaving(simulated: Simulated, report: Report) -> Outcome:
    """Signs that go with leaving, over all moments.

    Who buys without a contract and is gone buys no more, also where nothing was planted: activity
    that has fallen tells of them truly. Words and waiting do not; either may have p = 0.025.
    """
    rows = {row.cells["sign"]: row for row in report.rows if row.cells["moment"] is None}
    called = [row for row in rows.values() if not row.grey]
    if simulated.truth.plan.leaving is not None:
        return Outcome(rows["any"] in called and _surely(rows["any"], "difference") > 0,
                       len(called), 0)  # fmt: skip
    false = sum(_p(rows[sign]) <= 0.025 for sign in ("words", "waiting"))
    return Outcome(False, len(called), false)


def value(simulated: Simulated, report: Report) -> Outcome:
    """Topics that drive customers away put value at risk."""
    drivers = simulated.truth.plan.churn_drivers
    called = {row.cells["topic"] for row in report.rows if not row.grey}
    topics = set(drivers.topics) if drivers else set()
    # A red light drives as well, whatever it is about.
    return Outcome(bool(topics) and topics <= called, len(called), 0 if drivers else len(called))


def hidden_needs(simulated: Simulated, report: Report) -> Outcome:
    need = simulated.truth.hidden_need
    called = {row.cells["topic"] for row in report.rows if row.cells["verdict"] == "hidden"}
    planted = {need.topic} if need else set()
    return Outcome(bool(planted) and planted <= called, len(called), len(called - planted))


def key_drivers(simulated: Simulated, report: Report) -> Outcome:
    truth = simulated.truth.score_drivers
    called = {row.cells["topic"]: _surely(row, "effect") for row in report.rows if not row.grey}
    return Outcome(
        found=bool(truth) and all(called.get(topic, 0.0) > 0 for topic in truth),
        called=len(called),
        false=len(called.keys() - truth.keys()),
    )


def peak_end(simulated: Simulated, report: Report) -> Outcome:
    planted = simulated.truth.peak_weight > 0
    p = [report.figures.get(key) for key in ("peak_p", "end_p")]
    called = sum(isinstance(one, float) and one <= 0.05 for one in p)
    return Outcome(planted and called == len(p), called, 0 if planted else called)


def perception(simulated: Simulated, report: Report) -> Outcome:
    shift = simulated.truth.plan.perceptions
    called = {
        (row.cells["label"], row.cells["touchpoint"])
        for row in report.rows
        if row.cells.get("trend") is not None
    }
    planted = (shift.perception, shift.touchpoint) if shift else None
    # The shift is one of all feedback together as well.
    false = {one for one in called if planted is None or one[1] not in (planted[1], None)}
    return Outcome(planted in called, len(called), len(false))


def emerging(simulated: Simulated, report: Report) -> Outcome:
    """Topics whose part of all changed; what others gain, the rest loses."""
    topics = {one.topic for one in simulated.truth.changes if one.topic}
    called = {
        row.cells["topic"]
        for row in report.rows
        if row.cells["trend"] == "up" or row.cells["changed_at"] is not None
    }
    return Outcome(bool(topics) and topics <= called, len(called), 0 if topics else len(called))


def super_users(simulated: Simulated, report: Report) -> Outcome:
    """Half of the first rows are super users, who are one in two hundred."""
    planted = set(simulated.truth.super_users)
    first = [row.cells["customer"] for row in report.rows][: len(planted)]
    hits = sum(one in planted for one in first)
    if not planted:
        return Outcome(False, 0, 0)
    return Outcome(bool(first) and hits >= 0.5 * len(first), len(first), len(first) - hits)


def coverage(simulated: Simulated, report: Report) -> Outcome:
    """Silent segments, and a raked score whose interval holds the true mean."""
    effect = simulated.truth.plan.silence
    silent = set(effect.answers) if effect else set()
    called = {row.cells["name"] for row in report.rows if "p" in row.cells and not row.grey}
    raked, mean = report.figures.get("raked_score"), simulated.truth.mean_score["nps"]
    holds = isinstance(raked, Estimate) and raked.low <= mean <= raked.high
    return Outcome(
        bool(silent) and silent <= called and holds,
        len(called),
        # Who is not silent speaks more than the others, which is true as well.
        0 if effect else len(called),
    )


def score_begging(simulated: Simulated, report: Report) -> Outcome:
    truth = simulated.truth
    planted = {*truth.begging_outlets, *truth.interviewers}
    called = {row.cells["name"] for row in report.rows if not row.grey}
    return Outcome(bool(planted) and planted <= called, len(called), len(called - planted))


def employee_voice(simulated: Simulated, report: Report) -> Outcome:
    planted = simulated.truth.employees_oftener.keys()
    called = {row.cells["topic"] for row in report.rows if _surely(row, "difference") > 0}
    return Outcome(bool(planted) and planted <= called, len(called), len(called - planted))


def alignment(simulated: Simulated, report: Report) -> Outcome:
    """In the newest quarter each role agrees, and those who see it otherwise are farther from what
    customers say. Without a common mind all colleagues together do not agree; one test a seed."""
    effect = simulated.truth.plan.alignment
    newest = {row.cells["role"]: row for row in report.rows if row.cells["quarter"] == NEWEST}
    agreed = {role: _p(row) <= 0.05 for role, row in newest.items() if not row.grey}
    if effect is None:
        return Outcome(False, int(agreed["*"]), int(agreed["*"]))
    away = {role: _surely(row, "distance") for role, row in newest.items()}
    near = max(away[role] for role in effect.roles if role not in effect.away)
    found = all(agreed.get(role, False) for role in effect.roles)
    return Outcome(found and all(away[role] > near for role in effect.away), len(agreed), 0)


def priorities(simulated: Simulated, report: Report) -> Outcome:
    """The hidden need has the largest stake, and to do it now is what the matrix says.

    Nothing is tested here. Where nothing is planted an interval is false that does not hold the
    share of spending that the most frequent topic has in many such businesses. An interval over
    customers can promise that of customers who are independent. In answers to surveys they are
    not: those speak of what the voices of their own business do. So they are left out of both.
    """
    need = simulated.truth.hidden_need
    if need is not None:
        first = report.rows[0]
        right = first.cells["topic"] == need.topic and first.cells["quadrant"] == "do_now"
        return Outcome(right, 1, int(not right))
    told, usual = _stake(simulated.facts), _usual_stake(simulated.truth.plan.customers)
    return Outcome(False, 1, int(not told.low <= usual <= told.high))


def _stake(facts: Facts) -> Estimate:
    unasked = taken(facts, np.flatnonzero(~facts.channel.having("survey")))
    return stakes(unasked).estimate(unasked.topics.names.index(FREQUENT))


@lru_cache
def _usual_stake(customers: int) -> float:
    """The share of spending of who complained of the most frequent topic, in many businesses."""
    shares = []
    for seed in range(ELSEWHERE_SEEDS, ELSEWHERE_SEEDS + max(USUAL_OF // customers, 1)):
        facts = simulate(SimulationPlan(seed=seed, customers=customers).only()).facts
        shares.append(_stake(facts).value)
    return float(np.mean(shares))


def _p(row: Row) -> float:
    p = row.cells["p"]
    return p if isinstance(p, float) else math.nan
