"""The truth of a simulation, from its plan and from what came out of it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from heedful.journey.insights.facts import Floats, Ints
from heedful.journey.simulation import world
from heedful.journey.simulation.alignment import answers
from heedful.journey.simulation.columns import customer_ids
from heedful.journey.simulation.effects import ScoreDrivers
from heedful.journey.simulation.feelings import colours
from heedful.journey.simulation.plan import SimulationPlan
from heedful.journey.simulation.population import Population
from heedful.journey.simulation.rows import Rows, mentions
from heedful.journey.simulation.truth import (
    Change,
    HiddenNeedTruth,
    Kano,
    PlantedChain,
    ScoreDriver,
    Stratum,
    TouchpointTruth,
    Truth,
)
from heedful.journey.simulation.volume import SERVICE


def truth(
    plan: SimulationPlan,
    people: Population,
    rows: Rows,
    *,
    chains: list[PlantedChain],
    churned_at: Floats,
    gone: Ints,
    content: Ints,
    super_users: Ints,
    mean_score: Mapping[str, float],
) -> Truth:
    ids = customer_ids(len(people))
    frequencies = _frequencies(rows)
    left = np.flatnonzero(np.isfinite(churned_at))
    return Truth(
        plan=plan,
        since=plan.since,
        until=plan.until,
        events=len(rows),
        chains=chains,
        hazard_ratios=_hazard_ratios(plan),
        churned_at={ids[one]: float(churned_at[one]) for one in left},
        gone=list(ids[gone]),
        satisfied_but_leaving=list(ids[content]),
        score_drivers=_score_drivers(plan.score_drivers),
        peak_weight=plan.peak_end.peak if plan.peak_end else 0.0,
        end_weight=plan.peak_end.end if plan.peak_end else 0.0,
        touchpoints=_touchpoints(rows),
        kpi_green_voice_red=list(plan.operations.touchpoints) if plan.operations else [],
        hidden_need=_hidden_need(plan, rows),
        segments=_segments(plan, people),
        mean_score=dict(mean_score),
        begging_outlets=list(plan.begging.outlets) if plan.begging else [],
        interviewers=plan.interviewers.agents if plan.interviewers else {},
        super_users=list(ids[super_users]),
        changes=_changes(plan),
        employees_oftener=plan.employees.oftener if plan.employees else {},
        answers=answers(plan, list(frequencies)),
        beliefs=_beliefs(plan, list(frequencies)),
        frequencies=frequencies,
    )


def _hazard_ratios(plan: SimulationPlan) -> dict[str, float]:
    drivers = plan.churn_drivers
    if drivers is None:
        return {}
    topics = {f"topic:{topic}": ratio for topic, ratio in drivers.topics.items()}
    return {**topics, "red": drivers.red, "wait": drivers.wait}


def _score_drivers(drivers: ScoreDrivers | None) -> dict[str, ScoreDriver]:
    found = {}
    for topic, driver in (drivers.topics if drivers else {}).items():
        one_sided = Kano.MUST_BE if driver.blame else Kano.ATTRACTIVE
        kano = Kano.PERFORMANCE if driver.praise and driver.blame else one_sided
        found[topic] = ScoreDriver(praise=driver.praise, blame=driver.blame, kano=kano)
    return found


def _touchpoints(rows: Rows) -> dict[str, TouchpointTruth]:
    said = rows[rows["feedback"] & (rows["channel"] != world.channel("employee"))]
    colour = colours(said["valence"])
    found = {}
    for code, name in enumerate(world.TOUCHPOINTS):
        here = colour[said["touchpoint"] == code]
        found[name] = TouchpointTruth(
            red=_mean(here == world.COLOURS.index("red")),
            green=_mean(here == world.COLOURS.index("green")),
        )
    return found


def _hidden_need(plan: SimulationPlan, rows: Rows) -> HiddenNeedTruth | None:
    need = plan.hidden_need
    if need is None:
        return None
    said = rows[rows["feedback"]]
    about = mentions(said, world.topic(need.topic))
    service = np.isin(said["channel"], [world.channel(name) for name in SERVICE])
    surveys = said["channel"] == world.channel("survey")
    return HiddenNeedTruth(
        topic=need.topic,
        service=_mean(about[service]),
        surveys=_mean(about[surveys]),
        estimate=need.estimate,
    )


def _mean(found: Any) -> float:
    return float(found.mean()) if len(found) else 0.0


def _segments(plan: SimulationPlan, people: Population) -> dict[str, Stratum]:
    counts = np.bincount(people.segment, minlength=len(world.SEGMENTS))
    answering = plan.silence.answers if plan.silence else {}
    return {
        name: Stratum(share=count / len(people), answers=answering.get(name, 1.0))
        for name, count in zip(world.SEGMENTS, counts.tolist(), strict=True)
    }


def _changes(plan: SimulationPlan) -> list[Change]:
    found = []
    if new := plan.emerging:
        found.append(Change(at=plan.since + new.after * plan.days, topic=new.topic))
    if more := plan.volume:
        at = plan.since + more.after * plan.days
        found.append(Change(at=at, factor=more.factor, topic=more.topic))
    if shift := plan.perceptions:
        at = plan.since + shift.after * plan.days
        found.append(
            Change(
                at=at,
                factor=shift.factor,
                touchpoint=shift.touchpoint,
                perception=shift.perception,
            )
        )
    return found


def _frequencies(rows: Rows) -> dict[str, int]:
    said = rows["topics"][rows["feedback"] & (rows["channel"] != world.channel("employee"))]
    counts = np.bincount(said[said >= 0], minlength=len(world.TOPICS))
    order = np.argsort(-counts, kind="stable")
    return {world.TOPICS[place]: int(counts[place]) for place in order if counts[place]}


def _beliefs(plan: SimulationPlan, topics: Sequence[str]) -> list[str]:
    """Those of customers, but the hidden need comes last, of which nobody in the house thinks."""
    need = plan.hidden_need.topic if plan.hidden_need else None
    others = [topic for topic in topics if topic != need]
    return others if need is None or need not in topics else [*others, need]
