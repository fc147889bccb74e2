"""The median's interval, and the colour of what operations measure."""

import numpy as np
import pytest
from scipy.stats import binom

from heedful.common.contracts import Colour
from heedful.journey.insights.report import Estimate
from heedful.journey.insights.touchpoint_map.operations import Measured, measured, median
from tests.unit.journey.insights.facts_of import Event, facts_of


@pytest.mark.parametrize(
    ("n", "low", "high"),
    # Conover 1999, table A3 (binomial, p = 0.5): the widest order statistics needed for 95 %.
    [(6, 1, 6), (10, 2, 9), (15, 4, 12), (20, 6, 15), (30, 10, 21)],
)
def test_the_median_lies_between_order_statistics(n: int, low: int, high: int) -> None:
    found = median(np.arange(1.0, n + 1))
    assert found is not None
    assert (found.low, found.high) == (low, high)
    assert 1 - 2 * binom.cdf(low - 1, n, 0.5) >= 0.95


def test_few_values_have_no_interval() -> None:
    assert median(np.arange(5.0)) is None


def sure(value: float) -> Estimate:
    return Estimate(value=value, low=value - 0.01, high=value + 0.01)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (Measured(sure(100), 30, sure(0.9), 30), Colour.GREEN),
        (Measured(sure(100), 30, None, 0), Colour.GREEN),
        (Measured(sure(200), 30, sure(0.9), 30), Colour.RED),
        (Measured(sure(100), 30, sure(0.7), 30), Colour.RED),
        (Measured(sure(180), 30, sure(0.9), 30), Colour.AMBER),
        (Measured(sure(200), 19, None, 0), Colour.GREY),
        (Measured(None, 0, None, 0), Colour.GREY),
    ],
)
def test_green_is_only_what_surely_reaches_every_target(found: Measured, expected: Colour) -> None:
    assert found.colour(180, 0.8) is expected


def test_it_is_measured_by_touchpoint() -> None:
    calls = [
        Event(
            f"c{i}",
            feedback=False,
            interaction="contact",
            touchpoint="hotline",
            duration_s=100.0 + i,
            attributes={"resolved": "是" if i % 4 else "no"},
        )
        for i in range(40)
    ]
    visits = [Event("v", feedback=False, touchpoint="shop", attributes={"resolved": "perhaps"})]
    facts = facts_of([*calls, *visits, Event("n", duration_s=9.0)])
    hotline, shop = measured(facts, np.ones(len(facts), dtype=bool))
    assert hotline.handle_s is not None
    assert hotline.handle_s.value == 119.5
    assert hotline.handled == 40
    assert hotline.resolved is not None
    assert hotline.resolved.value == 0.75
    assert (shop.handle_s, shop.resolved, shop.settled) == (None, None, 0)
