"""The small form of benchmarks/insights.py: insights find what was planted, and nothing else.

Of nulls one in twenty has a find by chance; this one has none.
"""

import pytest

from benchmarks.insight_checks import CHECKS
from heedful.journey.simulation.plan import SimulationPlan
from heedful.journey.simulation.simulate import Simulated, simulate

PLAN = SimulationPlan(seed=2, customers=1500)
QUICK = ("touchpoint-map", "hidden-needs", "peak-end")


@pytest.fixture(scope="module")
def null() -> Simulated:
    return simulate(PLAN.only())


@pytest.mark.parametrize("name", QUICK)
def test_what_was_planted_is_found_and_nothing_elsewhere(name: str, null: Simulated) -> None:
    check = CHECKS[name]
    assert check.run(simulate(check.plan(PLAN))).found
    assert check.run(null).false == 0
