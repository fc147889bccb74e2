"""Who speaks, and which customers are shown."""

import numpy as np

from heedful.journey.insights.examples import examples
from heedful.journey.insights.speakers import customers, speakers
from tests.unit.journey.insights.facts_of import Event, facts_of


def test_each_event_of_nobody_has_a_speaker_of_its_own() -> None:
    facts = facts_of([Event("a"), Event(None), Event("b"), Event("a"), Event(None)])
    who, count = speakers(facts)
    assert who.tolist() == [0, 0, 1, 2, 3]
    assert count == 4
    assert customers(facts, np.ones(5, dtype=bool)) == 2


def test_examples_are_of_different_customers() -> None:
    facts = facts_of([Event("a"), Event(None), Event("a"), Event("b", feedback=False), Event("c")])
    found = examples(facts, np.array([1, 4, 3, 0, 2], dtype=np.int32), most=2)
    assert [(e.customer_id, e.events) for e in found] == [
        ("a", ["feedback:test:2"]),
        ("c", ["feedback:test:4"]),
    ]
