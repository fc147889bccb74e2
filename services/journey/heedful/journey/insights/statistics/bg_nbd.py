"""Repeat buying without a contract: the BG/NBD model.

Fader, Hardie and Lee, "Counting Your Customers" the Easy Way (Marketing Science 24, 2005).
Customers buy as a Poisson process whose rate is gamma distributed (r, alpha), and may drop out
after each purchase with a probability that is beta distributed (a, b). x, t_x and T are as in the
paper.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import gammaln, hyp2f1, psi

from heedful.journey.insights.facts import Floats, Ints
from heedful.journey.insights.statistics.likelihood import least

MOST_FITTED: Final = 5_000
"""So many customers tell the four parameters to a few percent; more only take time."""
_POLE: Final = 1e-6
_BOUNDS: Final = ((-7.0, 4.0), (-9.0, 12.0), (-9.0, 9.0), (-9.0, 9.0))
"""Of the logarithms of r, alpha, a and b. From an r of 50 on all customers buy at one rate."""


@dataclass(frozen=True, slots=True)
class BgNbd:
    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    converged: bool

    def alive(self, x: Floats, t_x: Floats, T: Floats) -> Floats:  # noqa: N803  # as in the paper
        """The probability that a customer with this history still buys."""
        odds = self._dropped(x, t_x, T)
        found: Floats = 1 / (1 + odds)
        return found

    def purchases(self, t: float, x: Floats, t_x: Floats, T: Floats) -> Floats:  # noqa: N803
        """How many purchases to expect in the next `t` from a customer with this history, eq. 10.

        The hypergeometric function by Euler's transformation, which keeps it finite for large x.
        """
        a, b = self._off_the_pole(), self.b
        z = t / (self.alpha + T + t)
        tail = (1 - z) ** (a - 1) * hyp2f1(a + b - 1 - self.r, a - 1, a + b + x - 1, z)
        found: Floats = (a + b + x - 1) / (a - 1) * (1 - tail) * self.alive(x, t_x, T)
        return found

    def purchases_of_new(self, t: float) -> float:
        """How many repeat purchases to expect in `t` from somebody who has just bought, eq. 9."""
        a, b = self._off_the_pole(), self.b
        z = t / (self.alpha + t)
        tail = (1 - z) ** self.r * hyp2f1(self.r, b, a + b - 1, z)
        return float((a + b - 1) / (a - 1) * (1 - tail))

    def _dropped(self, x: Floats, t_x: Floats, T: Floats) -> Floats:  # noqa: N803
        """Odds of having dropped out; nobody drops out before the first repeat purchase."""
        power = (self.r + x) * np.log((self.alpha + T) / (self.alpha + t_x))
        odds = self.a / (self.b + np.maximum(x, 1) - 1) * np.exp(np.minimum(power, 700.0))
        return np.where(x > 0, odds, 0.0)

    def _off_the_pole(self) -> float:
        return self.a + _POLE if abs(self.a - 1) < _POLE else self.a


def fitted(x: Floats, t_x: Floats, T: Floats, times: Floats | None = None) -> BgNbd:  # noqa: N803
    """Maximum likelihood.

    Args:
        times: how many customers each row stands for.
    """
    likelihood = _Likelihood.of(x, t_x, T, np.ones(len(x)) if times is None else times)
    start = np.log([1.0, float(np.average(likelihood.T, weights=likelihood.times)), 1.0, 2.0])
    best = least(likelihood.negative, start, _BOUNDS, sloped=True)
    r, alpha, a, b = (float(one) for one in np.exp(best.at))
    return BgNbd(r, alpha, a, b, -float(best.value * likelihood.times.sum()), best.converged)


@dataclass(frozen=True, slots=True, eq=False)
class _Likelihood:
    """
    Attributes:
        counts: the different x, and `which` of them each row has: gamma functions once each.
    """

    x: Floats
    t_x: Floats
    T: Floats
    times: Floats
    counts: Floats
    which: Ints

    @classmethod
    def of(cls, x: Floats, t_x: Floats, T: Floats, times: Floats) -> "_Likelihood":  # noqa: N803
        # Every so many, as the order of customers has nothing to do with what they buy.
        every = slice(None, None, max(1, -(-len(x) // MOST_FITTED)))
        counts, which = np.unique(x[every], return_inverse=True)
        return cls(x[every], t_x[every], T[every], times[every], counts, which.astype(np.int32))

    def negative(self, logs: Floats) -> tuple[float, Floats]:
        """The negative log likelihood of a customer on average, eq. 6, and its gradient by the
        logarithms of the parameters."""
        r, alpha, a, b = np.exp(logs)
        n, which = self.counts, self.which
        constant = gammaln(r + n) - gammaln(r) + r * np.log(alpha)
        constant += gammaln(a + b) - gammaln(a + b + n) + gammaln(b + n) - gammaln(b)
        power = r + self.x
        end, last = alpha + self.T, alpha + self.t_x
        log_end, log_last = np.log(end), np.log(last)
        again = self.x > 0
        before = np.maximum(b + self.x - 1, 1e-12)
        lives = -power * log_end
        dropped = np.where(again, np.log(a) - np.log(before) - power * log_last, -np.inf)
        both = np.logaddexp(lives, dropped)
        gone = np.where(again, np.exp(dropped - both), 0.0)
        stays = 1 - gone
        by_r = (psi(r + n) - psi(r) + np.log(alpha))[which] - stays * log_end - gone * log_last
        by_alpha = r / alpha - power * (stays / end + gone / last)
        by_a = (psi(a + b) - psi(a + b + n))[which] + gone / a
        by_b = (psi(a + b) - psi(a + b + n) + psi(b + n) - psi(b))[which] - gone / before
        total = self.times.sum()
        value = float(self.times @ (constant[which] + both)) / total
        slope = np.array([self.times @ by for by in (by_r, by_alpha, by_a, by_b)]) / total
        return -value, -slope * np.exp(logs)
