"""The gap between satisfaction and loyalty, and its interval."""

import numpy as np
import pytest

from heedful.journey.insights.leaving.flags import scores
from heedful.journey.insights.leaving.gap import gap, paired
from tests.unit.journey.insights.facts_of import Event, facts_of


def told(name: str, score: float, back: float | None) -> list[Event]:
    events = [Event(name, 10.0, score=score)]
    return events + (
        [] if back is None else [Event(name, back, feedback=False, interaction="order")]
    )


def test_who_is_satisfied_and_who_comes_back() -> None:
    lives = [
        *(told(f"a{n}", 0.9, 30.0) for n in range(3)),
        *(told(f"b{n}", 0.9, None) for n in range(6)),
        told("late", 0.9, 90.0),
        told("before", 0.9, 5.0),
        told("angry", 0.1, 30.0),
        [Event("too late to tell", 80.0, score=1.0)],
    ]
    facts = facts_of([event for life in lives for event in life], until=100)
    found = gap(facts, scores(facts, None), satisfied=0.75, horizon=60)
    assert found is not None
    assert found.customers == 12
    assert found.satisfied.value == pytest.approx(11 / 12)
    assert found.back.value == pytest.approx(4 / 12)
    assert found.satisfied_back is not None
    assert found.satisfied_back.value == pytest.approx(3 / 11)
    assert found.gap.value == pytest.approx(7 / 12)
    assert found.gap.low > 0


def test_no_scores_no_gap() -> None:
    facts = facts_of([])
    assert gap(facts, scores(facts, None), 0.75, 60) is None


@pytest.mark.parametrize(
    ("first", "second", "n"), [(0.55, 0.05, 60), (0.1, 0.1, 40), (0.2, 0.0, 30)]
)
def test_the_interval_holds_the_truth_as_often_as_it_says(
    first: float, second: float, n: int
) -> None:
    rng = np.random.default_rng(1)
    cells = rng.multinomial(n, [first, second, 1 - first - second], 2000)
    found = [paired(int(b), int(c), n) for b, c, _ in cells]
    covered = np.mean([one.low <= first - second <= one.high for one in found])
    assert 0.935 <= covered <= 0.99
