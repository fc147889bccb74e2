"""How much is said of what: a topic that grows, one that is new, a need that surveys miss."""

import numpy as np

from heedful.journey.insights.facts import NONE, Flags, Floats
from heedful.journey.simulation import world
from heedful.journey.simulation.draws import moments, named, stream
from heedful.journey.simulation.plan import SimulationPlan
from heedful.journey.simulation.population import Population
from heedful.journey.simulation.rows import Rows, blank, mentions

SERVICE = {"call": 25, "ticket": 10, "chat": 15}
"""Channels of service records, with their weights in `world.SAID_ON`."""


def grown(plan: SimulationPlan, rows: Rows) -> Rows:
    """The voices, of which those on the growing topic are thinned before it grows."""
    volume = plan.volume
    if volume is None:
        return rows
    rng = stream(plan.seed, "volume")
    early = rows["at"] < plan.since + volume.after * plan.days
    about = mentions(rows, world.topic(volume.topic))
    kept: Rows = rows[~(early & about & (rng.random(len(rows)) >= 1 / volume.factor))]
    return kept


def in_need(plan: SimulationPlan, people: Population, rows: Rows) -> Rows:
    """Further voices in service records, so that the hidden need has its share of them."""
    need = plan.hidden_need
    if need is None:
        return rows[:0]
    codes = [world.channel(name) for name in SERVICE]
    service = rows[np.isin(rows["channel"], codes)]
    now = int(mentions(service, world.topic(need.topic)).sum())
    missing = max((need.service * len(service) - now) / (1 - need.service), 0.0)
    rng = stream(plan.seed, "hidden need")
    more = _more(rng, people, people.start, missing)
    more["touchpoint"] = world.touchpoint("delivery.handover")
    more["channel"] = named(rng, SERVICE, world.CHANNELS, len(more))
    more["topics"][:, 0] = world.topic(need.topic)
    return more


def emerging(plan: SimulationPlan, people: Population, rows: Rows) -> Rows:
    """Further voices on the new topic, since it is there."""
    new = plan.emerging
    if new is None:
        return rows[:0]
    begin = plan.since + new.after * plan.days
    late = int((rows["at"] >= begin).sum())
    rng = stream(plan.seed, "emerging")
    count = late * new.share / (1 - new.share)
    more = _more(rng, people, np.maximum(people.start, begin), count)
    more["touchpoint"] = world.touchpoint("product.use")
    more["channel"] = named(rng, world.SAID_ON, world.CHANNELS, len(more))
    more["topics"][:, 0] = world.topic(new.topic)
    return more


def asked(plan: SimulationPlan, rows: Rows) -> Rows:
    """Answers to surveys: the need is hardly in them, the new topic as everywhere."""
    rng = stream(plan.seed, "asked")
    if plan.hidden_need is not None:
        topic = world.topic(plan.hidden_need.topic)
        rows["topics"][rows["topics"] == topic] = NONE
        _set(rows, rng.random(len(rows)) < plan.hidden_need.surveys, topic)
    if plan.emerging is not None:
        late = rows["at"] >= plan.since + plan.emerging.after * plan.days
        _set(rows, late & (rng.random(len(rows)) < plan.emerging.share),
             world.topic(plan.emerging.topic))  # fmt: skip
    return rows


def _set(rows: Rows, which: Flags, topic: int) -> None:
    rows["topics"][which] = (topic, NONE, NONE)


def _more(rng: np.random.Generator, people: Population, start: Floats, count: float) -> Rows:
    """About so many voices, spread over customers as all voices are."""
    weight = people.pace * people.answers
    days = float((np.maximum(people.end - start, 0) * weight).sum())
    rows = blank(*moments(rng, weight * (count / days if days else 0.0), start, people.end))
    rows["feedback"] = True
    return rows
