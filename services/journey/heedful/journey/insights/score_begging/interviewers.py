"""Whether scores depend on who asked. Pure."""

from dataclasses import dataclass

import numpy as np

from heedful.journey.insights.facts import Facts, Floats, Ints
from heedful.journey.insights.score_begging.signs import Scores
from heedful.journey.insights.statistics.intraclass import Intraclass, intraclass
from heedful.journey.insights.statistics.outliers import Scatter, scatter

_LEAST_UNITS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Interviewers:
    """By interviewer, of those with enough scores.

    Attributes:
        effect: how much higher the scores are that they got than others of that outlet and kind.
        p: two-sided, of lying outside of how interviewers scatter.
    """

    names: tuple[str, ...]
    n: Ints
    effect: Scatter
    p: Floats
    icc: Intraclass | None


def interviewers(facts: Facts, found: Scores, outlet: str, at_least: int) -> Interviewers | None:
    """Within outlets and kinds of score, so that a good outlet is no credit to who asks there; what
    was asked at no outlet, as by phone, is held against its like. None of too few.

    Args:
        found: scores, whose unit is the interviewer.
        outlet: the attribute that names the outlet.
    """
    who, score = found.unit, found.score
    if not len(who):
        return None
    setting = _settings(facts, found, outlet)
    within = score - (_means(setting, score)[setting] - score.mean())
    counts = np.bincount(who, minlength=len(found.names))
    enough = np.flatnonzero(counts >= at_least)
    if len(enough) < _LEAST_UNITS:
        return None
    inside = np.isin(who, enough)
    residual = within - _means(who, within)[who]
    freedom = max(len(who) - int(np.count_nonzero(counts)), 1)
    error = np.sqrt(float((residual**2).sum()) / freedom / counts[enough])
    effect = scatter(_means(who, within)[enough] - score.mean(), np.maximum(error, 1e-12))
    return Interviewers(
        names=tuple(found.names[one] for one in enough),
        n=counts[enough].astype(np.int32),
        effect=effect,
        p=2 * np.minimum(effect.above, effect.below),
        icc=intraclass(within[inside], np.searchsorted(enough, who[inside]).astype(np.int32)),
    )


def _settings(facts: Facts, found: Scores, outlet: str) -> Ints:
    """Of each score the number of its outlet, or none, and its kind together, from 0."""
    outlets = facts.attribute(outlet).codes[found.event].astype(np.int64)
    kinds = facts.score_kind.codes[found.event]
    _, number = np.unique((outlets + 1) * (len(facts.score_kind.names) + 1) + kinds + 1,
                          return_inverse=True)  # fmt: skip
    settings: Ints = number.astype(np.int32)
    return settings


def _means(group: Ints, values: Floats) -> Floats:
    counts = np.bincount(group)
    found: Floats = np.bincount(group, weights=values) / np.maximum(counts, 1)
    return found
