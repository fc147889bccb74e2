"""How far several people agree on an order."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from heedful.journey.insights.facts import Floats
from heedful.journey.insights.statistics.distributions import chi_squared_above
from heedful.journey.insights.statistics.ranks import mean_ranks

_PERMUTATIONS: Final = 9_999
_SEED: Final = 12
_LARGE: Final = 20
"""Ranks of so many judges are not permuted: chi-squared is right for them."""


@dataclass(frozen=True, slots=True)
class Concordance:
    """Kendall's W, 0 (no agreement) to 1 (one order), and the p-value of no agreement at all."""

    w: float
    p: float


def concordance(ranks: Floats) -> Concordance | None:
    """Kendall's coefficient of concordance, corrected for ties (Kendall, Rank Correlation Methods,
    1948; Siegel and Castellan, 1988, section 9.5).

    The p-value is of a permutation test, which holds for few judges (Legendre, J. Agric. Biol.
    Environ. Stat. 10, 2005), with a fixed seed; of many judges of chi-squared, m (n - 1) W with
    n - 1 degrees of freedom. None of fewer than two judges or things, or where all is tied.

    Args:
        ranks: judges x things; tied things share their mean rank.
    """
    judges, things = ranks.shape
    if judges < 2 or things < 2:
        return None
    ties = float(sum(_tied(row) for row in ranks))
    greatest = judges**2 * things * (things**2 - 1) - judges * ties
    if greatest <= 0:
        return None
    middle = 3 * judges**2 * things * (things + 1) ** 2
    w = float((12 * (ranks.sum(axis=0) ** 2).sum() - middle) / greatest)
    w = min(max(w, 0.0), 1.0)
    if judges > _LARGE:
        return Concordance(w, chi_squared_above(judges * (things - 1) * w, things - 1))
    return Concordance(w, _permuted(ranks))


def ranked(lists: list[list[int]], things: int) -> Floats:
    """Ranks from lists of the first few: what is not named shares the mean of the ranks behind."""
    found = np.empty((len(lists), things))
    for judge, named in enumerate(lists):
        place = np.full(things, len(named), dtype=np.float64)
        place[named] = np.arange(len(named))
        found[judge] = mean_ranks(place)
    return found


def distance(one: list[int], other: list[int]) -> float | None:
    """How far two lists of the first few are apart: 0 the same, 1 the most that is possible.

    Kendall's distance for top-k lists with penalty 1/2 (Fagin, Kumar and Sivakumar, "Comparing top
    k lists", SIAM J. Discrete Math. 17, 2003): of each pair of things named in either, 1 where the
    lists contradict each other, 1/2 where one names both and the other neither. None of an empty
    list.
    """
    if not one or not other:
        return None
    things = sorted({*one, *other})
    first, second = _places(one, things), _places(other, things)
    penalty = 0.0
    for a in range(len(things)):
        for b in range(a + 1, len(things)):
            mine, theirs = _sign(first[a], first[b]), _sign(second[a], second[b])
            penalty += 0.5 if 0 in (mine, theirs) and mine != theirs else float(mine != theirs)
    apart = len(one) * len(other) + (len(one) * (len(one) - 1) + len(other) * (len(other) - 1)) / 4
    return penalty / apart


def _places(named: list[int], things: list[int]) -> list[int]:
    """Where each thing stands; all that are not named behind the last."""
    return [named.index(one) if one in named else len(named) for one in things]


def _sign(a: int, b: int) -> int:
    return (a > b) - (a < b)


def _tied(row: Floats) -> float:
    _, counts = np.unique(row, return_counts=True)
    return float((counts**3 - counts).sum())


def _permuted(ranks: Floats) -> float:
    """The share of random orders, each judge's for itself, whose rank sums spread as far."""
    random = np.random.default_rng(_SEED)
    seen = float((ranks.sum(axis=0) ** 2).sum())
    sums = np.zeros((_PERMUTATIONS, ranks.shape[1]))
    for row in ranks:
        sums += random.permuted(np.tile(row, (_PERMUTATIONS, 1)), axis=1)
    # Rank sums are multiples of a half: what differs by less is rounding.
    return float((1 + np.count_nonzero((sums**2).sum(axis=1) >= seen - 0.1)) / (_PERMUTATIONS + 1))
