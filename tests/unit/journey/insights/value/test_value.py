"""Customer value: what is planted is expected, and at risk where complainers leave more often."""

from collections import defaultdict
from itertools import pairwise

import numpy as np
import pytest

from heedful.journey.insights.report import Estimate, Report, Row, State
from heedful.journey.insights.value import INSIGHT
from heedful.journey.insights.value.insight import Setting, ValueParameters
from tests.unit.journey.insights.facts_of import Event, facts_of

UNTIL = 540.0
PARAMETERS = ValueParameters(complaint_days=60, horizon_days=60)


def contract(seed: int, customers: int, hazard: float, ratio: float) -> list[Event]:
    """Monthly fees of 30; who complained of billing in the last 60 days leaves `ratio` times as
    often, `hazard` a month for the others."""
    rng = np.random.default_rng(seed)
    told = []
    for number in range(customers):
        name, until = f"c{number:04}", UNTIL
        start = float(rng.uniform(0, 300))
        complaints = np.sort(rng.uniform(start, UNTIL, rng.poisson((UNTIL - start) / 200)))
        at = start
        while at < UNTIL:
            lately = ((complaints < at) & (complaints >= at - 60)).any()
            if rng.random() < hazard * (ratio if lately else 1.0):
                until = at + 0.5
                told.append(Event(name, until, feedback=False, interaction="churn"))
                break
            told.append(Event(name, at, feedback=False, interaction="payment", amount=30.0))
            at += 365 / 12
        told += [
            Event(name, float(when), topics=("billing",), colour="red", valence=-0.8)
            for when in complaints
            if when < until
        ]
    return told


def buying(seed: int, customers: int, until: float = UNTIL) -> list[Event]:
    """BG/NBD buying with gamma-gamma money, in days."""
    rng = np.random.default_rng(seed)
    told = []
    for number in range(customers):
        rate, gone = rng.gamma(1.5, 1 / 45), rng.beta(0.8, 4.0)
        nu, at = rng.gamma(5.0, 1 / 40), float(rng.uniform(0, 200))
        told.append(_order(f"c{number:04}", at, float(rng.gamma(6.0, 1 / nu))))
        at += float(rng.exponential(1 / rate))
        while at < until:
            amount = float(rng.gamma(6.0, 1 / nu))
            told.append(_order(f"c{number:04}", at, amount))
            if rng.random() < gone:
                break
            at += float(rng.exponential(1 / rate))
    return told


def _order(name: str, at: float, amount: float) -> Event:
    return Event(name, at, feedback=False, interaction="order", amount=amount)


def compute(told: list[Event], parameters: ValueParameters = PARAMETERS) -> Report:
    return INSIGHT.compute(facts_of(told, since=0, until=UNTIL), parameters)


def row(found: Report, topic: str) -> Row:
    return next(one for one in found.rows if one.cells["topic"] == topic)


def estimate(cell: object) -> Estimate:
    assert isinstance(cell, Estimate)
    return cell


def test_contracts_are_worth_what_is_paid_while_they_last() -> None:
    """At a hazard of 4 % a month, 12 months are worth the sum of 0.96^t months, whatever for."""
    found = compute(contract(1, 1200, hazard=0.04, ratio=1.0))
    total = estimate(found.figures["expected_value"])
    there = found.figures["customers_of_value"]
    assert isinstance(there, int)
    expected = 30 * sum(0.96**t for t in range(1, 13))
    assert total.value / there == pytest.approx(expected, rel=0.08)
    assert total.low < total.value < total.high


def test_what_is_at_risk_is_value_times_how_much_more_often_they_leave() -> None:
    """On the average half of the days for which a complaint counts are over."""
    found = compute(contract(2, 1500, hazard=0.03, ratio=4.0))
    billing = row(found, "billing")
    assert billing.cells["setting"] == "contract"
    assert not billing.grey
    at_risk, excess = estimate(billing.cells["value_at_risk"]), estimate(billing.cells["excess"])
    worth = billing.cells["value"]
    assert isinstance(worth, float)
    assert at_risk.value == pytest.approx(worth * excess.value / 2, rel=0.15)
    # Four times 6 % in two months against once, less who leaves before the end of the month.
    assert excess.low < 0.18 < excess.high + 0.03
    assert excess.low > 0.1
    assert 0 < at_risk.low < at_risk.value < at_risk.high
    left, otherwise = billing.cells["left"], billing.cells["otherwise"]
    assert isinstance(left, float)
    assert isinstance(otherwise, float)
    assert left > otherwise
    assert billing.examples[0].events[0].startswith("feedback:")


def test_weeks_and_departures_counted_one_by_one() -> None:
    told = contract(7, 300, hazard=0.08, ratio=3.0)
    excess = estimate(row(compute(told), "billing").cells["excess"])
    assert excess.value == pytest.approx(by_hand(told))


def by_hand(told: list[Event], window: float = 60.0) -> float:
    """How many more leave in the window after complaining, by quarter and by how long customers
    were known when it began."""
    lives = defaultdict(list)
    for event in told:
        lives[event.customer].append(event)
    cells: dict[tuple[int, int], list[float]] = defaultdict(lambda: [0.0] * 4)
    for life in lives.values():
        start = min(event.at for event in life)
        gone = next((event.at for event in life if event.interaction == "churn"), None)
        end = UNTIL if gone is None else gone
        complaints = [event.at for event in life if event.topics]
        edges = sorted({start, end, *_edges(complaints, window, start, end)})
        for one, other in pairwise(edges):
            quarter = int(one // 91)
            tenure = max(quarter * 91 - start, 0)
            cell = cells[quarter, (tenure >= 90) + (tenure >= 365)]
            lately = any(at <= one < at + window for at in complaints)
            cell[0 if lately else 2] += gone is not None and other == end
            cell[1 if lately else 3] += (other - one) / 7
    both = [cell for cell in cells.values() if cell[1] and cell[3]]
    more = sum((a * n0 - b * n1) / (n1 + n0) for a, n1, b, n0 in both)
    return more / sum(n1 * n0 / (n1 + n0) for _, n1, _, n0 in both) * window / 7


def _edges(complaints: list[float], window: float, start: float, end: float) -> list[float]:
    """Where a quarter begins, or a complaint begins or ceases to count."""
    all_of = [91.0 * n for n in range(7)] + complaints + [at + window for at in complaints]
    return [at for at in all_of if start < at < end]


def test_where_complaining_changes_nothing_the_row_is_greyed_with_its_interval() -> None:
    billing = row(compute(contract(3, 1000, hazard=0.04, ratio=1.0)), "billing")
    assert billing.grey
    at_risk = estimate(billing.cells["value_at_risk"])
    assert at_risk.low <= 0 <= at_risk.high


def test_buying_without_a_contract() -> None:
    """What is expected of the coming year against what the planted story gives on average."""
    told = buying(4, 2000)
    found = compute(told)
    figures = found.figures
    assert figures["a"] == pytest.approx(0.8, rel=0.5)
    assert figures["r"] == pytest.approx(1.5, rel=0.2)
    assert figures["alpha_weeks"] == pytest.approx(45 / 7, rel=0.25)
    assert figures["q"] == pytest.approx(5.0, rel=0.2)
    longer = [event for event in buying(9, 2000, UNTIL + 365) if UNTIL <= event.at < UNTIL + 365]
    came = sum(event.amount for event in longer)
    total = estimate(figures["expected_value"])
    assert total.value == pytest.approx(came, rel=0.1)


def test_the_setting_can_be_told() -> None:
    told = contract(5, 300, hazard=0.05, ratio=1.0)
    assert "alpha_contract" in compute(told).figures
    as_bought = PARAMETERS.model_copy(update={"setting": Setting.NO_CONTRACT})
    assert "alpha_weeks" in compute(told, as_bought).figures


def test_nothing_is_said_of_few() -> None:
    found = compute(contract(6, 20, hazard=0.05, ratio=1.0))
    assert found.state is State.TOO_FEW
    assert compute([]).state is State.TOO_FEW
