"""Least squares on sparse columns with errors that allow for customers who speak repeatedly."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from heedful.journey.insights.facts import Floats, Ints
from heedful.journey.insights.report import Estimate
from heedful.journey.insights.statistics.distributions import student_above, student_quantile


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """
    Attributes:
        slopes: by column; the intercept is not among them.
        covariance: of the slopes, between customers (CR1: Cameron and Miller, J. Human Resources
            50, 2015, section II.C).
        freedom: customers less one.
        bearers: by column the customers of whom it is not 0: a slope rests on them, however many
            others there are.
    """

    slopes: Floats
    covariance: Floats
    freedom: int
    bearers: Floats

    def sum_of(self, columns: Floats) -> tuple[Estimate, float]:
        """A weighted sum of slopes with its 95 % interval, and the two-sided p-value of none.

        Student's t and the correction for few clusters are by the fewest bearers of a column in it:
        by all customers, slopes of rare columns would look surer than they are (Imbens and Kolesar,
        Rev. Econ. Stat. 98, 2016).
        """
        value = float(columns @ self.slopes)
        error = float(np.sqrt(max(float(columns @ self.covariance @ columns), 0.0)))
        freedom = min(float(self.bearers[columns != 0].min(initial=np.inf)) - 1, self.freedom)
        if error == 0.0 or freedom < 1:
            return Estimate(value=value, low=value, high=value), float("nan")
        error *= ((1 + 1 / freedom) / (1 + 1 / self.freedom)) ** 0.5
        half = float(student_quantile(0.975, freedom)) * error
        p = float(2 * student_above(abs(value) / error, freedom))
        return Estimate(value=value, low=value - half, high=value + half), p

    def slope(self, column: int) -> tuple[Estimate, float]:
        unit = np.zeros(len(self.slopes))
        unit[column] = 1.0
        return self.sum_of(unit)


def fitted(columns: sp.csr_array, score: Floats, cluster: Ints) -> Fitted:
    """Regresses the score on the columns and an intercept.

    Args:
        columns: events x columns; a column that the others explain fully shares their slope.
        cluster: the customer of each event.
    """
    events = len(score)
    design = sp.csr_array(sp.hstack([columns, np.ones((events, 1))]))
    inverse = np.linalg.pinv((design.T @ design).toarray(), hermitian=True)
    slopes = inverse @ (design.T @ score)
    residuals = score - design @ slopes
    present, position = np.unique(cluster, return_inverse=True)
    by_customer = sp.csr_array(
        (residuals, (position, np.arange(events))), shape=(len(present), events)
    )
    summed = by_customer @ design
    meat = (summed.T @ summed).toarray()
    m, k = len(present), design.shape[1]
    small = m / max(m - 1, 1) * (events - 1) / max(events - k, 1)
    covariance = small * inverse @ meat @ inverse
    who = sp.csr_array(
        (np.ones(events), (position, np.arange(events))), shape=(len(present), events)
    )
    bearers = ((who @ abs(columns)) > 0).sum(axis=0)
    return Fitted(
        slopes[:-1], covariance[:-1, :-1], m - 1, np.asarray(bearers, dtype=np.float64).ravel()
    )
