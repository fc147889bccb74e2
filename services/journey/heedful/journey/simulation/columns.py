"""From rows of all mechanisms to `Facts`: customer by customer, each by time."""

import numpy as np

from heedful.journey.insights.facts import NONE, Coded, Facts, Flags, Ints, Many, Objects
from heedful.journey.simulation import world
from heedful.journey.simulation.feelings import colours
from heedful.journey.simulation.plan import SimulationPlan
from heedful.journey.simulation.population import Population
from heedful.journey.simulation.rows import Rows

SOURCE = "simulation"
_CONTACT = world.interaction("contact")
_CAMPAIGN = world.interaction("campaign")


def facts(plan: SimulationPlan, people: Population, rows: Rows) -> Facts:
    rows = rows[np.lexsort((rows["at"], rows["customer"]))]
    who = rows["customer"]
    feedback = rows["feedback"]
    colour = np.where(feedback, colours(rows["valence"]), NONE)
    departments = np.append(world.DEPARTMENT_OF, NONE)[rows["touchpoint"]]
    names = [f"{'f' if said else 'i'}{n:07}" for n, said in enumerate(feedback.tolist(), 1)]
    return Facts(
        since=plan.since,
        until=plan.until,
        customers=customer_ids(len(people)),
        customer=who.astype(np.int32),
        at=np.ascontiguousarray(rows["at"]),
        feedback=np.ascontiguousarray(feedback),
        interaction=_coded(rows["interaction"], world.INTERACTIONS),
        outbound=rows["interaction"] == _CAMPAIGN,
        channel=_coded(rows["channel"], world.CHANNELS),
        touchpoint=_coded(rows["touchpoint"], world.TOUCHPOINTS),
        department=_coded(departments, world.DEPARTMENTS),
        topics=_many(rows["topics"], world.TOPICS),
        colour=_coded(colour, world.COLOURS),
        valence=np.ascontiguousarray(rows["valence"]),
        score=np.ascontiguousarray(rows["score"]),
        score_kind=_coded(rows["score_kind"], world.SCORE_KINDS),
        perceptions=_many(rows["perception"][:, None], world.PERCEPTIONS),
        leaving=np.ascontiguousarray(rows["leaving"]),
        solicited=np.ascontiguousarray(rows["solicited"]),
        amount=np.ascontiguousarray(rows["amount"]),
        duration_s=np.ascontiguousarray(rows["duration_s"]),
        attributes={
            "segment": Coded(people.segment[who], tuple(world.SEGMENTS)),
            "region": Coded(people.region[who], tuple(world.REGIONS)),
            "plan": Coded(people.plan[who], world.PLANS),
            "consent": Coded(people.consent[who], world.CONSENT),
            "outlet": _coded(rows["outlet"], world.OUTLETS),
            "agent": _coded(np.where(feedback, NONE, rows["agent"]), world.AGENTS),
            "interviewer": _coded(np.where(feedback, rows["agent"], NONE), world.AGENTS),
            "reported_by": _coded(rows["reporter"], world.REPORTERS),
            "resolved": _coded(
                np.where(rows["interaction"] == _CONTACT, rows["resolved"], NONE),
                ("false", "true"),
            ),
            "helpful": _votes(rows["helpful"], feedback),
        },
        sources=np.full(len(rows), SOURCE, dtype=object),
        ids=np.array(names, dtype=object),
    )


def customer_ids(count: int) -> Objects:
    return np.array([f"c{number:06}" for number in range(1, count + 1)], dtype=object)


def _coded(codes: Ints, names: tuple[str, ...]) -> Coded:
    return Coded(codes.astype(np.int32), names)


def _many(codes: Ints, names: tuple[str, ...]) -> Many:
    said = codes != NONE
    starts = np.concatenate([[0], np.cumsum(said.sum(axis=1))]).astype(np.int32)
    return Many(starts, codes[said].astype(np.int32), names)


def _votes(helpful: Ints, feedback: Flags) -> Coded:
    """How many found it helpful, in words, as an attribute has it; nothing for none."""
    voted = np.where(feedback, helpful, 0)
    return Coded(
        np.where(voted > 0, voted - 1, NONE).astype(np.int32),
        tuple(str(votes) for votes in range(1, int(voted.max(initial=0)) + 1)),
    )
