"""What happens besides words and money: visits with their waits, contacts, campaigns."""

import numpy as np

from heedful.journey.simulation import world
from heedful.journey.simulation.draws import chosen, moments, stream
from heedful.journey.simulation.plan import SimulationPlan
from heedful.journey.simulation.population import Population
from heedful.journey.simulation.rows import Rows, blank

VISIT_S, VISIT_SPREAD = 900.0, 0.7
CONTACT_S, CONTACT_SPREAD = 240.0, 0.6
"""Medians in seconds and standard deviations of the logarithm."""
HANDLED_SPREAD = 0.3
RESOLVED = 0.9
"""Share of contacts that are closed as resolved."""
ELSEWHERE = 0.2
"""Share of visits to another outlet than one's own."""
CONTACTED = {"callcentre.inbound": 6, "aftersales.refund": 2, "delivery.handover": 2}


def visits(plan: SimulationPlan, people: Population) -> Rows:
    rng = stream(plan.seed, "visits")
    rows = blank(*moments(rng, plan.rates.visit * people.pace, people.start, people.end))
    rows["interaction"] = world.interaction("visit")
    rows["channel"] = world.channel("store")
    rows["touchpoint"] = world.touchpoint("store.visit")
    strange = rng.random(len(rows)) < ELSEWHERE
    anywhere = rng.integers(0, len(world.OUTLETS), len(rows))
    rows["outlet"] = np.where(strange, anywhere, people.outlet[rows["customer"]])
    rows["duration_s"] = VISIT_S * np.exp(VISIT_SPREAD * rng.standard_normal(len(rows)))
    return rows


def contacts(plan: SimulationPlan, people: Population) -> Rows:
    """Contacts with the handling time that operations see; quick where that is planted."""
    rng = stream(plan.seed, "contacts")
    rows = blank(*moments(rng, plan.rates.contact * people.pace, people.start, people.end))
    rows["interaction"] = world.interaction("contact")
    rows["channel"] = world.channel("call")
    codes = np.array([world.touchpoint(name) for name in CONTACTED])
    rows["touchpoint"] = codes[chosen(rng, list(CONTACTED.values()), len(rows))]
    rows["agent"] = rng.integers(0, len(world.AGENTS), len(rows))
    rows["resolved"] = rng.random(len(rows)) < RESOLVED
    noise = rng.standard_normal(len(rows))
    rows["duration_s"] = CONTACT_S * np.exp(CONTACT_SPREAD * noise)
    if plan.operations is not None:
        quick = np.isin(
            rows["touchpoint"], [world.touchpoint(name) for name in plan.operations.touchpoints]
        )
        handled = plan.operations.handling_s * np.exp(HANDLED_SPREAD * noise)
        rows["duration_s"] = np.where(quick, handled, rows["duration_s"])
    return rows


def campaigns(plan: SimulationPlan, people: Population) -> Rows:
    rng = stream(plan.seed, "campaigns")
    rows = blank(*moments(rng, plan.rates.campaign, people.start, people.end))
    rows["interaction"] = world.interaction("campaign")
    rows["channel"] = world.channel("app")
    rows["touchpoint"] = world.touchpoint("marketing.campaign")
    return rows
