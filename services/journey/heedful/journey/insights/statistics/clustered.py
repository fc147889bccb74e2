"""Shares of events whose customers speak more than once.

Two complaints of one customer are less than two customers who complain: what counts every event
for itself is surer than it may be. Here variances are taken over customers (the linearised
variance of a ratio; Liang and Zeger, Biometrika 73, 1986), and a share of n events is treated
like one of n / deff independent ones (deff: Kish 1965; Rao and Scott, Biometrics 48, 1992). Where
each customer speaks once, all of this is the ordinary interval and the ordinary test.

Labels are rows and customers are columns; all is done for all labels at once.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
import scipy.sparse as sp

from heedful.journey.insights.facts import Flags, Floats, Ints
from heedful.journey.insights.report import Estimate
from heedful.journey.insights.statistics.distributions import student_above
from heedful.journey.touchpoints import wilson

EXPECTED = 5.0
"""What is expected of hits and of misses in either sample before a test is made (Cochran 1954)."""


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Hits among events, by label and customer.

    Attributes:
        hits: labels x customers.
        sizes: events, labels x customers, or one row where every event is asked for every label.
    """

    hits: sp.csr_array
    sizes: sp.csr_array

    @property
    def n(self) -> Floats:
        """Events by label."""
        return _sum(self.sizes, self.hits.shape[0])

    @property
    def k(self) -> Floats:
        """Hits by label."""
        return _sum(self.hits, self.hits.shape[0])

    @property
    def clusters(self) -> Floats:
        """Customers with any event, by label."""
        return _sum(self.sizes != 0, self.hits.shape[0])


def table(label: Ints, cluster: Ints, labels: int, clusters: int) -> sp.csr_array:
    """How many events there are by label and customer, from one entry an event."""
    ones = np.ones(len(label))
    return sp.csr_array((ones, (label, cluster)), shape=(labels, clusters))


def of_groups(group: Ints, cluster: Ints, hit: Flags, groups: int, clusters: int) -> Counted:
    """Hits among the events of each group: every event is in one group."""
    return Counted(
        hits=table(group[hit], cluster[hit], groups, clusters),
        sizes=table(group, cluster, groups, clusters),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """By label: the share, of how many events, and of how many independent ones it is worth."""

    share: Floats
    n: Floats
    worth: Floats

    def estimate(self, label: int) -> Estimate | None:
        """With Wilson's 95 % interval on what the events are worth; None of nothing."""
        worth = float(self.worth[label])
        found = wilson(float(self.share[label]) * worth, worth) if worth > 0 else None
        return (
            None if found is None else Estimate(value=found.share, low=found.low, high=found.high)
        )


def shares(counted: Counted) -> Shares:
    """The shares of all labels. Where all or none are hits, a customer counts once."""
    n, k, m = counted.n, counted.k, counted.clusters
    with np.errstate(divide="ignore", invalid="ignore"):
        share = k / n
        binomial = share * (1 - share) / n
        robust = _squares(counted, share) / n**2 * m / (m - 1)
        deff = np.where((k > 0) & (k < n), np.fmax(robust / binomial, 1.0), n / m)
        worth = np.where(n > 0, n / deff, 0.0)
    return Shares(share, n, worth)


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Two samples by label: shares of each, and two-sided p-values (NaN: no test was possible)."""

    a: Shares
    b: Shares
    p: Floats

    def difference(self, label: int) -> Estimate | None:
        """Share of a less share of b, Newcombe's method 10 on what the events are worth."""
        one, other = self.a.estimate(label), self.b.estimate(label)
        if one is None or other is None:
            return None
        value = one.value - other.value
        below = sqrt((one.value - one.low) ** 2 + (other.high - other.value) ** 2)
        above = sqrt((one.high - one.value) ** 2 + (other.value - other.low) ** 2)
        return Estimate(value=value, low=value - below, high=value + above)


def compared(a: Counted, b: Counted) -> Compared:
    """Two-proportion tests of all labels; the same customers may be in both samples.

    A score test: residuals from the pooled share, summed by customer. Its variance is never below
    that of the ordinary pooled test, and it is held against Student's t by the number of customers.
    """
    n_a, n_b, k = a.n, b.n, a.k + b.k
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = k / (n_a + n_b)
        binomial = pooled * (1 - pooled) * (1 / n_a + 1 / n_b)
        m = _sum((a.sizes + b.sizes) != 0, a.hits.shape[0])
        both = _products(a, b, pooled)
        robust = _squares(a, pooled) / n_a**2 + _squares(b, pooled) / n_b**2
        robust = (robust - 2 * both / (n_a * n_b)) * m / (m - 1)
        z = (a.k / n_a - b.k / n_b) / np.sqrt(np.fmax(robust, binomial))
        least = np.minimum(n_a, n_b) * np.minimum(pooled, 1 - pooled)
        p = np.where(least >= EXPECTED, 2 * student_above(np.abs(z), m - 1), np.nan)
    return Compared(shares(a), shares(b), p)


def _squares(counted: Counted, share: Floats) -> Floats:
    """Sum over customers of (hits - share x events)², by label."""
    return _products(counted, counted, share)


def _products(a: Counted, b: Counted, share: Floats) -> Floats:
    """Sum over customers of the product of their residuals in both samples, by label."""
    labels = a.hits.shape[0]
    crossed = _dot(a.hits, b.sizes, labels) + _dot(b.hits, a.sizes, labels)
    sizes = _dot(a.sizes, b.sizes, labels)
    found: Floats = _dot(a.hits, b.hits, labels) - share * crossed + share**2 * sizes
    return found


def _dot(x: sp.csr_array, y: sp.csr_array, labels: int) -> Floats:
    """Row by row products, where either may be one row for all labels."""
    if x.shape[0] == y.shape[0]:
        return _sum(x * y, labels)
    many, one = (x, y) if x.shape[0] > y.shape[0] else (y, x)
    found: Floats = (many @ one.T).toarray().ravel()
    return found


def _sum(matrix: sp.csr_array, labels: int) -> Floats:
    found = np.asarray(matrix.sum(axis=1), dtype=np.float64).ravel()
    return np.broadcast_to(found, labels)
