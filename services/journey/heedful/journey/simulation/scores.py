"""The score of an answer: its drivers, who answers, who asks, and who begs."""

import numpy as np

from heedful.journey.insights.facts import Floats
from heedful.journey.simulation import world
from heedful.journey.simulation.draws import stream
from heedful.journey.simulation.feelings import felt
from heedful.journey.simulation.plan import SimulationPlan
from heedful.journey.simulation.population import Population
from heedful.journey.simulation.rows import Rows, blank, mentions
from heedful.journey.simulation.surveys import about

START, SPREAD = 0.65, 0.15
"""Mean and standard deviation of a score that nothing moves; it is cut off at 0 and 1."""

STEPS = {"nps": 10, "csat": 4}
"""Into how many steps a scale is divided: 0 to 10, and 1 to 5."""

SOLICITED = 0.02
"""Share of answers whose words tell that they were asked for, where nobody begs."""


def scored(plan: SimulationPlan, people: Population, rows: Rows, name: str) -> Rows:
    """Answers to surveys with their scores.

    Args:
        name: of the stream that they are drawn from.
    """
    rng = stream(plan.seed, name)
    score = START + SPREAD * rng.standard_normal(len(rows))
    score += _driven(plan, rows) + _of_segment(plan, people, rows) + _of_agent(plan, rows)
    rows["score"] = on_scale(rows, score)
    rows["solicited"] = rng.random(len(rows)) < SOLICITED
    return _begged(plan, rng, rows)


def population_mean(plan: SimulationPlan, people: Population, pool: Rows, kind: str) -> float:
    """The mean score if every customer had answered once; they are asked in a parallel world."""
    rng = stream(plan.seed, f"everybody {kind}")
    everybody = blank(np.arange(len(people), dtype=np.int32), (people.start + people.end) / 2)
    everybody["score_kind"] = world.SCORE_KINDS.index(kind)
    answers = felt(plan, about(plan, rng, everybody, pool), f"feelings of everybody {kind}")
    return float(scored(plan, people, answers, f"scores of everybody {kind}")["score"].mean())


def on_scale(rows: Rows, score: Floats) -> Floats:
    steps = np.full(len(rows), 4.0)
    for kind, count in STEPS.items():
        steps[rows["score_kind"] == world.SCORE_KINDS.index(kind)] = count
    found: Floats = np.round(np.clip(score, 0.0, 1.0) * steps) / steps
    return found


def _driven(plan: SimulationPlan, rows: Rows) -> Floats:
    total = np.zeros(len(rows))
    for name, driver in (plan.score_drivers.topics if plan.score_drivers else {}).items():
        there = mentions(rows, world.topic(name))
        total += there * (rows["valence"] > 0) * driver.praise
        total -= there * (rows["valence"] < 0) * driver.blame
    return total


def _of_segment(plan: SimulationPlan, people: Population, rows: Rows) -> Floats:
    shifts = plan.silence.shift if plan.silence else {}
    by_code = np.array([shifts.get(name, 0.0) for name in world.SEGMENTS])
    found: Floats = by_code[people.segment[rows["customer"]]]
    return found


def _of_agent(plan: SimulationPlan, rows: Rows) -> Floats:
    shifts = plan.interviewers.agents if plan.interviewers else {}
    by_code = np.array([*(shifts.get(name, 0.0) for name in world.AGENTS), 0.0])
    found: Floats = by_code[rows["agent"]]
    return found


def _begged(plan: SimulationPlan, rng: np.random.Generator, rows: Rows) -> Rows:
    begging = plan.begging
    if begging is None:
        return rows
    codes = [world.OUTLETS.index(name) for name in begging.outlets]
    full = np.isin(rows["outlet"], codes) & (rng.random(len(rows)) < begging.full)
    rows["score"][full] = 1.0
    rows["solicited"] |= full & (rng.random(len(rows)) < begging.solicited)
    return rows
