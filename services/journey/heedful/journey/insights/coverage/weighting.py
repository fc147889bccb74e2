"""The score as it is and as it would be if those who answered were like all customers. Pure."""

from dataclasses import dataclass

import numpy as np

from heedful.journey.insights.coverage.population import Population
from heedful.journey.insights.facts import Floats
from heedful.journey.insights.report import Estimate
from heedful.journey.insights.statistics.raking import effective, raked, shift, weighted_mean


@dataclass(frozen=True, slots=True, eq=False)
class Weighted:
    """
    Attributes:
        answers: customers with a score.
        left_out: of them, those whose category is none of the population's.
        uncovered: the share of the population in categories where nobody answered: of the variable
            where it is largest.
        effective: as how many answers of a representative sample they are worth.
        weights: by customer; NaN of who did not answer or was left out.
    """

    answers: int
    left_out: int
    uncovered: float
    effective: float
    raw: Estimate | None
    raked: Estimate | None
    shift: Estimate | None
    weights: Floats


def weighted(population: Population) -> Weighted:
    """What the answers say, raw and raked to the population's margins."""
    usable = population.answered.copy()
    for variable in population.variables:
        usable &= variable.shares[variable.of] > 0
    codes, margins, uncovered = [], [], 0.0
    for variable in population.variables:
        of = variable.of[usable]
        present = np.bincount(of, minlength=len(variable.names)) > 0
        uncovered = max(uncovered, 1 - float(variable.shares[present].sum()))
        shares = np.where(present, variable.shares, 0.0)
        codes.append(of)
        margins.append(shares / shares.sum() if shares.any() else shares)
    weights = _weights(codes, margins, int(np.count_nonzero(usable)))
    scores = population.score[usable]
    by_customer = np.full(len(usable), np.nan)
    if weights is not None:
        by_customer[usable] = weights
    return Weighted(
        answers=int(np.count_nonzero(population.answered)),
        left_out=int(np.count_nonzero(population.answered & ~usable)),
        uncovered=max(uncovered, 0.0),
        effective=0.0 if weights is None else effective(weights),
        raw=weighted_mean(scores, np.ones(len(scores))),
        raked=None if weights is None else weighted_mean(scores, weights),
        shift=None if weights is None else shift(scores, weights),
        weights=by_customer,
    )


def _weights(codes: list[np.ndarray], margins: list[Floats], answers: int) -> Floats | None:
    if not codes or not answers:
        return np.ones(answers)
    return raked(codes, margins)
