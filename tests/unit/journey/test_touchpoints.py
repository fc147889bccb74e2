"""The red/green map says only what the counts carry."""

from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.common.contracts import Colour
from heedful.journey.touchpoints import ENOUGH, colour, wilson


@st.composite
def counts(draw: st.DrawFn) -> tuple[int, int]:
    total = draw(st.integers(1, 100_000))
    return draw(st.integers(0, total)), total


@given(counts())
def test_an_interval_holds_its_share_and_stays_within_bounds(given_counts: tuple[int, int]) -> None:
    count, total = given_counts
    found = wilson(count, total)
    assert found is not None
    assert 0 <= found.low <= found.share <= found.high <= 1
    assert found.low < found.high


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_wilsons(count: int, total: int, low: float, high: float) -> None:
    """The examples of R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3."""
    found = wilson(count, total)
    assert found is not None
    assert isclose(found.low, low, abs_tol=5e-5)
    assert isclose(found.high, high, abs_tol=5e-5)


def test_nothing_has_no_share() -> None:
    assert wilson(0, 0) is None


def test_more_feedback_makes_surer() -> None:
    few, many = wilson(3, 10), wilson(300, 1000)
    assert few is not None
    assert many is not None
    assert many.high - many.low < few.high - few.low


@pytest.mark.parametrize(
    ("red", "green", "feedback", "expected"),
    [
        (0, 0, 0, Colour.GREY),
        (ENOUGH - 1, 0, ENOUGH - 1, Colour.GREY),
        (ENOUGH, 0, ENOUGH, Colour.RED),
        (0, ENOUGH, ENOUGH, Colour.GREEN),
        (10, 10, ENOUGH, Colour.AMBER),
        (11, 9, ENOUGH, Colour.AMBER),
        (0, 0, ENOUGH, Colour.AMBER),
        (6, 94, 100, Colour.GREEN),
    ],
)
def test_a_colour_needs_enough_feedback_and_a_clear_majority(
    red: int, green: int, feedback: int, expected: Colour
) -> None:
    assert colour(red, green, feedback) is expected
