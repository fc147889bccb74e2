"""Some of the events: what was asked for."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.journey.insights.facts import NONE, Facts
from heedful.journey.insights.insight import Parameters
from heedful.journey.insights.selecting import only, selected, taken
from tests.unit.journey.insights.facts_of import Event, facts_of

EVENTS = st.builds(
    Event,
    customer=st.sampled_from([None, "a", "b", "c"]),
    at=st.integers(0, 9).map(float),
    touchpoint=st.sampled_from([None, "app", "store"]),
    topics=st.lists(st.sampled_from(["queue", "price", "taste"]), unique=True),
    attributes=st.dictionaries(st.just("segment"), st.sampled_from(["gold", "silver"])),
)


def rows(facts: Facts) -> list[tuple[object, ...]]:
    """Event by event, with what its numbers stand for."""
    ends = zip(facts.topics.starts, facts.topics.starts[1:], strict=False)
    return list(
        zip(
            [None if c == NONE else facts.customers[c] for c in facts.customer],
            facts.at.tolist(),
            [None if c == NONE else facts.touchpoint.names[c] for c in facts.touchpoint.codes],
            [tuple(facts.topics.names[c] for c in facts.topics.codes[a:b]) for a, b in ends],
            facts.ids.tolist(),
            strict=True,
        )
    )


@given(st.lists(EVENTS, max_size=12), st.randoms(use_true_random=False))
def test_events_are_taken_whole(told: list[Event], random: Random) -> None:
    facts = facts_of(told)
    order = np.array(random.sample(range(len(facts)), len(facts) // 2), dtype=np.int64)
    assert rows(taken(facts, order)) == [rows(facts)[place] for place in order]


@given(st.lists(EVENTS, max_size=12), st.randoms(use_true_random=False))
def test_who_has_no_event_left_is_gone(told: list[Event], random: Random) -> None:
    facts = facts_of(told)
    kept = np.array([random.random() < 0.5 for _ in told], dtype=np.bool_)
    some = only(facts, kept)
    assert rows(some) == [row for row, keep in zip(rows(facts), kept, strict=True) if keep]
    assert list(some.customers) == sorted({row[0] for row in rows(some)} - {None}, key=str)


@given(st.lists(EVENTS, max_size=12))
def test_a_segment_is_the_newest_that_was_told(told: list[Event]) -> None:
    facts = facts_of([*told, Event(customer="z", attributes={"segment": "gold"})])
    newest: dict[str | None, str] = {}
    for event in sorted(told, key=lambda one: one.at):
        if "segment" in event.attributes:
            newest[event.customer] = event.attributes["segment"]
    found = {row[0] for row in rows(selected(facts, Parameters(segment="silver")))}
    spoke = {event.customer for event in told}
    assert found == {one for one in spoke if one is not None and newest.get(one) == "silver"}


@pytest.mark.parametrize(("asked", "ids"), [("app", ["0"]), ("store", ["1"]), ("none", [])])
def test_a_touchpoint(asked: str, ids: list[str]) -> None:
    facts = facts_of([Event(touchpoint="app"), Event(touchpoint="store"), Event()])
    assert selected(facts, Parameters(touchpoint=asked)).ids.tolist() == ids


def test_all_is_what_it_was() -> None:
    facts = facts_of([Event()])
    assert selected(facts, Parameters()) is facts
