"""Which drivers the data can tell anything about. Pure.

Fewer than ten events a variable make coefficients and intervals unreliable (Peduzzi and others,
J. Clin. Epidemiol. 48, 1995). Counted are those to be expected if the driver changed nothing: to
count those that happened would let through the drivers that many left after by chance. Where all
or none of those who left had a covariate, the likelihood has no maximum; where covariates go
together, none of their coefficients means anything.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import csr_array

from heedful.journey.insights.churn_drivers.intervals import Intervals
from heedful.journey.insights.distinct import distinct
from heedful.journey.insights.facts import Floats, Ints
from heedful.journey.insights.report import Label, too_few
from heedful.journey.insights.selecting import Places

EVENTS_PER_VARIABLE: Final = 10
MOST_INFLATION: Final = 10.0
"""Of a variance by the other covariates (Marquardt, Technometrics 12, 1970)."""


@dataclass(frozen=True, slots=True, eq=False)
class Screened:
    """
    Attributes:
        fitted: columns of `Intervals.x` that the model takes.
        refused: the others, and why.
        customers: who was ever exposed, by column.
        departures: who left while exposed, by column.
    """

    fitted: tuple[int, ...]
    refused: dict[int, Label]
    customers: Ints
    departures: Ints


def screened(rows: Intervals) -> Screened:
    """Drivers with enough departures expected on both sides, most exposed first, that can be told
    apart."""
    departures = rows.x[rows.left].sum(axis=0).astype(np.int32)
    total = int(rows.left.sum())
    row, column = np.nonzero(rows.x)
    expected = _expected(rows, row, column)
    customers = _exposed(rows, row, column)
    refused: dict[int, Label] = {}
    left: list[int] = []
    for one in sorted(range(rows.x.shape[1]), key=lambda c: (-int(customers[c]), c)):
        fewest = int(min(expected[one], total - expected[one]))
        if not 0 < departures[one] < total:
            refused[one] = Label(
                zh="流失客户要么全部、要么无一经历过",
                en="it happened to all or to none of those who left",
            )
        elif fewest < EVENTS_PER_VARIABLE:
            of = ("位预期流失客户可比", "departures expected, to compare")
            refused[one] = too_few(fewest, EVENTS_PER_VARIABLE, of)
        elif len(left) == total // EVENTS_PER_VARIABLE:
            refused[one] = Label(
                zh=f"{total} 位流失客户只够估计 {len(left)} 个因素",
                en=f"{total} departures are enough for {len(left)} drivers only",
            )
        else:
            left.append(one)
    fitted = _told_apart(rows, left, refused)
    return Screened(tuple(fitted), refused, customers, departures)


def _expected(rows: Intervals, row: Places, column: Places) -> Floats:
    """By column, how many would have left while exposed if who leaves were drawn by lot among all
    who could at that moment, whatever their stratum."""
    moments = rows.moments.astype(np.float64)
    exposed = np.bincount(column, moments[row], minlength=rows.x.shape[1])
    found: Floats = exposed / moments.sum() * int(rows.left.sum())
    return found


def _exposed(rows: Intervals, row: Places, column: Places) -> Ints:
    pairs = distinct(column.astype(np.int64) * (2**32) + rows.customer[row])
    return np.bincount(pairs >> 32, minlength=rows.x.shape[1]).astype(np.int32)


def _told_apart(rows: Intervals, columns: list[int], refused: dict[int, Label]) -> list[int]:
    kept = list(columns)
    moments = _second_moments(rows, kept)
    while len(kept) > 1:
        places = [columns.index(column) for column in kept]
        inflation = _inflation(moments[np.ix_(places, places)])
        worst = int(np.argmax(inflation))
        if inflation[worst] <= MOST_INFLATION:
            break
        refused[kept.pop(worst)] = Label(
            zh="与其他因素几乎总是同时出现，无法区分",
            en="goes together with other drivers: cannot be told apart",
        )
    return kept


def _second_moments(rows: Intervals, columns: list[int]) -> Floats:
    """Covariances of covariates over the moments at which somebody left."""
    x = csr_array(rows.x[:, columns], dtype=np.float64)
    weight = rows.moments / rows.moments.sum()
    mean = weight @ x
    found: Floats = (x.T @ x.multiply(weight[:, None])).toarray() - np.outer(mean, mean)
    return found


def _inflation(covariance: Floats) -> Floats:
    """Variance inflation factors; infinite where one covariate follows from the others."""
    scale = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(scale, scale)
    values, vectors = np.linalg.eigh(correlation)
    found: Floats = (vectors**2 / np.maximum(values, 1e-12)).sum(axis=1)
    return found
