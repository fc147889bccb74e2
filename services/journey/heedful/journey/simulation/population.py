"""Who there is: segment, region, plan, outlet, and from when to when."""

from dataclasses import dataclass

import numpy as np

from heedful.journey.insights.facts import Floats, Ints
from heedful.journey.simulation import world
from heedful.journey.simulation.draws import chosen, named, stream
from heedful.journey.simulation.plan import SimulationPlan

_CONSENT = (0.4, 0.5, 0.1)
"""Shares who never said whether they may be asked, who may and who may not."""


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """One entry a customer.

    Attributes:
        start: their first day.
        pace: times as active as the mean.
        answers: times as likely to say or answer something.
    """

    segment: Ints
    region: Ints
    plan: Ints
    outlet: Ints
    consent: Ints
    start: Floats
    end: Floats
    pace: Floats
    answers: Floats

    def __len__(self) -> int:
        return len(self.segment)

    def on(self, plan: str) -> Ints:
        """Who is on a plan."""
        return np.flatnonzero(self.plan == world.PLANS.index(plan)).astype(np.int32)


def population(plan: SimulationPlan) -> Population:
    rng = stream(plan.seed, "population")
    count = plan.customers
    segment = named(rng, world.SEGMENTS, tuple(world.SEGMENTS), count)
    answers = np.ones(count)
    for name, left in (plan.silence.answers if plan.silence else {}).items():
        answers[segment == tuple(world.SEGMENTS).index(name)] = left
    return Population(
        segment=segment,
        region=named(rng, world.REGIONS, tuple(world.REGIONS), count),
        plan=chosen(rng, plan.plans, count),
        outlet=rng.integers(0, len(world.OUTLETS), count, dtype=np.int32),
        consent=chosen(rng, _CONSENT, count) - 1,
        start=plan.since + rng.random(count) * plan.days * plan.arrivals,
        end=np.full(count, plan.until),
        pace=_pace(plan, count),
        answers=answers,
    )


def _pace(plan: SimulationPlan, count: int) -> Floats:
    if plan.talkativeness is None:
        return np.ones(count)
    shape = plan.talkativeness.shape
    return stream(plan.seed, "pace").gamma(shape, 1 / shape, count)
