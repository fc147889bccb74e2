"""When requests are due: as many as the area under the rate, evenly or by chance."""

import itertools
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.cli.load.schedule import Burst, Phase, phases, schedule

rates = st.floats(0.1, 60)
plans = st.lists(
    st.builds(Phase, st.just("any"), st.floats(0.1, 2), st.just(0.0) | rates, rates), max_size=3
)


def chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  # not for secrets


@given(plans, st.integers(0, 9) | st.none())
def test_due_times_grow_and_stay_in_their_phase(plan: list[Phase], seed: int | None) -> None:
    begins = list(itertools.accumulate((one.seconds for one in plan), initial=0.0))
    within = {
        id(one): (begin, begin + one.seconds) for one, begin in zip(plan, begins, strict=False)
    }
    last = 0.0
    for due in schedule(plan, None if seed is None else chance(seed)):
        first, end = within[id(due.phase)]
        assert first - 1e-9 <= due.at <= end + 1e-9
        assert due.at >= last - 1e-9
        last = due.at


@given(plans)
def test_even_arrivals_are_as_many_as_the_area(plan: list[Phase]) -> None:
    area = sum(one.requests for one in plan)
    assert abs(len(list(schedule(plan, None))) - area) <= 1


def test_even_arrivals_of_a_steady_rate_have_one_gap() -> None:
    at = [due.at for due in schedule(phases(4, 2, 0, None), None)]
    assert at == [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75]


def test_random_arrivals_have_the_rate_and_the_spread_of_a_poisson_process() -> None:
    counts = Counter(int(due.at) for due in schedule(phases(20, 400, 0, None), chance(1)))
    seconds = [counts[second] for second in range(400)]
    mean = sum(seconds) / 400
    variance = sum((one - mean) ** 2 for one in seconds) / 399
    assert mean == pytest.approx(20, rel=0.05)
    # Variance and mean of a Poisson count are the same; even arrivals would give 0.
    assert 0.7 < variance / mean < 1.3


def test_a_ramp_does_not_count_and_a_burst_is_within_the_run() -> None:
    plan = phases(10, 20, 5, Burst(10, 8, 2))
    assert [(one.name, one.seconds, one.last, one.counts) for one in plan] == [
        ("ramp", 5, 10, False),
        ("before", 8, 10, True),
        ("burst", 2, 100, True),
        ("after", 10, 10, True),
    ]
    with pytest.raises(ValueError, match="ends after the run"):
        phases(10, 20, 0, Burst(10, 19, 2))
