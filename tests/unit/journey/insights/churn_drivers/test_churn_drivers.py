"""Churn drivers: planted hazards are found, and what cannot be told is greyed with its reason."""

from dataclasses import replace
from math import log

import numpy as np
import pytest

from heedful.journey.insights.churn_drivers import INSIGHT
from heedful.journey.insights.churn_drivers.insight import ChurnParameters
from heedful.journey.insights.report import Estimate, Report, Row, State
from tests.unit.journey.insights.facts_of import Event, facts_of

UNTIL = 360.0
WINDOW = 30.0
CAUSES = {"billing": 4.0, "waiting": 2.5, "price": 1.0}


def lives(seed: int, customers: int, ratios: dict[str, float]) -> list[Event]:
    """Complaints come by chance; each multiplies the hazard of leaving for a window after it."""
    rng = np.random.default_rng(seed)
    told = []
    for number in range(customers):
        name = f"c{number}"
        start = float(rng.uniform(0, 180))
        told.append(Event(name, start, feedback=False, interaction="visit"))
        said = [
            (float(at), topic)
            for topic in ratios
            for at in rng.uniform(start, UNTIL, rng.poisson((UNTIL - start) / 150))
        ]
        left = _leaves(rng, start, said, ratios)
        if left is not None:
            told.append(Event(name, left, feedback=False, interaction="churn"))
        told += [
            Event(name, at, topics=(topic,), colour="amber", valence=-0.3)
            for at, topic in said
            if left is None or at < left
        ]
    return told


def _leaves(
    rng: np.random.Generator, start: float, said: list[tuple[float, str]], ratios: dict[str, float]
) -> float | None:
    """By thinning: more departures than can be are proposed, and kept by their hazard."""
    highest = 0.0008 * float(np.prod(list(ratios.values())))
    at = start
    while True:
        at += float(rng.exponential(1 / highest))
        if at >= UNTIL:
            return None
        active = {topic for when, topic in said if when < at <= when + WINDOW}
        if rng.random() < 0.0008 * np.prod([ratios[topic] for topic in active]) / highest:
            return at


def report(told: list[Event], parameters: ChurnParameters | None = None) -> Report:
    return INSIGHT.compute(facts_of(told, since=0, until=UNTIL), parameters or ChurnParameters())


def row(found: Report, driver: str) -> Row:
    return next(one for one in found.rows if one.cells["driver"] == driver)


@pytest.fixture(scope="module")
def planted() -> Report:
    return report(lives(1, 3000, CAUSES))


def test_planted_hazards_are_found(planted: Report) -> None:
    for topic, truth in CAUSES.items():
        ratio = row(planted, topic).cells["hazard_ratio"]
        assert isinstance(ratio, Estimate)
        assert ratio.low <= truth <= ratio.high
        assert log(ratio.high / ratio.low) < 1.2
    assert not row(planted, "billing").grey
    assert not row(planted, "waiting").grey
    assert [one.cells["driver"] for one in planted.rows][:2] == ["billing", "waiting"]


def test_what_is_not_significant_is_greyed_with_its_interval(planted: Report) -> None:
    price = row(planted, "price")
    assert price.grey
    assert price.why is not None
    assert "not significant" in price.why.en
    assert isinstance(price.cells["hazard_ratio"], Estimate)


def test_examples_show_the_driver_and_the_departure(planted: Report) -> None:
    example = row(planted, "billing").examples[0]
    first, last = example.events
    assert first.startswith("feedback:")
    assert last.startswith("interaction:")


def test_departures_of_one_side_only_have_no_ratio() -> None:
    told = lives(2, 400, {"price": 1.0})
    # Everybody who complains of it stays; nobody who left had.
    left = {event.customer for event in told if event.interaction == "churn"}
    stayed = {str(event.customer) for event in told if event.customer not in left}
    told += [
        Event(name, 200, topics=("app",), colour="red", valence=-1) for name in sorted(stayed)[:60]
    ]
    app = row(report(told), "app")
    assert app.grey
    assert app.cells["hazard_ratio"] is None
    assert app.why is not None
    assert "none of those who left" in app.why.en


def test_what_is_rare_is_not_let_through_because_many_left_after_it() -> None:
    """Of hundreds of rare drivers one is followed by ten departures by chance; none is tested."""
    told = lives(4, 600, {"price": 1.0})
    gone = [event for event in told if event.interaction == "churn"][:15]
    told += [
        Event(one.customer, one.at - 1, topics=("app",), colour="amber", valence=-0.3)
        for one in gone
    ]
    app = row(report(told), "app")
    assert app.cells["departures"] == 15
    assert app.cells["hazard_ratio"] is None
    assert app.why is not None
    assert "departures expected, to compare, 10 needed" in app.why.en


def test_drivers_that_always_go_together_are_not_told_apart() -> None:
    told = [
        replace(event, topics=("billing", "refund")) if "billing" in event.topics else event
        for event in lives(3, 1500, {"billing": 3.0})
    ]
    found = report(told)
    ratios = [row(found, name).cells["hazard_ratio"] for name in ("billing", "refund")]
    assert sum(isinstance(one, Estimate) for one in ratios) == 1
    refused = next(one for one in found.rows if one.cells["hazard_ratio"] is None)
    assert refused.why is not None
    assert "cannot be told apart" in refused.why.en


def test_few_departures_say_nothing() -> None:
    found = report(lives(4, 60, {"billing": 1.0}))
    assert found.state is State.TOO_FEW
    assert found.rows == []
    assert "departures" in found.notes[0].en


def test_nobody_at_all() -> None:
    assert report([]).state is State.TOO_FEW


def test_only_drivers_at_the_touchpoint_and_customers_of_the_segment() -> None:
    told = [
        replace(event, touchpoint="call" if "billing" in event.topics else "shop")
        for event in lives(5, 800, {"billing": 3.0, "price": 1.0})
    ]
    there = report(told, ChurnParameters(touchpoint="call"))
    assert {one.cells["driver"] for one in there.rows} == {"billing"}
    half = [
        replace(
            event,
            attributes={"segment": "gold" if int((event.customer or "c0")[1:]) % 2 else "basic"},
        )
        for event in told
    ]
    gold = report(half, ChurnParameters(segment="gold"))
    assert gold.customers == 400
