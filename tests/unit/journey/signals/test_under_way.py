"""Customers who have gone A and then B, and not to C yet."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from heedful.common.contracts import Colour, InteractionKind, SignalKind
from heedful.journey.lifecycle.events import Happened
from heedful.journey.lifecycle.journey import journey
from heedful.journey.lifecycle.pattern_entry import PatternEntry
from heedful.journey.signals.publishing import signal_of
from heedful.journey.signals.sign import Sign
from heedful.journey.signals.signs import Told, matter_of, telling
from heedful.journey.signals.under_way import MOST_FIRSTS, under_way
from tests.unit.journey.lifecycle.moments import SHIPPED, START, at, did, said

DAY = 24
A, B, C = "ad / promotion", "shop / price", "call / refund"
ENTRY = {
    "first": A,
    "then": B,
    "outcome": C,
    "tone": "blame",
    "look_back_days": 60,
    "follow_days": 30,
    "lift": {"value": 3.2, "low": 2.1, "high": 4.9},
    "share": 0.21,
    "customers": 210,
    "measured": START.date(),
}
PATTERN = PatternEntry.model_validate(ENTRY)


def pattern(**changes: Any) -> PatternEntry:
    return PatternEntry.model_validate({**ENTRY, **changes})


def spoke(day: float, step: str, **fields: Any) -> Happened:
    touchpoint, topic = step.split(" / ")
    given = {"valence": -0.5, "number": f"{day:g}{touchpoint}", **fields}
    return said(day * DAY, touchpoint=touchpoint, topics=(topic,), **given)


def shown(*events: Happened, by: PatternEntry = PATTERN) -> list[Sign]:
    found = journey(events, SHIPPED)
    assert found is not None
    return under_way(found.events, [by])


def days(signs: Sequence[Sign]) -> list[float]:
    return [(one.trigger.occurred_at - START) / timedelta(days=1) for one in signs]


def test_who_has_gone_two_steps_is_told_of_with_what_is_known() -> None:
    (sign,) = shown(spoke(0, A), spoke(1, A), spoke(5, B))
    assert (sign.kind, sign.colour, sign.at) == (
        SignalKind.PATTERN_UNDER_WAY,
        Colour.AMBER,
        at(5 * DAY),
    )
    assert [one.key[2] for one in sign.evidence] == ["f0ad", "f1ad", "f5shop"]
    assert sign.confidence == 0.21
    signal = signal_of("acme", UUID(int=1), sign, ())
    assert signal.pattern is not None
    assert (signal.pattern.lift, signal.pattern.low, signal.pattern.high) == (3.2, 2.1, 4.9)
    assert (signal.pattern.customers, signal.topics) == (210, ("price",))
    assert "3.2 times as many" in signal.summary_en
    assert "21%" in signal.summary_zh


@pytest.mark.parametrize(
    "events",
    [
        [spoke(0, B), spoke(1, A)],
        [spoke(0, A), replace(spoke(0, B), occurred_at=at(0))],
        [spoke(0, A), spoke(61, B)],
        [spoke(0, A), spoke(5, B, valence=0.5)],
        [spoke(0, A), spoke(5, B, channel="employee")],
        [spoke(0, A), spoke(5, "other / price")],
        [spoke(0, A), spoke(5, B), spoke(6, C)],
        [spoke(0, A), spoke(1, C), spoke(5, B)],
    ],
    ids=["turned", "at once", "long ago", "praise", "reported", "elsewhere", "came", "came before"],
)
def test_who_is_not_on_the_way(events: list[Happened]) -> None:
    assert shown(*events) == []


def test_one_occasion_is_told_of_once() -> None:
    again = [spoke(0, A), spoke(5, B), spoke(30, B), spoke(55, B), spoke(20, A)]
    assert days(shown(*again)) == [5]
    assert days(shown(*again, spoke(86, B))) == [5]
    assert days(shown(*again, spoke(60, A), spoke(86, B))) == [5, 86]


def test_an_earlier_second_step_that_comes_late_is_of_the_same_occasion() -> None:
    known = [spoke(0, A), spoke(5, B)]
    told = set(matter_of(shown(*known)[0]))
    late = replace(spoke(3, B), received_at=at(6 * DAY))
    (sign,) = shown(*known, late)
    assert days([sign]) == [3]
    assert telling([sign], told, at(6 * DAY)).now == []


def test_after_the_outcome_another_first_step_is_wanted() -> None:
    over = [spoke(0, A), spoke(5, B), spoke(6, C), spoke(10, B)]
    assert shown(*over) == []
    assert days(shown(*over, spoke(11, A), spoke(12, B))) == [12]


def test_who_departs_may_be_the_outcome() -> None:
    leads = pattern(outcome="churn")
    assert days(shown(spoke(0, A), spoke(5, B), by=leads)) == [5]
    gone = did(6 * DAY, InteractionKind.CHURN)
    assert shown(spoke(0, A), spoke(5, B), gone, by=leads) == []


def test_tone_is_heard_as_the_insight_hears_it() -> None:
    red = {"valence": None, "colour": "red"}
    assert shown(spoke(0, A, **red), spoke(5, B, valence=None, colour="amber"))
    assert not shown(spoke(0, A, **red), spoke(5, B, valence=0.5, colour="amber"))
    praised = [spoke(0, A, valence=0.5), spoke(5, B, valence=None, colour="green")]
    assert shown(*praised, by=pattern(tone="praise"))
    assert shown(spoke(0, A), praised[1], by=pattern(tone="all"))
    assert not shown(spoke(0, A), praised[1], by=pattern(tone="praise"))
    reported = spoke(5, B, channel="employee")
    assert not shown(spoke(0, A), reported, by=pattern(tone="all"))


def test_an_old_pattern_tells_nothing() -> None:
    assert shown(spoke(150, A), spoke(179, B))
    assert not shown(spoke(150, A), spoke(180, B))
    assert shown(spoke(150, A), spoke(180, B), by=pattern(days=190))


def test_it_shows_when_both_steps_are_known() -> None:
    late = replace(spoke(0, A), received_at=at(9 * DAY))
    (sign,) = shown(late, spoke(5, B))
    assert (sign.at, days([sign])) == (at(9 * DAY), [5])


def test_of_many_first_steps_the_newest_are_shown() -> None:
    (sign,) = shown(*(spoke(n / 10, A) for n in range(50)), spoke(5.5, B))
    assert len(sign.evidence) == MOST_FIRSTS + 1
    assert sign.evidence[-2].occurred_at == at(4.9 * DAY)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"first": "price"}, "is no step"),
        ({"then": "churn"}, "is no step"),
        ({"then": A}, "three different steps"),
        ({"lift": {"value": 1.2, "low": 0.9, "high": 1.6}}, "the interval holds 1"),
        ({"lift": {"value": 3, "low": 4, "high": 5}}, "low is above value"),
        ({"share": 0}, "greater than 0"),
        ({"customers": 4}, "greater than or equal to 5"),
    ],
)
def test_an_entry_that_says_nothing_is_refused(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        pattern(**changes)


STEPS = st.lists(
    st.tuples(st.integers(0, 120), st.sampled_from([A, B, C]), st.integers(0, 3)),
    max_size=14,
    unique_by=lambda one: one[:2],
)


@given(STEPS, st.randoms(use_true_random=False))
def test_any_order_of_arrival_shows_the_same(
    steps: list[tuple[int, str, int]], chance: Any
) -> None:
    events = [
        replace(spoke(day, step), received_at=at((day + late) * DAY)) for day, step, late in steps
    ]
    turned = chance.sample(events, len(events))
    if events:
        assert shown(*turned) == shown(*events)


@given(STEPS, st.randoms(use_true_random=False))
def test_each_occasion_is_told_once_whatever_comes_last(
    steps: list[tuple[int, str, int]], chance: Any
) -> None:
    """Folded after each event, in any order: what is told in the end has been told of, none of its
    occasions twice, and by each event at most once."""
    spoken = [spoke(day, step) for day, step, _ in steps if step != C]
    arriving = [replace(one, received_at=at(0)) for one in spoken]
    chance.shuffle(arriving)
    told: set[Told] = set()
    triggers = []
    for count in range(1, len(arriving) + 1):
        for sign in telling(shown(*arriving[:count]), told, at(0)).now:
            told.update(matter_of(sign))
            triggers.append(sign.trigger.key)
    assert len(set(triggers)) == len(triggers)
    if arriving:
        assert telling(shown(*arriving), told, at(0)).now == []


@given(STEPS)
def test_in_the_order_of_time_each_occasion_is_told_exactly_once(
    steps: list[tuple[int, str, int]],
) -> None:
    arriving = [spoke(day, step) for day, step, _ in sorted(steps) if step != C]
    told: set[Told] = set()
    triggers = []
    for count in range(1, len(arriving) + 1):
        for sign in telling(shown(*arriving[:count]), told, arriving[count - 1].occurred_at).now:
            told.update(matter_of(sign))
            triggers.append(sign.trigger.key)
    if arriving:
        assert triggers == [one.trigger.key for one in shown(*arriving)]
