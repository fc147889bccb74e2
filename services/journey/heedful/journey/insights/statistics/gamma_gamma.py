"""How much customers spend a purchase: the gamma-gamma model.

Fader, Hardie and Lee, RFM and CLV (J. Marketing Research 42, 2005); Fader and Hardie, The
Gamma-Gamma Model of Monetary Value (2013). It supposes that how much somebody spends has nothing
to do with how often they buy.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, psi

from heedful.journey.insights.facts import Floats
from heedful.journey.insights.statistics.likelihood import least


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """Each purchase is gamma (p, nu), and nu is gamma (q, v) over customers."""

    p: float
    q: float
    v: float
    log_likelihood: float
    converged: bool

    @property
    def mean(self) -> float:
        """Of all customers, a purchase; infinite where q is at most 1."""
        return self.p * self.v / (self.q - 1) if self.q > 1 else float("inf")

    def expected(self, x: Floats, mean: Floats) -> Floats:
        """Somebody's next purchases, a purchase, from the mean of x repeat ones (any for x = 0)."""
        spent = np.where(x > 0, x * mean, 0.0)
        found: Floats = self.p * (self.v + spent) / (self.p * x + self.q - 1)
        return found


def fitted(x: Floats, mean: Floats) -> GammaGamma:
    """Maximum likelihood of customers who spent `mean` on average in `x` repeat purchases."""
    scale = float(np.median(mean))
    z = mean / scale

    def negative(logs: Floats) -> tuple[float, Floats]:
        p, q, v = np.exp(logs)
        px, all_ = p * x, v + x * z
        log_all = np.log(all_)
        value = gammaln(px + q) - gammaln(px) - gammaln(q) + q * np.log(v)
        value += (px - 1) * np.log(z) + px * np.log(x) - (px + q) * log_all
        by_p = x * (psi(px + q) - psi(px) + np.log(z) + np.log(x) - log_all)
        by_q = psi(px + q) - psi(q) + np.log(v) - log_all
        by_v = q / v - (px + q) / all_
        slope = np.array([by_p.mean(), by_q.mean(), by_v.mean()])
        return -float(value.mean()), -slope * np.exp(logs)

    bounds = [(-7.0, 9.0)] * 3
    best = least(negative, np.log([2.0, 2.0, 1.0]), bounds, sloped=True)
    p, q, v = (float(one) for one in np.exp(best.at))
    value = -best.value * len(x) - len(x) * np.log(scale)
    return GammaGamma(p, q, v * scale, float(value), best.converged)
