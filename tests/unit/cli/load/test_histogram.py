"""The histogram: the error that it states, over all durations."""

import math

from hypothesis import given
from hypothesis import strategies as st

from heedful.cli.load.histogram import RELATIVE_ERROR, Histogram

durations = st.lists(st.floats(0, 3600), min_size=1, max_size=200)


@given(durations, st.floats(0, 100))
def test_a_percentile_is_right_to_the_stated_error(seconds: list[float], percent: float) -> None:
    seen = Histogram(seconds)
    rank = max(1, math.ceil(len(seconds) * percent / 100))
    true = sorted(seconds)[rank - 1]
    # Below a few hundred microseconds whole ones are told apart.
    assert abs(seen.percentile(percent) - true) <= true * RELATIVE_ERROR + 1e-6


@given(durations)
def test_count_mean_and_the_largest_are_exact(seconds: list[float]) -> None:
    seen = Histogram(seconds)
    assert seen.count == len(seconds)
    assert math.isclose(seen.mean, sum(seconds) / len(seconds), rel_tol=1e-9)
    assert seen.max == seen.percentile(100) == max(seconds)


def test_nothing_has_no_percentile_and_a_time_below_0_counts_as_0() -> None:
    assert math.isnan(Histogram().percentile(50))
    assert Histogram([-0.5]).max == 0
