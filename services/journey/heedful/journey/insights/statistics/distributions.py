"""Tails and quantiles of the usual distributions, from scipy.special.

`scipy.stats` gives the same numbers from the same functions, but its import takes a second of CPU
and 40 MB of every process that serves journey.
"""

import numpy as np
from scipy import special

from heedful.journey.insights.facts import Floats

Numbers = Floats | float


def normal_above(z: Numbers) -> Floats:
    """P(Z > z) of the standard normal."""
    return np.asarray(special.ndtr(np.negative(z)))


def normal_quantile(q: float) -> float:
    """z with P(Z <= z) = q of the standard normal."""
    return float(special.ndtri(q))


def normal_density(z: float) -> float:
    """Density of the standard normal at z."""
    return float(np.exp(-z * z / 2) / np.sqrt(2 * np.pi))


def student_above(t: Numbers, freedom: Numbers) -> Floats:
    """P(T > t) of Student's t; NaN without a positive `freedom`."""
    return np.asarray(special.stdtr(freedom, np.negative(t)))


def student_quantile(q: float, freedom: Numbers) -> Floats:
    """t with P(T <= t) = q of Student's t; NaN without a positive `freedom`."""
    return np.asarray(special.stdtrit(freedom, q))


def chi_squared_above(x: float, freedom: float) -> float:
    """P(X > x) of chi-squared."""
    return float(special.chdtrc(freedom, x))


def fisher_above(f: float, between: float, within: float) -> float:
    """P(F > f) of Fisher's F with `between` and `within` degrees of freedom."""
    return float(special.fdtrc(between, within, f))


def fisher_quantile(q: float, between: float, within: float) -> float:
    """f with P(F <= f) = q of Fisher's F."""
    return float(special.fdtri(between, within, q))


def fair_coin_quantile(q: float, tosses: int) -> int:
    """The fewest heads k with P(heads <= k) >= q of so many tosses."""
    heads = int(np.ceil(special.bdtrik(q, tosses, 0.5)))
    return heads - 1 if heads > 0 and special.bdtr(heads - 1, tosses, 0.5) >= q else heads
