"""A plan is simulated: mechanism by mechanism, each on what the ones before it made."""

from dataclasses import dataclass

import numpy as np

from heedful.journey.insights.facts import Facts
from heedful.journey.simulation.chain import chained
from heedful.journey.simulation.churn import before, churned, departures
from heedful.journey.simulation.columns import facts
from heedful.journey.simulation.crowd import helped, notes, super_users
from heedful.journey.simulation.feelings import felt
from heedful.journey.simulation.hazards import hazards, long_wait_s
from heedful.journey.simulation.interactions import campaigns, contacts, visits
from heedful.journey.simulation.journeys import journeys
from heedful.journey.simulation.leaving import farewells
from heedful.journey.simulation.money import fees, orders, top_ups
from heedful.journey.simulation.plan import SimulationPlan
from heedful.journey.simulation.population import population
from heedful.journey.simulation.scores import population_mean, scored
from heedful.journey.simulation.surveys import surveys
from heedful.journey.simulation.telling import truth
from heedful.journey.simulation.truth import Truth
from heedful.journey.simulation.voices import voices
from heedful.journey.simulation.volume import emerging, grown, in_need


@dataclass(frozen=True, slots=True, eq=False)
class Simulated:
    facts: Facts
    truth: Truth


def simulate(plan: SimulationPlan) -> Simulated:
    """The same for the same plan, on every machine with the same numpy."""
    people = population(plan)
    spoken = felt(plan, grown(plan, voices(plan, people)), "feelings of voices")
    spoken, chains = chained(plan, people, spoken)
    seen = np.concatenate([visits(plan, people), contacts(plan, people)])
    more = np.concatenate([in_need(plan, people, spoken), emerging(plan, people, spoken)])
    said = helped(plan, np.concatenate([spoken, felt(plan, more, "feelings of more")]))
    devoted, who_devoted = super_users(plan, people)
    answers = felt(plan, surveys(plan, people, seen, pool=spoken), "feelings of surveys")
    rows = np.concatenate(
        [said, devoted, scored(plan, people, answers, "scores"), journeys(plan, people), seen]
    )

    churned_at = churned(plan, people, hazards(plan.churn_drivers, plan.since, rows))
    bought, gone = orders(plan, people)
    paid = np.concatenate([bought, top_ups(plan, people), fees(plan, people)])
    noted = notes(plan, people, pool=rows[rows["feedback"]])
    rows = before(np.concatenate([rows, campaigns(plan, people), paid, noted]), churned_at)
    rows, content = farewells(plan, people, rows, churned_at, long_wait_s(plan.churn_drivers, seen))
    rows = np.concatenate([rows, departures(plan, churned_at)])
    return Simulated(
        facts(plan, people, rows),
        truth(
            plan,
            people,
            rows,
            chains=chains,
            churned_at=churned_at,
            gone=gone,
            content=content,
            super_users=who_devoted,
            mean_score={
                kind: population_mean(plan, people, spoken, kind) for kind in ("nps", "csat")
            },
        ),
    )
