"""How what is said is felt: valence by touchpoint, and the word for it."""

import numpy as np

from heedful.journey.insights.facts import Floats, Ints
from heedful.journey.simulation import world
from heedful.journey.simulation.draws import chosen_by, stream
from heedful.journey.simulation.plan import SimulationPlan
from heedful.journey.simulation.rows import Rows

NEGATIVE = POSITIVE = 0.3
FAINT, INTENSE, UTMOST = 0.2, 0.5, 1.0
"""A valence is 0 or from FAINT evenly up to UTMOST; from INTENSE on it is red or green."""

WORDS: Floats = np.array([[0.02, 0.10, 0.02, 0.12], [0.12, 0.02, 0.12, 0.02]])
"""Share of delight, disappointment, ease, hassle: row 0 of negative mentions, 1 of others."""


def felt(plan: SimulationPlan, rows: Rows, name: str) -> Rows:
    """Feedback with its valences and perceptions.

    Args:
        name: of the stream that they are drawn from.
    """
    rng = stream(plan.seed, name)
    shares = signs(plan)[rows["touchpoint"]]
    sign = (rng.random(len(rows))[:, None] >= np.cumsum(shares, axis=1)).sum(axis=1) - 1
    rows["valence"] = sign * rng.uniform(FAINT, UTMOST, len(rows))
    rows["perception"] = _words(plan, rng, rows)
    return rows


def blamed(plan: SimulationPlan, rng: np.random.Generator, rows: Rows) -> Rows:
    """Feedback all of which is negative."""
    rows["valence"] = -rng.uniform(FAINT, UTMOST, len(rows))
    rows["perception"] = _words(plan, rng, rows)
    return rows


def signs(plan: SimulationPlan) -> Floats:
    """Shares of negative and neutral mentions of each touchpoint; the rest is positive.

    One more row, the last, is for what is said of no touchpoint.
    """
    shares = np.tile([NEGATIVE, 1 - NEGATIVE - POSITIVE], (len(world.TOUCHPOINTS) + 1, 1))
    for name, feeling in (plan.touchpoints.felt if plan.touchpoints else {}).items():
        shares[world.touchpoint(name)] = (
            feeling.negative,
            1 - feeling.negative - feeling.positive,
        )
    return shares


def colours(valence: Floats) -> Ints:
    """Codes of `world.COLOURS`: red and amber of blame, green of intense praise, else grey."""
    red, amber, green, grey = (
        world.COLOURS.index(name) for name in ("red", "amber", "green", "grey")
    )
    praised = np.where(valence >= INTENSE, green, grey)
    blamed = np.where(valence <= -INTENSE, red, amber)
    found: Ints = np.where(valence < 0, blamed, praised).astype(np.int32)
    return found


def word_shares(plan: SimulationPlan, rows: Rows) -> Floats:
    """Of each row, the shares of the four words and of none."""
    shares = WORDS[(rows["valence"] >= 0).astype(int)].copy()
    shift = plan.perceptions
    if shift is not None:
        late = rows["at"] >= plan.since + shift.after * plan.days
        there = rows["touchpoint"] == world.touchpoint(shift.touchpoint)
        shares[late & there, world.PERCEPTIONS.index(shift.perception)] *= shift.factor
    return np.hstack([shares, 1 - shares.sum(axis=1, keepdims=True)])


def _words(plan: SimulationPlan, rng: np.random.Generator, rows: Rows) -> Floats:
    shares = word_shares(plan, rows)
    drawn = chosen_by(rng, shares, np.arange(len(rows), dtype=np.int32))
    none = len(world.PERCEPTIONS)
    return np.where(drawn == none, -1, drawn)
