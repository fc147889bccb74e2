"""How long contracts last: the shifted beta-geometric model.

Fader and Hardie, How to Project Customer Retention (J. Interactive Marketing 21, 2007). At the end
of each period a contract is kept or not, with a probability that differs between customers (beta
distributed: alpha, beta) and stays the same for each: who has stayed long is likely to stay.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln

from heedful.journey.insights.facts import Flags, Floats
from heedful.journey.insights.statistics.likelihood import least


@dataclass(frozen=True, slots=True)
class ShiftedBetaGeometric:
    alpha: float
    beta: float
    log_likelihood: float
    converged: bool

    def survival(self, t: Floats) -> Floats:
        """The share of new contracts that outlast `t` periods."""
        found: Floats = np.exp(betaln(self.alpha, self.beta + t) - betaln(self.alpha, self.beta))
        return found

    def periods(self, kept: Floats, ahead: int) -> Floats:
        """How many of the next `ahead` periods to expect of who kept the contract `kept` times."""
        step = np.arange(ahead)
        base = self.beta + np.asarray(kept, dtype=np.float64)[..., None] + step
        found: Floats = np.cumprod(base / (self.alpha + base), axis=-1).sum(-1)
        return found


def fitted(periods: Floats, left: Flags, times: Floats | None = None) -> ShiftedBetaGeometric:
    """Maximum likelihood.

    Args:
        periods: in which period the contract ended, from 1; of those that go on, how many they
            outlasted, from 0.
        left: it ended.
        times: how many contracts each row stands for.
    """
    weight = np.ones(len(periods)) if times is None else times
    lost = np.bincount(periods[left].astype(np.int64), weight[left])
    kept = np.bincount(periods[~left].astype(np.int64), weight[~left])
    ends, stays = np.flatnonzero(lost), np.flatnonzero(kept)

    def negative(logs: Floats) -> float:
        alpha, beta = np.exp(logs)
        base = betaln(alpha, beta)
        ended = lost[ends] @ (betaln(alpha + 1, beta + ends - 1) - base)
        stayed = kept[stays] @ (betaln(alpha, beta + stays) - base)
        return -float((ended + stayed) / weight.sum())

    bounds = [(-9.0, 12.0)] * 2
    best = least(negative, np.log([1.0, 2.0]), bounds, sloped=False)
    alpha, beta = (float(one) for one in np.exp(best.at))
    return ShiftedBetaGeometric(alpha, beta, -best.value * float(weight.sum()), best.converged)
