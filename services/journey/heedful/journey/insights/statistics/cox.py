"""Cox's proportional hazards on rows (start, stop]: covariates that change, strata, tied times.

The partial likelihood is Cox's (J. R. Stat. Soc. B 34, 1972), in counting-process form as Andersen
and Gill have it (Ann. Stat. 10, 1982); ties as in Efron (J. Am. Stat. Assoc. 72, 1977).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import csr_array, sparray

from heedful.journey.insights.distinct import distinct
from heedful.journey.insights.facts import Flags, Floats, Ints

MOST_STEPS: Final = 30
FARTHEST: Final = 15.0
"""Hazards that far apart (logarithms) mean that the likelihood grows for ever; sums of weights lose
their digits there."""
_OVERFLOW: Final = 300.0
_ENOUGH: Final = 1e-10
"""Newton stops when a step would raise the log likelihood by less than this."""


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """
    Attributes:
        coefficients: logarithms of hazard ratios, one a covariate.
        covariance: the inverse of the observed information.
        log_likelihood: the partial one, at the coefficients.
        without: the partial log likelihood with all coefficients 0.
        events: how many events it rests on.
        converged: false where the likelihood has no maximum (a covariate that parts those who had
            the event from those who had not) or it was not found.
    """

    coefficients: Floats
    covariance: Floats
    log_likelihood: float
    without: float
    events: int
    converged: bool

    @property
    def errors(self) -> Floats:
        """Standard errors of the coefficients."""
        return np.sqrt(np.diag(self.covariance))


def fit(
    start: Floats | Ints,
    stop: Floats | Ints,
    event: Flags,
    x: Floats | csr_array,
    stratum: Ints | None = None,
) -> Fit:
    """The maximum of the partial likelihood, by Newton's method.

    Args:
        start, stop: a row is at risk after `start` up to and including `stop`; shape (n,).
        event: it ended with the event; shape (n,).
        x: covariates; shape (n, p). Sparse where most are 0: only the others are then looked at.
        stratum: rows are compared within theirs only; shape (n,), numbers from 0.

    Raises:
        ValueError: there is no event, or a row ends before it starts.
    """
    if not event.any():
        raise ValueError("Cox's model needs at least one event")
    if (stop <= start).any():
        raise ValueError("a row must stop after it starts")
    likelihood = _Likelihood.of(start, stop, event, x, stratum)
    beta = np.zeros(x.shape[1])
    here = without = likelihood.at(beta)
    converged = False
    for _ in range(MOST_STEPS):
        step = _solved(here.information, here.score)
        if step is None or likelihood.spread(beta) > FARTHEST:
            break
        if float(here.score @ step) / 2 < _ENOUGH:
            converged = True
            break
        beta, here = _uphill(likelihood, beta, step, here)
    inverse = _solved(here.information, np.eye(len(beta)))
    covariance = np.full((len(beta), len(beta)), np.nan) if inverse is None else inverse
    return Fit(beta, covariance, here.value, without.value, int(event.sum()), converged)


@dataclass(frozen=True, slots=True, eq=False)
class _Point:
    """The log likelihood with its first and its negative second derivative."""

    value: float
    score: Floats
    information: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Likelihood:
    """
    Attributes:
        x: covariates of the rows that are at risk at any event time; dense ones about their mean.
        enter, leave: a row is at risk at the event times `enter <= k < leave`.
        changes: (times + 1, rows): 1 where a row enters, -1 where it leaves.
        event: numbers of the rows that end with an event; `time` is the event time of each.
        ends: (times, rows): 1 where a row ends with the event of this time.
        tied: how many events there are at each event time.
    """

    x: Floats | csr_array
    enter: Ints
    leave: Ints
    changes: csr_array
    event: Ints
    time: Ints
    ends: csr_array
    tied: Ints

    @classmethod
    def of(
        cls,
        start: Floats | Ints,
        stop: Floats | Ints,
        event: Flags,
        x: Floats | csr_array,
        stratum: Ints | None,
    ) -> "_Likelihood":
        group = np.zeros(len(start), dtype=np.int32) if stratum is None else stratum
        enter, leave, times = _ranked(start, stop, event, group)
        kept = leave > enter
        enter, leave, ended = enter[kept], leave[kept], event[kept]
        rows = np.arange(len(enter))
        ones = np.ones(len(rows))
        changes = csr_array(
            (
                np.concatenate([ones, -ones]),
                (np.concatenate([enter, leave]), np.concatenate([rows, rows])),
            ),
            shape=(times + 1, len(rows)),
        )
        last = np.flatnonzero(ended).astype(np.int32)
        time = (leave[last] - 1).astype(np.int32)
        ends = csr_array((np.ones(len(last)), (time, last)), shape=(times, len(rows)))
        at_risk = x[kept].astype(np.float64)
        if not isinstance(at_risk, csr_array):
            at_risk -= at_risk.mean(axis=0)
        tied = np.bincount(time, minlength=times).astype(np.int32)
        return cls(at_risk, enter, leave, changes, last, time, ends, tied)

    def spread(self, beta: Floats) -> float:
        """How far apart the logarithms of the highest and the lowest hazard are."""
        return float(np.ptp(self.x @ beta)) if self.x.shape[0] else 0.0

    def at(self, beta: Floats) -> _Point:
        """All derivatives in one pass over the rows.

        The second moments of the risk sets are not summed time by time: a row's outer product
        counts once, with the sum of 1/S0 over the times at which it was at risk.
        """
        linear = self.x @ beta
        weight = np.exp(np.clip(linear, -_OVERFLOW, _OVERFLOW))
        weighed = _times(weight, self.x)
        risk = np.cumsum(self.changes @ weight)[:-1]
        moments = np.cumsum(_dense(self.changes @ weighed), axis=0)[:-1]
        tie = self.ends @ weight
        tie_moments = _dense(self.ends @ weighed)

        value = float(linear[self.event].sum())
        taken, shared = np.zeros(len(risk)), np.zeros(len(risk))
        means = np.zeros((len(beta), len(beta)))
        for before in range(int(self.tied.max())):
            some = self.tied > before
            part = before / self.tied[some]
            left = risk[some] - part * tie[some]
            mean = (moments[some] - part[:, None] * tie_moments[some]) / left[:, None]
            value -= float(np.log(left).sum())
            taken[some] += 1 / left
            shared[some] += part / left
            means += mean.T @ mean
        until = np.concatenate([[0.0], np.cumsum(taken)])
        expected = weight * (until[self.leave] - until[self.enter])
        expected[self.event] -= weight[self.event] * shared[self.time]
        score = self.x[self.event].sum(axis=0) - expected @ self.x
        return _Point(value, score, _dense(_times(expected, self.x).T @ self.x) - means)


def _times(weight: Floats, x: Floats | csr_array) -> Floats | csr_array:
    """Each row times its weight."""
    if not isinstance(x, csr_array):
        return weight[:, None] * x
    each = np.repeat(weight, np.diff(x.indptr))
    return csr_array((x.data * each, x.indices, x.indptr), shape=x.shape)


def _dense(found: Floats | csr_array) -> Floats:
    return found.toarray() if isinstance(found, sparray) else found


def _ranked(
    start: Floats | Ints, stop: Floats | Ints, event: Flags, group: Ints
) -> tuple[Ints, Ints, int]:
    """The event times of each stratum in a row, and which of them a row is at risk at."""
    enter = np.zeros(len(start), dtype=np.int32)
    leave = np.zeros(len(start), dtype=np.int32)
    before = 0
    for name in distinct(group):
        own = group == name
        times = distinct(stop[own & event])
        enter[own] = before + np.searchsorted(times, start[own], side="right")
        leave[own] = before + np.searchsorted(times, stop[own], side="right")
        before += len(times)
    return enter, leave, before


def _solved(information: Floats, right: Floats) -> Floats | None:
    try:
        found = np.linalg.solve(information, right).astype(np.float64)
    except np.linalg.LinAlgError:
        return None
    return found if np.isfinite(found).all() else None


def _uphill(
    likelihood: _Likelihood, beta: Floats, step: Floats, here: _Point
) -> tuple[Floats, _Point]:
    """A Newton step, halved until it does not lead down."""
    there = here
    for _ in range(MOST_STEPS):
        there = likelihood.at(beta + step)
        if np.isfinite(there.value) and there.value >= here.value - _ENOUGH:
            return beta + step, there
        step = step / 2
    return beta, here
