"""The step of a series at a fix, with an interval that knows of autocorrelation. Pure, numpy.

The variance is Newey and West's (Econometrica 55, 1987) with the bandwidth that Lazarus, Lewis,
Stock and Watson recommend, 1.3 √T ("HAR Inference: Recommendations for Practice", J. Business &
Economic Statistics 36, 2018); lags are counted in time, so that the days left out count. With it
the quantiles of the normal distribution do not hold: at an autocorrelation of 0.5 they call one
in six series without any effect an effect. As in their fixed-b reading (Kiefer and Vogelsang,
2005) the quantile is that of the statistic itself. It depends on the design (a step near the end,
a trend) and, in short series, on the autocorrelation; so it is drawn from series without effect
with this design and the autocorrelation found, always the same series.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

LEVEL: Final = 0.95
_BANDWIDTH: Final = 1.3
_DRAWS: Final = 2000
_BURN_IN: Final = 60
_SEED: Final = 1955
_MOST: Final = 0.9


@dataclass(frozen=True, slots=True)
class Step:
    """How much the series changed, with its interval at `LEVEL`.

    Attributes:
        lag: bandwidth of the variance, in units of time.
        autocorrelation: of neighbours, that the quantile was drawn with.
        quantile: how many standard errors the interval reaches to each side.
    """

    effect: float
    low: float
    high: float
    lag: int
    autocorrelation: float
    quantile: float


def step(
    times: Sequence[int],
    after: Sequence[bool],
    values: Sequence[float],
    weights: Sequence[float],
    *,
    trend: bool,
) -> Step:
    """The step at the first value after the fix, by weighted least squares.

    Args:
        times: whole units of time, growing; gaps are allowed.
        weights: of each value, as the inverse of its variance.
        trend: whether a line through the baseline goes on after the fix.

    Raises:
        ValueError: fewer values than a fit needs.
    """
    import numpy as np

    moments = np.asarray(times, dtype=float)
    design = _design(moments, np.asarray(after, dtype=float), trend=trend)
    if len(moments) <= design.shape[1] + 1:
        raise ValueError("too few values for a fit")
    fit = _Fit(moments, design, np.asarray(weights, dtype=float))
    observed = np.asarray(values, dtype=float)[None, :]
    effects, errors, residuals = fit.statistics(observed)
    likeness = _autocorrelation(moments, residuals[0], design.shape[1])
    drawn, drawn_errors, _ = fit.statistics(fit.without_effect(likeness))
    quantile = float(np.quantile(np.abs(drawn / drawn_errors), LEVEL))
    effect, reach = float(effects[0]), quantile * float(errors[0])
    return Step(effect, effect - reach, effect + reach, fit.lag, likeness, quantile)


class _Fit:
    """Weighted least squares of one design, for many series at once."""

    def __init__(self, moments: "Array", design: "Array", weights: "Array") -> None:
        import numpy as np

        self._moments = moments
        self._design = design
        self._scale = np.sqrt(weights / weights.mean())
        weighted = design * self._scale[:, None]
        self._solve = np.linalg.pinv(weighted)
        self.lag = math.ceil(_BANDWIDTH * math.sqrt(len(moments)))
        apart = np.abs(moments[:, None] - moments[None, :])
        self._kernel = np.clip(1 - apart / (self.lag + 1), 0, None)

    def statistics(self, series: "Array") -> tuple["Array", "Array", "Array"]:
        """Of rows of series: the steps, their standard errors, the residuals."""
        import numpy as np

        fitted = series * self._scale @ self._solve.T
        residuals = series - fitted @ self._design.T
        influence = residuals * self._scale * self._solve[-1]
        count, terms = self._design.shape
        variance = np.einsum("ri,ri->r", influence @ self._kernel, influence)
        # Of residuals that fit without error the variance is 0, give or take a rounding error.
        errors = np.sqrt(np.maximum(variance, 0.0) * count / (count - terms))
        return fitted[:, -1], np.maximum(errors, np.finfo(float).tiny), residuals

    def without_effect(self, likeness: float) -> "Array":
        """Series of this design in which nothing happened."""
        import numpy as np

        at = (self._moments - self._moments[0]).astype(int)
        noise = np.random.default_rng(_SEED).standard_normal((at[-1] + 1 + _BURN_IN, _DRAWS))
        for moment in range(1, len(noise)):
            noise[moment] += likeness * noise[moment - 1]
        # What weighs more varies less.
        drawn: Array = noise[_BURN_IN:][at].T / self._scale
        return drawn


def _design(moments: "Array", after: "Array", *, trend: bool) -> "Array":
    import numpy as np

    columns = [np.ones(len(moments))]
    if trend:
        columns.append((moments - moments.mean()) / (np.ptp(moments) or 1.0))
    return np.column_stack([*columns, after])


def _autocorrelation(moments: "Array", residuals: "Array", terms: int) -> float:
    """Of neighbours, one standard error above the estimate: who takes it for smaller than it is
    finds effects that are none. Kendall's bias of the estimate is added back."""
    import numpy as np

    neighbours = np.diff(moments) == 1
    spread = float(residuals @ residuals)
    pairs = int(neighbours.sum())
    if not spread or not pairs:
        return 0.0
    found = float((residuals[1:] * residuals[:-1])[neighbours].sum()) / spread
    found += (terms + 3 * found) / len(residuals)
    found += math.sqrt(max(0.0, 1 - found * found) / pairs)
    return min(max(found, 0.0), _MOST)
