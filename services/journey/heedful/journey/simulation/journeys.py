"""Journeys: some moments within days of each other, and a score of the whole at the end."""

import numpy as np

from heedful.journey.insights.facts import Floats, Ints
from heedful.journey.simulation import world
from heedful.journey.simulation.draws import chosen, moments, stream
from heedful.journey.simulation.feelings import felt
from heedful.journey.simulation.plan import SimulationPlan
from heedful.journey.simulation.population import Population
from heedful.journey.simulation.rows import Rows, blank
from heedful.journey.simulation.scores import on_scale

FEWEST, MOST = 3, 6
APART_DAYS = 0.8
"""Mean time between two moments of a journey, and from the last to the score."""
START, SPREAD = 0.6, 0.1


def journeys(plan: SimulationPlan, people: Population) -> Rows:
    """Moments with a valence, said on the spot about no topic, each journey with a score."""
    rng = stream(plan.seed, "journeys")
    who, begin = moments(rng, plan.rates.journey * people.pace, people.start, people.end)
    counts = rng.integers(FEWEST, MOST + 1, len(who))
    gaps = rng.exponential(APART_DAYS, (len(who), MOST))
    at = begin[:, None] + np.cumsum(gaps, axis=1)
    taken = np.arange(MOST) < counts[:, None]
    said = _moments(plan, rng, np.repeat(who, counts), at[taken])
    valence = np.zeros((len(who), MOST))
    valence[taken] = said["valence"]
    last = np.arange(len(who)), counts - 1
    scores = blank(who, at[last] + rng.exponential(APART_DAYS, len(who)))
    scores["feedback"] = True
    scores["channel"] = world.channel("store")
    scores["score_kind"] = world.SCORE_KINDS.index("csat")
    total = START + SPREAD * rng.standard_normal(len(who))
    if plan.peak_end is not None:
        total += plan.peak_end.peak * peaks(valence) + plan.peak_end.end * valence[last]
    scores["score"] = on_scale(scores, total)
    rows = np.concatenate([said, scores])
    within: Rows = rows[rows["at"] < plan.until]
    return within


def peaks(valence: Floats) -> Floats:
    """The most intense valence of each row, with its sign."""
    place = np.abs(valence).argmax(axis=1)
    found: Floats = valence[np.arange(len(valence)), place]
    return found


def _moments(plan: SimulationPlan, rng: np.random.Generator, who: Ints, at: Floats) -> Rows:
    rows = blank(who, at)
    rows["feedback"] = True
    rows["channel"] = world.channel("store")
    rows["touchpoint"] = chosen(rng, world.SPOKEN_OF, len(rows))
    return felt(plan, rows, "feelings of journeys")
