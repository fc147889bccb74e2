"""What customers say unasked: when, where, about which touchpoint and topics."""

import numpy as np

from heedful.journey.insights.facts import NONE, Ints
from heedful.journey.simulation import world
from heedful.journey.simulation.draws import chosen, chosen_by, moments, named, stream
from heedful.journey.simulation.plan import SimulationPlan
from heedful.journey.simulation.population import Population
from heedful.journey.simulation.rows import Rows, blank

SECOND = 0.35
"""Share of what is said that speaks of a second topic of the touchpoint."""


def voices(plan: SimulationPlan, people: Population) -> Rows:
    """Independent of each other, and of everything but who speaks at all."""
    rng = stream(plan.seed, "voices")
    per_day = plan.rates.voice * people.pace * people.answers
    rows = blank(*moments(rng, per_day, people.start, people.end))
    where = chosen(rng, world.SPOKEN_OF, len(rows))
    return spoken(rng, rows, where)


def spoken(rng: np.random.Generator, rows: Rows, where: Ints) -> Rows:
    """Feedback about touchpoints, on channels that customers choose whatever it is about."""
    rows["feedback"] = True
    rows["touchpoint"] = where
    rows["channel"] = named(rng, world.SAID_ON, world.CHANNELS, len(rows))
    first = chosen_by(rng, world.TOPICS_OF, where)
    second = chosen_by(rng, world.TOPICS_OF, where)
    rows["topics"][:, 0] = first
    has_second = (rng.random(len(rows)) < SECOND) & (second != first)
    rows["topics"][:, 1] = np.where(has_second, second, NONE)
    return rows
