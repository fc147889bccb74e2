"""What grows, what is new, since when, and what stays as it was."""

import numpy as np
from scipy.stats import binomtest

from heedful.journey.insights.emerging.insight import INSIGHT, EmergingParameters
from heedful.journey.insights.facts import Facts
from heedful.journey.insights.report import Estimate, Report, Row, State
from tests.unit.journey.insights.facts_of import Event, facts_of

WEEKS = 40
SINCE = 20000.0
UNTIL = SINCE + 7 * WEEKS + 3


def spoken(seed: int, grown: float, new: float, per_week: int = 80) -> Facts:
    """From week 32 on `price` is spoken of `grown` times as much, and `allergen` at all."""
    generator = np.random.default_rng(seed)
    events = []
    for _ in range(WEEKS * per_week):
        at = SINCE + 3 + generator.random() * 7 * WEEKS
        late = at >= SINCE + 3 + 7 * 32
        weights = np.array([0.1 * (grown if late else 1), new if late else 0.0, 0.3, 0.3])
        topic = generator.choice(["price", "allergen", "wait", "staff"], p=weights / weights.sum())
        events.append(Event(f"c{generator.integers(900)}", at, topics=[str(topic)]))
    return facts_of(events, SINCE, UNTIL)


def rows(report: Report) -> dict[str, Row]:
    return {str(row.cells["topic"]): row for row in report.rows}


def test_growth_and_news_are_found_with_their_week() -> None:
    report = INSIGHT.compute(spoken(1, 3.0, 0.06), EmergingParameters(recent_weeks=8))
    price, allergen = rows(report)["price"], rows(report)["allergen"]
    assert price.cells["trend"] == allergen.cells["trend"] == "up"
    ratio = price.cells["ratio"]
    assert isinstance(ratio, Estimate)
    assert ratio.low > 1.5
    assert (allergen.cells["new"], allergen.cells["ratio"]) == (True, None)
    assert price.cells["changed_at"] == "2025-05-19T00:00:00+00:00"
    change = price.cells["change_ratio"]
    assert isinstance(change, Estimate)
    assert change.low > 1.5
    assert {row.cells["trend"] for t, row in rows(report).items() if t in ("wait", "staff")} <= {
        None,
        "down",
    }
    assert report.state is State.OK


def test_nothing_new_is_grey() -> None:
    report = INSIGHT.compute(spoken(2, 1.0, 0.0), EmergingParameters())
    assert [row.grey for row in report.rows] == [True] * 3
    assert rows(report)["price"].why is not None


def test_rare_topics_are_grey_and_not_tested() -> None:
    report = INSIGHT.compute(spoken(3, 1.0, 0.0, per_week=4), EmergingParameters(least=1000))
    assert all(row.grey and row.cells["p"] is None for row in report.rows)


def test_too_short_a_period() -> None:
    facts = facts_of([Event("a", 1, topics=["price"])], 0, 30)
    report = INSIGHT.compute(facts, EmergingParameters())
    assert report.state is State.TOO_FEW
    assert "4 weeks, 8 needed" in report.notes[0].en


def test_of_nothing_little_emerges() -> None:
    false = 0
    for seed in range(8):
        report = INSIGHT.compute(spoken(seed, 1.0, 0.0, per_week=30), EmergingParameters())
        false += any(not row.grey for row in report.rows)
    assert binomtest(false, 8, 0.05, alternative="greater").pvalue > 0.01
