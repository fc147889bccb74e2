"""What is at stake against what can be done."""

from datetime import UTC, datetime

import pytest

from heedful.journey.insights.priorities import INSIGHT
from heedful.journey.insights.priorities.entries import Choice, Entry
from heedful.journey.insights.priorities.insight import PrioritiesParameters
from heedful.journey.insights.report import Estimate, Report, Row, State
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


def test_the_interval_is_that_of_a_ratio_over_customers() -> None:
    """With equal spending it is the ordinary one of a share."""
    told = [one for one in TOLD if one.feedback]
    value = row(INSIGHT.compute(facts_of(told), PrioritiesParameters()), "queue").cells["value"]
    assert isinstance(value, Estimate)
    share = 40 / 125
    assert value.high - value.value == pytest.approx(
        1.96 * (share * (1 - share) / 125) ** 0.5, abs=1e-4
    )
