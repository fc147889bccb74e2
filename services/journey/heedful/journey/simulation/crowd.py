"""Super users, who say much and help others, and what employees note."""

import numpy as np

from heedful.journey.insights.facts import NONE, Ints
from heedful.journey.simulation import world
from heedful.journey.simulation.draws import chosen, moments, named, stream
from heedful.journey.simulation.feelings import felt
from heedful.journey.simulation.plan import SimulationPlan
from heedful.journey.simulation.population import Population
from heedful.journey.simulation.rows import Rows, blank
from heedful.journey.simulation.voices import spoken

HELPFUL = 0.3
"""Mean votes for what anybody says in public."""
PUBLIC = {"review": 40, "social": 30, "app": 30}
NOTES_PER_DAY = 0.0006
"""What employees note, for each customer."""


def super_users(plan: SimulationPlan, people: Population) -> tuple[Rows, Ints]:
    """What super users say on top of what all say, and who they are."""
    effect = plan.super_users
    if effect is None:
        return blank(np.array([], dtype=np.int32), np.array([])), np.array([], dtype=np.int32)
    rng = stream(plan.seed, "super users")
    # Somebody who closes an account soon would not be found as one.
    from_these = people.on("none")
    count = min(round(effect.share * len(people)), len(from_these))
    who = np.sort(rng.choice(from_these, count, replace=False)).astype(np.int32)
    owner, at = moments(rng, effect.per_day, people.start[who], people.end[who])
    rows = blank(who[owner], at)
    rows = spoken(rng, rows, chosen(rng, world.SPOKEN_OF, len(rows)))
    rows["channel"] = named(rng, PUBLIC, world.CHANNELS, len(rows))
    third = rng.integers(0, len(world.TOPICS) - 1, len(rows))
    new = (rows["topics"] != third[:, None]).all(axis=1)
    rows["topics"][:, 2] = np.where(new & (rows["topics"][:, 1] != NONE), third, NONE)
    rows["helpful"] = rng.poisson(effect.helpful, len(rows))
    return felt(plan, rows, "feelings of super users"), who


def helped(plan: SimulationPlan, rows: Rows) -> Rows:
    """Votes for what everybody says in public."""
    rng = stream(plan.seed, "helpful")
    public = np.isin(rows["channel"], [world.channel(name) for name in PUBLIC])
    votes = rng.poisson(HELPFUL, len(rows))
    rows["helpful"] = np.where(public & rows["feedback"], votes, 0)
    return rows


def notes(plan: SimulationPlan, people: Population, pool: Rows) -> Rows:
    """Notes of employees on what customers say, of the pool; on some topics oftener than they."""
    rng = stream(plan.seed, "notes")
    rows = blank(*moments(rng, NOTES_PER_DAY, people.start, people.end))
    rows["feedback"] = True
    rows["channel"] = world.channel("employee")
    rows["outlet"] = people.outlet[rows["customer"]]
    rows["reporter"] = rng.integers(0, len(world.REPORTERS), len(rows))
    if not len(pool):
        return rows
    weights = np.ones(len(pool))
    for name, times in (plan.employees.oftener if plan.employees else {}).items():
        weights[pool["topics"][:, 0] == world.topic(name)] = times
    like = pool[chosen(rng, weights, len(rows))]
    rows["touchpoint"], rows["topics"] = like["touchpoint"], like["topics"]
    return felt(plan, rows, "feelings of employees")
