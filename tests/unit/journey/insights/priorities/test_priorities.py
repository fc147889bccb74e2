"""What is at stake against what can be done."""

from datetime import UTC, datetime

import numpy as np
import pytest
from scipy.stats import binomtest

from heedful.journey.insights.priorities import INSIGHT
from heedful.journey.insights.priorities.entries import Choice, Entry
from heedful.journey.insights.priorities.insight import PrioritiesParameters
from heedful.journey.insights.priorities.stakes import stakes
from heedful.journey.insights.report import Estimate, Report, Row, State
from heedful.journey.touchpoints import wilson
from tests.unit.journey.insights.facts_of import Event, facts_of

AT = datetime(2026, 11, 1, tzinfo=UTC)


def entry(topic: str, ability: int | None, decision: Choice | None = None) -> Entry:
    return Entry(
        topic=topic,
        ability=ability,
        decision=decision,
        reason=None if decision is None else "no part for it",
        decided_by=None if decision is None else "human:li.wei",
        decided_at=None if decision is None else AT,
    )


def customers(topic: str, of: int, spending: float, valence: float = -0.5) -> list[Event]:
    return [
        one
        for n in range(of)
        for one in (
            Event(customer=f"{topic}-{n}", at=1, topics=[topic], valence=valence),
            Event(
                customer=f"{topic}-{n}", at=2, feedback=False, interaction="order", amount=spending
            ),
        )
    ]


TOLD = [
    *customers("queue", 40, 300.0),
    *customers("price", 40, 100.0),
    *customers("taste", 5, 100.0),
    *customers("staff", 40, 100.0, valence=0.9),
]


def row(report: Report, topic: str) -> Row:
    (found,) = [one for one in report.rows if one.cells["topic"] == topic]
    return found


def test_value_is_the_share_of_spending_of_who_complains() -> None:
    asked = PrioritiesParameters(entries=(entry("queue", 5), entry("price", 2, Choice.WONT_DO)))
    report = INSIGHT.compute(facts_of(TOLD), asked)
    total = 40 * 300 + 40 * 100 + 5 * 100 + 40 * 100
    queue, price, taste = (row(report, topic) for topic in ("queue", "price", "taste"))
    value = queue.cells["value"]
    assert isinstance(value, Estimate)
    assert value.value == pytest.approx(12_000 / total)
    assert value.low < value.value < value.high
    assert queue.cells["money"] == 12_000
    assert (queue.cells["quadrant"], price.cells["quadrant"]) == ("do_now", "build_ability")
    assert (price.cells["decision"], price.cells["reason"]) == ("wont_do", "no part for it")
    assert price.cells["decided_at"] == "2026-11-01T00:00:00Z"
    assert (queue.grey, price.grey, taste.grey) == (False, False, True)
    assert taste.why is not None
    assert taste.why.en == "5 customers, 20 needed"
    assert [one.cells["topic"] for one in report.rows] == ["queue", "price", "taste"]
    assert len(queue.examples) == 3


def test_praise_is_no_complaint() -> None:
    report = INSIGHT.compute(facts_of(TOLD), PrioritiesParameters())
    assert not [one for one in report.rows if one.cells["topic"] == "staff"]


def test_a_topic_that_was_not_rated_is_grey() -> None:
    report = INSIGHT.compute(facts_of(TOLD), PrioritiesParameters())
    why = row(report, "queue").why
    assert why is not None
    assert "not rated" in why.en
    assert report.state is State.TOO_FEW


def test_what_the_team_entered_stands_also_without_complaints() -> None:
    asked = PrioritiesParameters(entries=(entry("logo", 3),))
    found = row(INSIGHT.compute(facts_of(TOLD), asked), "logo")
    assert (found.cells["value"], found.grey, found.customers) == (None, True, 0)


def test_without_amounts_customers_count() -> None:
    told = [one for one in TOLD if one.feedback]
    report = INSIGHT.compute(facts_of(told), PrioritiesParameters())
    value = row(report, "queue").cells["value"]
    assert isinstance(value, Estimate)
    assert value.value == pytest.approx(40 / 125)
    assert row(report, "queue").cells["money"] is None
    assert "customers stands in" in report.notes[0].en


def test_customers_who_spend_alike_are_worth_what_they_are() -> None:
    """Then the interval is Wilson's, hardly wider for the variance being estimated."""
    told = [one for one in TOLD if one.feedback]
    value = row(INSIGHT.compute(facts_of(told), PrioritiesParameters()), "queue").cells["value"]
    assert isinstance(value, Estimate)
    ordinary = wilson(40, 125)
    assert ordinary is not None
    assert value.low == pytest.approx(ordinary.low, abs=0.002)
    assert value.high == pytest.approx(ordinary.high, abs=0.002)
    assert value.low < ordinary.low
    assert value.high > ordinary.high


def test_the_interval_is_wide_where_one_customer_spends_most() -> None:
    """Whether that one complains is nearly all that there is to know."""
    few = [*customers("queue", 40, 10.0), *customers("price", 1, 10_000.0)]
    value = row(INSIGHT.compute(facts_of(few), PrioritiesParameters()), "queue").cells["value"]
    assert isinstance(value, Estimate)
    assert value.value == pytest.approx(400 / 10_400)
    assert value.high > 0.8


def test_the_interval_holds_the_truth_where_spending_is_uneven() -> None:
    """A binomial test of its 95 % on 400 businesses: Pareto's spending, two in ten complain."""
    chance = np.random.default_rng(7)
    held = 0
    for _ in range(400):
        spent = (1 + chance.pareto(2.5, 60)).tolist()
        complains = chance.random(60) < 0.2
        told = [
            one
            for n, (amount, does) in enumerate(zip(spent, complains, strict=True))
            for one in (
                Event(customer=f"c{n}", at=1, topics=["queue"], valence=-0.5 if does else 0.5),
                Event(customer=f"c{n}", at=2, feedback=False, interaction="order", amount=amount),
            )
        ]
        found = stakes(facts_of(told)).estimate(0)
        held += found.low <= 0.2 <= found.high
    assert binomtest(held, 400, 0.95, "less").pvalue > 0.05


def test_a_topic_of_all_customers_or_of_none_has_an_interval() -> None:
    found = stakes(facts_of([*customers("queue", 9, 10.0)]))
    assert found.estimate(0).value == found.estimate(0).high == 1
    assert found.estimate(0).low < 0.9
