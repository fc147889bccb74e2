"""Customers whose words help."""

import numpy as np
import pytest

from heedful.journey.insights.report import Estimate, State
from heedful.journey.insights.super_users import INSIGHT
from heedful.journey.insights.super_users.insight import SuperUserParameters
from tests.unit.journey.insights.facts_of import Event, facts_of

TOPICS = [f"t{n}" for n in range(30)]


def crowd(random: np.random.Generator, customers: int = 60) -> list[Event]:
    """Customers who say one thing at a time, each of a few topics, in a survey."""
    return [
        Event(
            customer=f"c{number:03d}",
            at=float(day),
            topics=[str(random.choice(TOPICS[:6]))],
            attributes={"consent": "yes"} if number % 2 else {},
        )
        for number in range(customers)
        for day in random.integers(0, 90, 4)
    ]


def helper(random: np.random.Generator, **told: object) -> list[Event]:
    """Speaks of several things at once, of many, early, and where others read it."""
    return [
        Event(
            customer="helper",
            at=float(day),
            topics=[str(one) for one in random.choice(TOPICS[:12], 3, replace=False)],
            touchpoint=f"place-{day % 3}",
            channel="review",
            attributes={"consent": "yes"},
            **told,  # type: ignore[arg-type]
        )
        for day in range(1, 50, 8)
    ]


def test_a_super_user_is_found_and_explained() -> None:
    random = np.random.default_rng(1)
    facts = facts_of([*crowd(random), *helper(random)])
    report = INSIGHT.compute(facts, SuperUserParameters())
    assert report.state is State.OK
    assert report.customers == 61
    first = report.rows[0]
    assert first.cells["customer"] == "helper"
    assert (first.cells["depth"], first.cells["items"], first.cells["reach"]) == (3, 7, 7)
    assert isinstance(first.cells["breadth"], int)
    assert first.cells["breadth"] > 8
    score = first.cells["score"]
    assert isinstance(score, Estimate)
    assert score.value > 0.7
    assert score.low < score.value < score.high
    assert not first.grey
    assert first.examples[0].events[0].startswith("feedback:test:")


def test_who_has_not_consented_is_not_invited() -> None:
    random = np.random.default_rng(2)
    report = INSIGHT.compute(facts_of(crowd(random)), SuperUserParameters())
    for row in report.rows:
        odd = int(str(row.cells["customer"])[1:]) % 2 == 1
        assert row.cells["invite"] is odd
        assert row.grey is not odd
    assert report.figures["consented"] == 30


def test_what_was_asked_for_does_not_count() -> None:
    random = np.random.default_rng(3)
    paid = [*crowd(random), *helper(random, solicited=True)]
    report = INSIGHT.compute(facts_of(paid), SuperUserParameters())
    assert "helper" not in {row.cells["customer"] for row in report.rows}
    assert report.customers == 60


def test_a_mention_is_confirmed_by_so_many_others_in_time() -> None:
    """By those who had not said it before, and only where there was time to see."""

    def says(customer: str, at: float, topic: str = "queue") -> Event:
        return Event(customer=customer, at=at, topics=[topic])

    told = [
        *(says("early", 10), says("early", 11, "price"), says("early", 12, "staff")),
        *(says("b", 15), says("b", 16), says("c", 20)),
        *(says("late", 80), says("late", 81), says("late", 20, "price")),
        says("d", 85),
    ]
    asked = SuperUserParameters(others=2, confirm_days=30, speakers=2)
    report = INSIGHT.compute(facts_of(told), asked)
    helpful = {row.cells["customer"]: row.cells["confirmed"] for row in report.rows}
    assert helpful == {"early": pytest.approx(1 / 3), "late": 0}


def test_votes_of_others_count_where_a_channel_tells_them() -> None:
    told = [
        Event(customer=name, at=n, topics=["queue"], attributes={"helpful": votes} if votes else {})
        for name, votes in (("a", "3"), ("b", ""), ("c", "many"))
        for n in range(2)
    ]
    asked = SuperUserParameters(speakers=2, at_least=2, depth=0, breadth=0, reach=0)
    rows = INSIGHT.compute(facts_of(told), asked).rows
    assert [(row.cells["customer"], row.cells["votes"]) for row in rows] == [
        ("a", 3),
        ("b", 0),
        ("c", 0),
    ]


def test_a_weight_alone_decides() -> None:
    random = np.random.default_rng(4)
    facts = facts_of([*crowd(random), *helper(random)])
    asked = SuperUserParameters(depth=0, helpfulness=0, breadth=0, reach=1)
    rows = INSIGHT.compute(facts, asked).rows
    assert rows[0].cells["customer"] == "helper"
    reach = [row.cells["reach"] for row in rows]
    assert reach == sorted(reach, key=lambda one: -int(str(one)))


def test_few_speakers_are_grey() -> None:
    random = np.random.default_rng(5)
    report = INSIGHT.compute(facts_of(crowd(random, 12)), SuperUserParameters())
    assert report.state is State.TOO_FEW
    assert all(row.grey for row in report.rows)


def test_reliability_tells_people_from_chance() -> None:
    """Words that depend on who speaks agree from half to half; those that do not, do not."""
    random = np.random.default_rng(6)

    def reliability(depth_of: list[int]) -> Estimate:
        told = [
            Event(
                customer=f"c{number:03d}",
                at=float(day),
                topics=[
                    str(t)
                    for t in random.choice(
                        TOPICS, depth_of[number] or random.integers(1, 5), replace=False
                    )
                ],
            )
            for number in range(80)
            for day in range(8)
        ]
        asked = SuperUserParameters(helpfulness=0, breadth=0, reach=0)
        found = INSIGHT.compute(facts_of(told), asked).figures["reliability"]
        assert isinstance(found, Estimate)
        return found

    assert reliability([1 + n % 4 for n in range(80)]).low > 0.9
    assert reliability([0] * 80).low < 0.3
