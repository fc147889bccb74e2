"""The step against one worked by hand, and against statsmodels."""

import math

import numpy as np
import pytest
import statsmodels.api as sm

from heedful.alerting.verification import effect
from heedful.alerting.verification.effect import step

BEFORE, AFTER = 40, 20
TIMES = list(range(BEFORE + AFTER))
FIXED = [time >= BEFORE for time in TIMES]
EVEN = [1.0] * len(TIMES)


def noise(seed: int) -> list[float]:
    return list(np.random.default_rng(seed).standard_normal(len(TIMES)))


def test_worked_by_hand() -> None:
    """Without a trend the step is the difference of the means: 0.30 - 0.50."""
    found = step(
        [0, 1, 2, 3, 10, 11],
        [False] * 4 + [True] * 2,
        [0.4, 0.6, 0.5, 0.5, 0.2, 0.4],
        [1.0] * 6,
        trend=False,
    )
    assert found.effect == pytest.approx(-0.2)
    assert found.low < -0.2 < found.high
    assert found.lag == math.ceil(1.3 * math.sqrt(6))


def test_a_trend_goes_on_after_the_fix() -> None:
    """A line without a step, and one with a step of -3."""
    line = [0.1 * time for time in TIMES]
    assert step(TIMES, FIXED, line, EVEN, trend=True).effect == pytest.approx(0, abs=1e-9)
    fallen = [value - 3 * fixed for value, fixed in zip(line, FIXED, strict=True)]
    assert step(TIMES, FIXED, fallen, EVEN, trend=True).effect == pytest.approx(-3)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("trend", [False, True])
def test_as_statsmodels_has_it(seed: int, *, trend: bool) -> None:
    """The estimate and its Newey-West error: the interval is that error times the quantile."""
    values = noise(seed)
    weights = list(np.random.default_rng(seed + 100).uniform(1, 5, len(TIMES)))
    found = step(TIMES, FIXED, values, weights, trend=trend)
    columns = [np.ones(len(TIMES)), *([np.asarray(TIMES)] if trend else []), np.asarray(FIXED)]
    peer = sm.WLS(values, np.column_stack(columns).astype(float), weights).fit(
        cov_type="HAC", cov_kwds={"maxlags": found.lag, "use_correction": True}
    )
    assert found.effect == pytest.approx(peer.params[-1])
    assert (found.high - found.low) / 2 / found.quantile == pytest.approx(peer.bse[-1])


def test_what_weighs_more_counts_more() -> None:
    values = [0.0] * BEFORE + [1.0] * (AFTER - 1) + [0.0]
    light = [1.0] * (len(TIMES) - 1) + [0.01]
    assert step(TIMES, FIXED, values, light, trend=False).effect == pytest.approx(1, abs=0.01)


def test_more_memory_asks_for_more() -> None:
    random = np.random.default_rng(4)
    walk = [0.0]
    for _ in TIMES[1:]:
        walk.append(0.7 * walk[-1] + float(random.standard_normal()))
    quiet = step(TIMES, FIXED, noise(4), EVEN, trend=False)
    slow = step(TIMES, FIXED, walk, EVEN, trend=False)
    assert slow.autocorrelation > quiet.autocorrelation
    assert slow.quantile > quiet.quantile > 1.96


def test_the_same_series_has_the_same_interval() -> None:
    assert step(TIMES, FIXED, noise(1), EVEN, trend=True) == step(
        TIMES, FIXED, noise(1), EVEN, trend=True
    )


def test_a_series_without_noise() -> None:
    found = step(TIMES, FIXED, [0.5] * len(TIMES), EVEN, trend=False)
    assert found.effect == pytest.approx(0, abs=1e-12)
    assert found.high - found.low < 1e-9


def test_too_few_values() -> None:
    with pytest.raises(ValueError, match="too few"):
        step([0, 1, 2], [False, False, True], [0, 0, 1], [1.0] * 3, trend=False)


def test_the_level_is_that_of_the_interval() -> None:
    assert effect.LEVEL == 0.95
