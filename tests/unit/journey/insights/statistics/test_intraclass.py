"""Against the published example."""

import numpy as np
import pytest

from heedful.journey.insights.statistics.intraclass import intraclass

RATINGS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]],
    dtype=float,
)


def test_shrout_and_fleiss() -> None:
    """Psychol. Bull. 86, 1979, table 2: ICC(1,1) = .17; the interval as R's psych has it."""
    found = intraclass(RATINGS.ravel(), np.repeat(np.arange(6, dtype=np.int32), 4))
    assert found is not None
    assert found.icc.value == pytest.approx(0.1657, abs=5e-5)
    assert (found.icc.low, found.icc.high) == pytest.approx((-0.1329, 0.7226), abs=5e-5)
    assert found.p == pytest.approx(0.1648, abs=5e-4)


def test_nothing_to_compare() -> None:
    assert intraclass(np.array([1.0, 2.0]), np.array([0, 0], dtype=np.int32)) is None
    assert intraclass(np.array([1.0, 2.0]), np.array([0, 1], dtype=np.int32)) is None
    assert intraclass(np.ones(4), np.array([0, 0, 1, 1], dtype=np.int32)) is None
