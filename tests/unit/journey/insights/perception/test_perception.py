"""Shares of the four words by month; what has none of them is left out."""

import numpy as np
import pytest
from scipy.stats import binomtest

from heedful.journey.insights.facts import Facts
from heedful.journey.insights.perception.insight import INSIGHT, By, PerceptionParameters
from heedful.journey.insights.perception.months import begin, months
from heedful.journey.insights.report import Estimate, Report, Row, State
from tests.unit.journey.insights.facts_of import Event, facts_of

START = 20454.0  # 2026-01-01


def test_months_are_those_of_the_calendar() -> None:
    at = np.array([-0.5, 0.0, 30.9, 31.0, START, START + 58.99, START + 59])
    assert months(at).tolist() == [-1, 0, 0, 1, 672, 673, 674]
    assert begin(673) == "2026-02-01T00:00:00+00:00"


def worded(seed: int, rise: float, per_month: int = 60, segment: str = "new") -> Facts:
    """Half a year at two touchpoints; hassle rises at one by `rise` a month, from 0.2."""
    generator = np.random.default_rng(seed)
    events = []
    for i in range(6 * per_month * 2):
        at, touchpoint = START + generator.random() * 180, ("app", "shop")[i % 2]
        hassle = 0.2 + (rise * (at - START) / 30 if touchpoint == "app" else 0)
        word = (
            "hassle" if generator.random() < hassle else str(generator.choice(["ease", "delight"]))
        )
        events.append(
            Event(
                f"c{i % 400}",
                at,
                touchpoint=touchpoint,
                perceptions=[word],
                attributes={"segment": segment},
            )
        )
    return facts_of(events, START, START + 180)


def series(report: Report, label: str, touchpoint: str | None) -> list[Row]:
    return [
        row
        for row in report.rows
        if row.cells["label"] == label and row.cells["touchpoint"] == touchpoint
    ]


def test_a_rise_is_found_where_it_is() -> None:
    report = INSIGHT.compute(worded(1, 0.08), PerceptionParameters())
    app, shop = series(report, "hassle", "app"), series(report, "hassle", "shop")
    assert [row.cells["month"] for row in app][:2] == [
        "2026-01-01T00:00:00+00:00",
        "2026-02-01T00:00:00+00:00",
    ]
    assert app[0].cells["trend"] == "up"
    slope = app[0].cells["slope"]
    assert isinstance(slope, Estimate)
    assert slope.low <= 0.08 * 30.4375 / 30 <= slope.high
    assert shop[0].cells["trend"] is None
    first = app[0].cells["share"]
    assert isinstance(first, Estimate)
    assert first.low <= 0.24 <= first.high
    assert report.customers == 400


def test_feedback_without_a_word_is_no_zero() -> None:
    said = [
        *(Event(f"a{i}", START + 1, touchpoint="app", perceptions=["ease"]) for i in range(30)),
        *(Event(f"b{i}", START + 1, touchpoint="app") for i in range(300)),
        *(Event(f"c{i}", START + 1, touchpoint="shop") for i in range(30)),
        *(Event(f"d{i}", START + 1, touchpoint="app", perceptions=["other"]) for i in range(30)),
    ]
    report = INSIGHT.compute(facts_of(said, START, START + 31), PerceptionParameters())
    (row,) = series(report, "ease", "app")
    share = row.cells["share"]
    assert isinstance(share, Estimate)
    assert (row.cells["worded"], share.value) == (30, 1.0)
    assert series(report, "ease", "shop") == []
    assert report.figures == {"feedback": 390, "worded": 30}


def test_two_words_of_one_feedback_count_for_both() -> None:
    said = [
        Event(f"a{i}", START, touchpoint="app", perceptions=["ease", "delight"]) for i in range(25)
    ]
    report = INSIGHT.compute(facts_of(said, START, START + 31), PerceptionParameters(by=By.ALL))
    shares = {row.cells["label"]: row.cells["share"] for row in report.rows}
    assert {k: v.value for k, v in shares.items() if isinstance(v, Estimate)} == {
        "delight": 1.0,
        "disappointment": 0.0,
        "ease": 1.0,
        "hassle": 0.0,
    }


def test_by_segment_is_by_the_newest_of_the_customer() -> None:
    said = [
        Event("a", START, perceptions=["ease"], attributes={"segment": "new"}),
        Event("a", START + 40, perceptions=["ease"], attributes={"segment": "old"}),
        Event("a", START + 41, perceptions=["hassle"]),
        Event(None, START + 41, perceptions=["ease"], attributes={"segment": "new"}),
        Event("b", START + 41, perceptions=["ease"]),
    ]
    report = INSIGHT.compute(facts_of(said, START, START + 60), PerceptionParameters(by=By.SEGMENT))
    found = {
        (row.cells["segment"], row.cells["month"]): row.cells["worded"]
        for row in report.rows
        if row.cells["label"] == "ease"
    }
    assert found == {
        ("new", "2026-02-01T00:00:00+00:00"): 1,
        ("old", "2026-01-01T00:00:00+00:00"): 1,
        ("old", "2026-02-01T00:00:00+00:00"): 2,
    }
    both = INSIGHT.compute(worded(3, 0.0), PerceptionParameters(by=By.BOTH))
    assert {(row.cells["touchpoint"], row.cells["segment"]) for row in both.rows} == {
        ("app", "new"),
        ("shop", "new"),
    }


def test_a_month_with_few_is_grey() -> None:
    report = INSIGHT.compute(worded(4, 0.0, per_month=8), PerceptionParameters(least=12))
    assert any(row.grey and row.why is not None for row in report.rows)
    assert INSIGHT.compute(facts_of([]), PerceptionParameters()).state is State.TOO_FEW


@pytest.mark.parametrize("per_month", [40])
def test_of_nothing_few_trends_are_found(per_month: int) -> None:
    false = 0
    for seed in range(15):
        report = INSIGHT.compute(worded(seed, 0.0, per_month), PerceptionParameters())
        false += any(row.cells["trend"] for row in report.rows)
    assert binomtest(false, 15, 0.05, alternative="greater").pvalue > 0.01
