"""Which drivers the data can tell anything about. Pure.

Fewer than ten events a variable make coefficients and intervals unreliable (Peduzzi and others,
J. Clin. Epidemiol. 48, 1995); where all or none of those who left had a covariate, the likelihood
has no maximum; where covariates go together, none of their coefficients means anything.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from heedful.journey.insights.churn_drivers.intervals import Intervals
from heedful.journey.insights.facts import Floats, Ints
from heedful.journey.insights.report import Label, too_few

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
    """Drivers with enough departures on both sides, most exposed first, that can be told apart."""
    departures = rows.x[rows.left].sum(axis=0).astype(np.int32)
    total = int(rows.left.sum())
    customers = _exposed(rows)
    refused: dict[int, Label] = {}
    left: list[int] = []
    for column in sorted(range(rows.x.shape[1]), key=lambda c: (-int(customers[c]), c)):
        fewest = int(min(departures[column], total - departures[column]))
        if fewest < EVENTS_PER_VARIABLE:
            of = ("位流失客户可比", "departures to compare")
            refused[column] = too_few(fewest, EVENTS_PER_VARIABLE, of)
        elif len(left) == total // EVENTS_PER_VARIABLE:
            refused[column] = Label(
                zh=f"{total} 位流失客户只够估计 {len(left)} 个因素",
                en=f"{total} departures are enough for {len(left)} drivers only",
            )
        else:
            left.append(column)
    fitted = _told_apart(rows, left, refused)
    return Screened(tuple(fitted), refused, customers, departures)


def _exposed(rows: Intervals) -> Ints:
    row, column = np.nonzero(rows.x)
    pairs = np.unique(column.astype(np.int64) * (2**32) + rows.customer[row])
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
    x = rows.x[:, columns].astype(np.float64)
    weight = rows.moments / rows.moments.sum()
    centred = x - weight @ x
    found: Floats = (weight[:, None] * centred).T @ centred
    return found


def _inflation(covariance: Floats) -> Floats:
    """Variance inflation factors; infinite where one covariate follows from the others."""
    scale = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(scale, scale)
    values, vectors = np.linalg.eigh(correlation)
    found: Floats = (vectors**2 / np.maximum(values, 1e-12)).sum(axis=1)
    return found
