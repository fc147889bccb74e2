"""When customers leave: accounts at any time, contracts at a renewal."""

import numpy as np

from heedful.journey.insights.facts import Floats
from heedful.journey.simulation import world
from heedful.journey.simulation.draws import stream
from heedful.journey.simulation.hazards import Hazards
from heedful.journey.simulation.plan import SimulationPlan
from heedful.journey.simulation.population import Population
from heedful.journey.simulation.rows import Rows, blank


def churned(plan: SimulationPlan, people: Population, hazards: Hazards) -> Floats:
    """When each customer leaves; infinity of those who do not in the period, and of those who
    never say that they do (without a contract)."""
    at = np.full(len(people), np.inf)
    who = people.on("account")
    draw = stream(plan.seed, "churn of accounts").exponential(size=len(who))
    at[who] = hazards.first(who, people.start[who], people.end[who], plan.rates.churn, draw)
    return _at_renewals(plan, people, hazards, at)


def _at_renewals(plan: SimulationPlan, people: Population, hazards: Hazards, at: Floats) -> Floats:
    rng = stream(plan.seed, "churn of contracts")
    model, who = plan.contracts, people.on("monthly")
    chance = rng.beta(model.alpha, model.beta, len(who))
    there = np.ones(len(who), dtype=np.bool_)
    for number in range(1, int(plan.days / model.period_days) + 1):
        renewal = people.start[who] + number * model.period_days
        draw = rng.random(len(who))
        # A ratio multiplies the hazard, so that it is a power of the chance to stay.
        stays = (1 - chance) ** np.exp(hazards.at(who, renewal))
        leaves = there & (renewal < people.end[who]) & (draw >= stays)
        at[who[leaves]] = renewal[leaves]
        there &= ~leaves
    return at


def departures(plan: SimulationPlan, churned_at: Floats) -> Rows:
    """The events in which customers leave."""
    who = np.flatnonzero(np.isfinite(churned_at)).astype(np.int32)
    rows = blank(who, churned_at[who])
    rows["interaction"] = world.interaction("churn")
    rows["channel"] = world.channel("app")
    rows["touchpoint"] = world.touchpoint("membership.renewal")
    return rows


def before(rows: Rows, churned_at: Floats) -> Rows:
    """What happened before its customer left."""
    found: Rows = rows[rows["at"] < churned_at[rows["customer"]]]
    return found
