"""Satisfied but leaving: precision is who left of those who were flagged."""

from dataclasses import replace

import numpy as np
import pytest

from heedful.journey.insights.leaving import INSIGHT
from heedful.journey.insights.leaving.insight import LeavingParameters
from heedful.journey.insights.report import Estimate, Report, Row, State
from heedful.journey.touchpoints import wilson
from tests.unit.journey.insights.facts_of import Event, facts_of

UNTIL = 240.0
PARAMETERS = LeavingParameters(recent_days=60, horizon_days=60, cutoffs=3)


def lives(seed: int, customers: int, blamed_leave: float, others_leave: float) -> list[Event]:
    """Everybody rates well now and then; some ratings have words that blame, and then some go."""
    rng = np.random.default_rng(seed)
    told = []
    for number in range(customers):
        name = f"c{number:04}"
        told.append(Event(name, 0.0, feedback=False, interaction="service"))
        for at in (50.0, 110.0, 170.0):
            blames = rng.random() < 0.3
            when = at + float(rng.uniform(-20, 9))
            told.append(Event(name, when, score=0.9, valence=-0.5 if blames else 0.5))
            if rng.random() < (blamed_leave if blames else others_leave):
                gone = at + float(rng.uniform(10, 60))
                told.append(Event(name, gone, feedback=False, interaction="churn"))
                break
    return told


def compute(told: list[Event], parameters: LeavingParameters = PARAMETERS) -> Report:
    return INSIGHT.compute(facts_of(told, since=0, until=UNTIL), parameters)


def row(found: Report, sign: str) -> Row:
    return next(r for r in found.rows if r.cells["sign"] == sign and r.cells["moment"] is None)


def value(cell: object) -> float:
    assert isinstance(cell, Estimate)
    return cell.value


def test_precision_is_counted_at_past_moments() -> None:
    told = lives(1, 900, blamed_leave=0.5, others_leave=0.05)
    found = compute(told)
    words = row(found, "words")
    by_hand = [counted(told, moment) for moment in (180.0, 120.0, 60.0)]
    right, flags, left, satisfied = (sum(column) for column in zip(*by_hand, strict=True))
    assert value(words.cells["precision"]) == pytest.approx(right / flags)
    assert value(words.cells["base"]) == pytest.approx(left / satisfied)
    assert value(words.cells["recall"]) == pytest.approx(right / left)
    assert not words.grey
    difference = words.cells["difference"]
    assert isinstance(difference, Estimate)
    assert difference.low > 0.2
    moments = [r for r in found.rows if r.cells["moment"] is not None]
    assert [r.customers for r in moments] == [flags for _, flags, _, _ in by_hand]
    for one, (own_right, own_flags, _, _) in zip(moments, by_hand, strict=True):
        precision, exact = one.cells["precision"], wilson(own_right, own_flags)
        assert isinstance(precision, Estimate)
        assert exact is not None
        assert (precision.low, precision.high) == (exact.low, exact.high)


def counted(told: list[Event], moment: float) -> tuple[int, int, int, int]:
    """Flagged by words who left, flagged, satisfied who left, satisfied: all still there."""
    lives_of: dict[str, list[Event]] = {}
    for event in sorted(told, key=lambda one: one.at):
        lives_of.setdefault(event.customer or "", []).append(event)
    right = flags = left = satisfied = 0
    for life in lives_of.values():
        gone = next((e.at for e in life if e.interaction == "churn"), np.inf)
        past = [e for e in life if e.at < moment and e.feedback]
        if gone < moment or not past:
            continue
        blames = any(e.valence < 0 and e.at >= moment - 60 for e in past)
        leaves = gone < moment + 60
        satisfied += 1
        left += leaves
        flags += blames
        right += blames and leaves
    return right, flags, left, satisfied


def test_flags_that_are_no_better_than_chance_are_greyed() -> None:
    found = compute(lives(2, 900, blamed_leave=0.1, others_leave=0.1))
    words = row(found, "words")
    assert words.grey
    assert words.why is not None
    assert "no significant difference" in words.why.en
    assert isinstance(words.cells["precision"], Estimate)


def test_without_departures_it_is_who_did_not_buy_again() -> None:
    told = []
    for number in range(400):
        name, back = f"c{number:04}", number % 4 != 0
        told.append(Event(name, 20.0, feedback=False, interaction="order", amount=10))
        told.append(Event(name, 170.0, score=0.9, valence=0.5 if back else -0.5))
        if back:
            told.append(Event(name, 200.0, feedback=False, interaction="order", amount=10))
    found = compute(told, PARAMETERS.model_copy(update={"cutoffs": 1}))
    words = row(found, "words")
    assert value(words.cells["precision"]) == 1.0
    assert value(words.cells["base"]) == 0.25


def test_who_is_flagged_now_with_the_events_that_show_it() -> None:
    told = lives(3, 600, blamed_leave=0.5, others_leave=0.05)
    told.append(Event("zz", 220.0, score=1.0, valence=-0.9))
    found = compute([e if e.customer == "zz" else replace(e, valence=abs(e.valence)) for e in told])
    words = row(found, "words")
    assert words.cells["flagged_now"] == 1
    assert [(one.customer_id, one.events) for one in words.examples] == [
        ("zz", [f"feedback:test:{len(told) - 1}"])
    ]
    assert "gap_customers" in found.figures


def test_too_few_to_look_back_on() -> None:
    found = compute(lives(4, 10, 0.5, 0.1))
    assert found.state is State.TOO_FEW
    assert found.rows == []
    assert compute([]).state is State.TOO_FEW
