"""Which case a signal belongs to."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.alerting.policies.matching import Item
from heedful.alerting.policies.signals import Effect
from heedful.alerting.signals.grouping import Near, belongs

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)
LATE = Item(channel="call", topic="late", topics=("late", "rude"))
NONE = Item(channel="other")


def near(case_id: str, topic: str | None = None, **changes: object) -> Near:
    return Near(case_id, NOW, topic, **changes)  # type: ignore[arg-type]


def chosen(*cases: Near, item: Item = LATE, effect: Effect = Effect.OPEN) -> str | None:
    found = belongs(cases, item, effect, NOW, WEEK)
    return None if found is None else found.case_id


@pytest.mark.parametrize(
    ("one", "item", "opening", "joining"),
    [
        (near("a", trigger=True, evidence=True), NONE, "a", "a"),
        (near("a", evidence=True), NONE, "a", "a"),
        (near("a", "rude"), LATE, "a", "a"),
        (near("a", "other"), LATE, None, "a"),
        (near("a"), LATE, None, "a"),
        (near("a", talk=True), LATE, "a", "a"),
        (near("a", alike=True), LATE, "a", "a"),
        (near("a", "other", alike=True), NONE, "a", "a"),
        (near("a", "other", alike=True), LATE, None, "a"),
        (near("a", "late", over_at=NOW - WEEK), LATE, "a", None),
        (near("a", "late", over_at=NOW - WEEK - HOUR), LATE, None, None),
        (near("a", over_at=NOW), NONE, None, None),
    ],
)
def test_one_case(one: Near, item: Item, opening: str | None, joining: str | None) -> None:
    assert chosen(one, item=item) == opening
    assert chosen(one, item=item, effect=Effect.JOIN) == joining


def test_what_is_worked_on_goes_first_then_what_is_closer_then_what_is_newer() -> None:
    over = near("over", "late", trigger=True, over_at=NOW - HOUR)
    topic = near("topic", "late")
    evidence = near("evidence", evidence=True)
    assert chosen(over, topic) == "topic"
    assert chosen(topic, evidence) == "evidence"
    assert chosen(Near("z", NOW - HOUR, None, trigger=True, evidence=True), evidence) == "z"
    older = Near("older", NOW - HOUR, "late", talk=True)
    assert chosen(older, near("talk", "other", talk=True)) == "older"
    assert chosen(topic, older) == "topic"
    ended = near("ended", "late", over_at=NOW - 2 * HOUR)
    assert chosen(ended, near("later", "late", over_at=NOW - HOUR)) == "later"


CASES = st.builds(
    Near,
    st.sampled_from("abcdef"),
    st.datetimes(datetime(2026, 2, 1), datetime(2026, 2, 28), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from([None, "late", "other"]),
    *[st.booleans()] * 4,
    st.none() | st.just(NOW - HOUR),
)


@given(st.lists(CASES, unique_by=lambda one: one.case_id, max_size=4), st.randoms())
def test_the_order_in_which_cases_are_found_makes_no_difference(
    cases: list[Near], chance: Random
) -> None:
    other = [*cases]
    chance.shuffle(other)
    for effect in (Effect.OPEN, Effect.JOIN):
        assert chosen(*cases, effect=effect) == chosen(*other, effect=effect)
