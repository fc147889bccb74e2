"""Parts of one stretch of time after the other make facts, customer by customer."""

from datetime import UTC, datetime
from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from heedful.journey.insights.facts import NONE
from heedful.journey.insights_reading.assembly import assembled
from heedful.journey.insights_reading.period import Period
from tests.unit.journey.insights_reading.parts import EVENTS, NOBODY, Told, name, part, several

PERIOD = Period(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
KEYS = ("a", "b")


@given(st.lists(EVENTS, max_size=4))
def test_who_comes_when(parts: list[list[Told]]) -> None:
    facts = assembled([part(one) for one in parts], PERIOD, KEYS)
    wanted = sorted(
        (event for one in parts for event in one),
        key=lambda event: (event.customer == NOBODY, event.customer.int),
    )
    assert facts.ids.tolist() == [one.id for one in wanted]
    assert list(facts.sources) == [one.source for one in wanted]
    people = [key for key, _ in groupby(one.customer for one in wanted) if key != NOBODY]
    assert list(facts.customers) == list(map(str, people))
    known = [None if n == NONE else facts.customers[n] for n in facts.customer]
    assert known == [None if one.customer == NOBODY else str(one.customer) for one in wanted]
    assert [repr(one) for one in facts.valence.tolist()] == [repr(one.number) for one in wanted]
    numbers = range(len(wanted))
    assert [name(facts.channel, n) for n in numbers] == [one.name for one in wanted]
    assert [several(facts.topics, n) for n in numbers] == [one.several for one in wanted]
    assert facts.feedback.tolist() == [one.flags & 1 == 1 for one in wanted]
    for key in KEYS:
        told = [name(facts.attribute(key), n) for n in numbers]
        assert told == [one.attributes.get(key) for one in wanted]
