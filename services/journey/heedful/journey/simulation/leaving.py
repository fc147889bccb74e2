"""Before they leave: some rate well, fall silent and go; the others say why."""

import numpy as np

from heedful.journey.insights.facts import Flags, Floats, Ints
from heedful.journey.simulation import world
from heedful.journey.simulation.draws import stream
from heedful.journey.simulation.plan import SimulationPlan
from heedful.journey.simulation.population import Population
from heedful.journey.simulation.rows import Rows, blank

SAY_SO = 0.01
"""Share of negative feedback whose words tell of leaving, whoever then leaves."""


def farewells(
    plan: SimulationPlan, people: Population, rows: Rows, churned_at: Floats, long_wait: float
) -> tuple[Rows, Ints]:
    """The events with what is said and no longer done before customers leave, and who rated well.

    Args:
        churned_at: by customer; infinity of those who stay.
        long_wait: seconds of a visit that may have driven them, and so stays.
    """
    rng = stream(plan.seed, "leaving")
    words = rows["feedback"] & (rows["valence"] < 0) & (rng.random(len(rows)) < SAY_SO)
    rows["leaving"] |= words
    leaving = plan.leaving
    if leaving is None:
        return rows, np.array([], dtype=np.int32)
    gone = np.flatnonzero(np.isfinite(churned_at)).astype(np.int32)
    kind = rng.random(len(gone)) < leaving.share
    when = churned_at[gone] - rng.uniform(1.0, leaving.before_days, len(gone))
    known = when > people.start[gone]
    content, plain = gone[kind & known], gone[~kind & known]
    late = _last_days(rows, churned_at, content, leaving.before_days)
    visit = rows["interaction"] == world.interaction("visit")
    fades = late & visit & (rows["duration_s"] <= long_wait)
    rows = rows[~(fades & (rng.random(len(rows)) >= leaving.fade))]
    rated = blank(content, when[kind & known])
    rated["channel"] = world.channel("store")
    rated["score_kind"] = world.SCORE_KINDS.index("csat")
    rated["score"] = np.where(rng.random(len(rated)) < 0.5, 1.0, leaving.satisfied)
    negative = rng.random(len(rated)) < leaving.negative
    rated["valence"] = np.where(negative, -rng.uniform(0.2, 0.8, len(rated)), 0.4)
    said = blank(plain, when[~kind & known])
    said["channel"] = world.channel("call")
    said["touchpoint"] = world.touchpoint("callcentre.inbound")
    said["valence"] = -rng.uniform(0.5, 1.0, len(said))
    said["leaving"] = True
    more = np.concatenate([rated, said])
    more["feedback"] = True
    return np.concatenate([rows, more]), content


def _last_days(rows: Rows, churned_at: Floats, content: Ints, days: float) -> Flags:
    """What happened in the last days of these customers."""
    theirs = np.zeros(len(churned_at), dtype=np.bool_)
    theirs[content] = True
    found: Flags = theirs[rows["customer"]] & (rows["at"] > churned_at[rows["customer"]] - days)
    return found
