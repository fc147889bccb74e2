"""Whether scores depend on who asked. Pure."""

from dataclasses import dataclass

import numpy as np

from heedful.journey.insights.facts import NONE, Facts, Flags, Floats, Ints
from heedful.journey.insights.score_begging.signs import Scores
from heedful.journey.insights.statistics.intraclass import Intraclass, intraclass
from heedful.journey.insights.statistics.outliers import Scatter, scatter

_LEAST_UNITS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Interviewers:
    """By interviewer, of those with enough scores.

    Attributes:
        effect: how much higher the scores are that they got than those of their outlets.
        p: two-sided, of lying outside of how interviewers scatter.
    """

    names: tuple[str, ...]
    n: Ints
    effect: Scatter
    p: Floats
    icc: Intraclass | None


def interviewers(facts: Facts, found: Scores, key: str, at_least: int) -> Interviewers | None:
    """Within outlets, so that a good outlet is no credit to who asks there; None of too few.

    Args:
        found: scores, whose unit is the outlet.
        key: the attribute that names the interviewer.
    """
    told = facts.attribute(key)
    who = told.codes[found.event]
    asked: Flags = who != NONE
    who, score, outlet = who[asked], found.score[asked], found.unit[asked]
    if not len(who):
        return None
    within = score - (_means(outlet, score)[outlet] - score.mean())
    counts = np.bincount(who, minlength=len(told.names))
    enough = np.flatnonzero(counts >= at_least)
    if len(enough) < _LEAST_UNITS:
        return None
    inside = np.isin(who, enough)
    residual = within - _means(who, within)[who]
    freedom = max(len(who) - int(np.count_nonzero(counts)), 1)
    error = np.sqrt(float((residual**2).sum()) / freedom / counts[enough])
    effect = scatter(_means(who, within)[enough] - score.mean(), np.maximum(error, 1e-12))
    return Interviewers(
        names=tuple(told.names[one] for one in enough),
        n=counts[enough].astype(np.int32),
        effect=effect,
        p=2 * np.minimum(effect.above, effect.below),
        icc=intraclass(within[inside], np.searchsorted(enough, who[inside]).astype(np.int32)),
    )


def _means(group: Ints, values: Floats) -> Floats:
    counts = np.bincount(group)
    found: Floats = np.bincount(group, weights=values) / np.maximum(counts, 1)
    return found
