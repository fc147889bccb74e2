"""Purchases of customers as models of repeat buying read them."""

import pytest

from heedful.journey.insights.purchases import bought, purchases
from tests.unit.journey.insights.facts_of import Event, facts_of


def order(customer: str, at: float, amount: float, kind: str = "order") -> Event:
    return Event(customer, at, feedback=False, interaction=kind, amount=amount)


def test_repeat_purchases_by_day() -> None:
    told = [
        order("a", 7.2, 100),
        order("a", 14.1, 10),
        order("a", 14.9, 20),
        order("a", 28.0, 50),
        order("b", 3.0, 5),
        order("a", 71.0, 999),
    ]
    facts = facts_of(told, until=90)
    found = purchases(facts, bought(facts), 70.0)
    assert found.x.tolist() == [2.0, 0.0]
    assert found.t_x.tolist() == [3.0, 0.0]
    assert found.T.tolist() == [9.0, pytest.approx(67 / 7)]
    # The first purchase is not one of those that came again.
    assert found.mean[0] == 40.0
    assert found.priced.tolist() == [2, 0]


def test_a_payment_counts_where_there_is_no_order() -> None:
    told = [
        order("a", 1, 10),
        order("a", 2, 10, "payment"),
        order("b", 1, 10, "payment"),
        order("b", 9, float("nan"), "payment"),
    ]
    facts = facts_of(told)
    assert bought(facts).tolist() == [True, False, True, True]
    found = purchases(facts, bought(facts), 30.0)
    assert found.x.tolist() == [0.0, 1.0]
    assert found.priced.tolist() == [0, 0]


def test_nobody_bought() -> None:
    facts = facts_of([Event("a", 1)])
    assert len(purchases(facts, bought(facts), 30.0).x) == 0
