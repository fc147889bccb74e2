"""The median against one worked by hand, against statsmodels, and against its own laws."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.duration.survfunc import SurvfuncRight

from heedful.alerting.survival import Lasted, Median, median

CASES = st.lists(
    st.builds(
        Lasted,
        hours=st.integers(1, 400).map(float),
        landed=st.integers(0, 3),
        censored=st.integers(0, 3),
    ),
    max_size=40,
)


def test_worked_by_hand() -> None:
    """Landed after 10, 30 and 60 h, open at 20 and 90 h: S falls to 4/5, 8/15 and 4/15."""
    found = median(
        [Lasted(10, 1, 0), Lasted(20, 0, 1), Lasted(30, 1, 0), Lasted(60, 1, 0), Lasted(90, 0, 1)]
    )
    assert (found.hours, found.n, found.landed) == (60, 5, 3)


def test_a_half_is_a_half() -> None:
    """9/10 of 7/9 of 5/7 is a half, which floating point misses by a little."""
    cases = [Lasted(1, 1, 0), Lasted(2, 2, 0), Lasted(3, 2, 0), Lasted(4, 2, 3)]
    assert median(cases).hours == 3


def test_nothing_has_landed() -> None:
    assert median([Lasted(5, 0, 4)]) == Median(None, None, None, 4, 0)
    assert median([]) == Median(None, None, None, 0, 0)


def test_open_cases_lengthen_it() -> None:
    landed = [Lasted(float(hours), 1, 0) for hours in range(1, 20)]
    alone = median(landed).hours
    beside = median([*landed, Lasted(100, 0, 12)]).hours
    assert alone == 10
    assert beside is not None
    assert beside > alone


@given(CASES)
def test_as_statsmodels_has_it(cases: list[Lasted]) -> None:
    times = [one.hours for one in cases for _ in range(one.landed + one.censored)]
    landed = [event for one in cases for event in (1,) * one.landed + (0,) * one.censored]
    if not any(landed):
        return
    found = median(cases)
    peer = SurvfuncRight(np.asarray(times), np.asarray(landed))
    # A survival of exactly a half reaches the median here; statsmodels goes on to the next time.
    reached = peer.surv_times[peer.surv_prob <= 0.5 + 1e-12]
    assert found.hours == (reached[0] if len(reached) else None)
    with np.errstate(all="ignore"):
        theirs = peer.quantile_ci(0.5, alpha=0.05, method="cloglog")
    for ours, other in zip((found.low, found.high), theirs, strict=True):
        assert ours is None or not np.isfinite(other) or ours == other


@given(CASES, st.randoms())
def test_order_and_grouping_do_not_matter(cases: list[Lasted], random: Random) -> None:
    single = [
        part
        for one in cases
        for part in [Lasted(one.hours, 1, 0)] * one.landed
        + [Lasted(one.hours, 0, 1)] * one.censored
    ]
    random.shuffle(single)
    assert median(single) == median(cases)


@given(CASES)
def test_the_interval_holds_the_median(cases: list[Lasted]) -> None:
    found = median(cases)
    if found.hours is not None and found.low is not None:
        assert found.low <= found.hours
    if found.hours is not None and found.high is not None:
        assert found.hours <= found.high
    if found.hours is None:
        assert found.high is None


@pytest.mark.parametrize("landed", [1, 2, 50])
def test_all_at_once(landed: int) -> None:
    assert median([Lasted(7, landed, 0)]).hours == 7
