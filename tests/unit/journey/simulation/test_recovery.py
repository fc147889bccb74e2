"""The small form of benchmarks/insights.py: insights find what was planted, and nothing else.

Of nulls one in twenty has a find by chance; this one has none.
"""

from functools import lru_cache

import pytest

from benchmarks.insight_checks import CHECKS, VOICES
from heedful.journey.insights.all import INSIGHTS
from heedful.journey.simulation.plan import SimulationPlan
from heedful.journey.simulation.simulate import Simulated, simulate

PLAN = SimulationPlan(seed=2, customers=1500)
QUICK = ("touchpoint-map", "hidden-needs", "peak-end", "alignment", "coverage")


@lru_cache
def business(*effects: str) -> Simulated:
    return simulate(PLAN.only(*effects))


@pytest.mark.parametrize("name", QUICK)
def test_what_was_planted_is_found_and_nothing_elsewhere(name: str) -> None:
    check = CHECKS[name]
    assert check.run(business(*check.effects)).found
    assert check.run(business()).false == 0


def test_the_hidden_need_has_the_largest_stake() -> None:
    assert CHECKS["priorities"].run(business(*VOICES)).found


def test_every_insight_is_tried() -> None:
    assert CHECKS.keys() == INSIGHTS.keys()
