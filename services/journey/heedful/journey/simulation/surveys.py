"""Who was asked for a score, and about what: the relation as a whole, or a visit."""

import numpy as np

from heedful.journey.simulation import world
from heedful.journey.simulation.draws import moments, stream
from heedful.journey.simulation.plan import SimulationPlan
from heedful.journey.simulation.population import Population
from heedful.journey.simulation.rows import Rows, blank
from heedful.journey.simulation.volume import asked

BY_PHONE = 0.5
"""Share of relation surveys that an agent asks."""


def surveys(plan: SimulationPlan, people: Population, seen: Rows, pool: Rows) -> Rows:
    """Answers, whose topics are those of what is said unasked.

    Args:
        seen: visits, after which customers may be asked, and contacts.
        pool: voices; an answer speaks of what one of them does.
    """
    rng = stream(plan.seed, "surveys")
    per_day = plan.rates.relation_survey * people.pace * people.answers
    relation = blank(*moments(rng, per_day, people.start, people.end))
    relation["score_kind"] = world.SCORE_KINDS.index("nps")
    by_phone = rng.random(len(relation)) < BY_PHONE
    agents = rng.integers(0, len(world.AGENTS), len(relation))
    relation["agent"] = np.where(by_phone, agents, -1)

    visits = seen[seen["interaction"] == world.interaction("visit")]
    answers = plan.rates.visit_survey * people.answers[visits["customer"]]
    visited = visits[rng.random(len(visits)) < answers]
    of_visit = blank(visited["customer"], visited["at"] + rng.random(len(visited)))
    of_visit["score_kind"] = world.SCORE_KINDS.index("csat")
    of_visit["outlet"] = visited["outlet"]
    rows = np.concatenate([relation, of_visit])
    return about(plan, rng, rows[rows["at"] < plan.until], pool)


def about(plan: SimulationPlan, rng: np.random.Generator, rows: Rows, pool: Rows) -> Rows:
    """Answers that each speak of what a voice of the pool does."""
    rows["feedback"] = True
    rows["channel"] = world.channel("survey")
    if len(pool):
        like = pool[rng.integers(0, len(pool), len(rows))]
        rows["touchpoint"], rows["topics"] = like["touchpoint"], like["topics"]
    return asked(plan, rows)
