"""What stands out from how units scatter."""

import numpy as np
import pytest

from heedful.journey.insights.statistics.outliers import scatter


def test_units_that_differ_by_chance_alone() -> None:
    """Alike but for what chance makes of them: nothing between them, and z as it was."""
    random = np.random.default_rng(3)
    errors = random.uniform(0.01, 0.2, 400)
    found = scatter(0.6 + errors * random.standard_normal(400), errors)
    assert found.between < 0.02
    assert found.centre == pytest.approx(0.6, abs=0.01)
    assert np.mean(found.above < 0.05) == pytest.approx(0.05, abs=0.03)


def test_units_that_differ_by_themselves_are_no_outliers() -> None:
    """And one beyond them is, which did not widen the band it is held against."""
    random = np.random.default_rng(4)
    errors = np.full(100, 0.02)
    values = 0.6 + 0.1 * random.standard_normal(100) + errors * random.standard_normal(100)
    found = scatter(values, errors)
    assert found.between == pytest.approx(0.1, rel=0.25)
    values[0] = 1.6
    cheating = scatter(values, errors)
    assert cheating.between == pytest.approx(found.between, rel=0.1)
    assert cheating.z[0] > 5
    assert np.count_nonzero(cheating.above < 0.001) == 1


def test_what_is_known_of_one_is_shrunk_by_how_unsure_it_is() -> None:
    values = np.array([0.0, 0.2, 0.4, 0.6, 0.8, 1.0])
    found = scatter(values, np.array([0.05, 0.05, 0.05, 0.05, 0.05, 0.6]))
    away = np.abs(found.shrunk - found.centre) / np.abs(values - found.centre)
    assert away[-1] < 0.5 < away[:-1].min()
    assert np.all(found.half > 0)
