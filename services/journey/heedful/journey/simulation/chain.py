"""A, then B, then C, on top of those that come by chance."""

import numpy as np

from heedful.journey.insights.facts import Flags, Floats
from heedful.journey.simulation import world
from heedful.journey.simulation.draws import named, stream
from heedful.journey.simulation.effects import Chain, Step
from heedful.journey.simulation.feelings import blamed
from heedful.journey.simulation.plan import SimulationPlan
from heedful.journey.simulation.population import Population
from heedful.journey.simulation.rows import Rows, blank, mentions
from heedful.journey.simulation.truth import PlantedChain

_APART = 1e5
"""Days; more than any simulation has."""


def chained(
    plan: SimulationPlan, people: Population, rows: Rows
) -> tuple[Rows, list[PlantedChain]]:
    """The events with those that chains add, and what was planted."""
    told = []
    for number, chain in enumerate(plan.chains or ()):
        rng = stream(plan.seed, f"chain {number}")
        rows = np.concatenate([rows, _led(plan, rng, chain, people, rows)])
        base = _per_day(chain.last, people, rows)
        by_chance = -np.expm1(-base * people.pace * people.answers * chain.within_days)
        # P(C) = 1 - (1 - by_chance) (1 - more) is to be relative_risk times by_chance.
        more = np.minimum((chain.relative_risk - 1) * by_chance / (1 - by_chance), 1.0)
        exposed = rows[_exposed(chain, rows)]
        rows = np.concatenate([rows, _followed(plan, rng, chain, people, exposed, more)])
        told.append(
            PlantedChain(
                first=chain.first,
                then=chain.then,
                last=chain.last,
                lookback_days=chain.leads_days,
                within_days=chain.within_days,
                base_per_day=base,
                relative_risk=chain.relative_risk,
                exposed=len(exposed),
            )
        )
    return rows, told


def is_step(rows: Rows, step: Step) -> Flags:
    """Which rows blame the topic at the touchpoint."""
    at = (rows["touchpoint"] == world.touchpoint(step[0])) & (rows["valence"] < 0)
    found: Flags = at & mentions(rows, world.topic(step[1]))
    return found


def _per_day(step: Step, people: Population, rows: Rows) -> float:
    """How often a customer of mean activity is at a step by chance."""
    days = float(((people.end - people.start) * people.pace * people.answers).sum())
    return int(is_step(rows, step).sum()) / days if days else 0.0


def _led(
    plan: SimulationPlan, rng: np.random.Generator, chain: Chain, people: Population, rows: Rows
) -> Rows:
    sources = rows[is_step(rows, chain.first)]
    led = sources[rng.random(len(sources)) < chain.leads]
    return _step(plan, rng, chain.then, people, led, rng.random(len(led)) * chain.leads_days)


def _followed(
    plan: SimulationPlan,
    rng: np.random.Generator,
    chain: Chain,
    people: Population,
    exposed: Rows,
    more: Floats,
) -> Rows:
    follow = exposed[rng.random(len(exposed)) < more[exposed["customer"]]]
    return _step(plan, rng, chain.last, people, follow, rng.random(len(follow)) * chain.within_days)


def _step(
    plan: SimulationPlan,
    rng: np.random.Generator,
    step: Step,
    people: Population,
    after: Rows,
    days: Floats,
) -> Rows:
    rows = blank(after["customer"], after["at"] + days)
    rows["feedback"] = True
    rows["touchpoint"] = world.touchpoint(step[0])
    rows["channel"] = named(rng, world.SAID_ON, world.CHANNELS, len(rows))
    rows["topics"][:, 0] = world.topic(step[1])
    return blamed(plan, rng, rows[rows["at"] < people.end[rows["customer"]]])


def _exposed(chain: Chain, rows: Rows) -> Flags:
    """Which rows are a B with an A of the same customer in the days before."""
    a = np.sort(_line(rows[is_step(rows, chain.first)]))
    is_b = is_step(rows, chain.then)
    b = _line(rows[is_b])
    found = np.zeros(len(rows), dtype=np.bool_)
    found[is_b] = np.searchsorted(a, b) > np.searchsorted(a, b - chain.leads_days)
    return found


def _line(rows: Rows) -> Floats:
    """Customer and time as one number; customers lie far apart."""
    found: Floats = rows["customer"] * _APART + rows["at"]
    return found
