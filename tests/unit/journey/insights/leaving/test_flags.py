"""Flags: what makes one, and that nothing from later on does."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from heedful.journey.insights.facts import Facts
from heedful.journey.insights.leaving.flags import Rule, Sign, flagged, scores
from tests.unit.journey.insights.facts_of import Event, facts_of

RULE = Rule(recent=30.0)
MOMENT = 100.0


def visit(customer: str, at: float) -> Event:
    return Event(customer, at, feedback=False, interaction="visit")


def score(customer: str, at: float, value: float, valence: float = np.nan) -> Event:
    return Event(customer, at, score=value, valence=valence)


def of(told: list[Event], customer: str, rule: Rule = RULE) -> tuple[bool, set[Sign]]:
    """Whether somebody is satisfied, and the signs that they show."""
    facts = facts_of(told, until=200)
    found = flagged(facts, scores(facts, None), MOMENT, rule)
    number = list(facts.customers).index(customer)
    signs = {sign for sign, who in found.signs.items() if who[number]}
    assert found.flagged[number] == (found.satisfied[number] and bool(signs))
    return bool(found.satisfied[number]), signs


def test_the_last_score_counts() -> None:
    assert of([score("a", 1, 0.2), score("a", 50, 0.8)], "a") == (True, set())
    assert of([score("a", 1, 0.8), score("a", 50, 0.2)], "a") == (False, set())
    assert of([visit("a", 50)], "a") == (False, set())


def test_words_that_blame_or_say_that_they_leave() -> None:
    assert of([score("a", 90, 1.0, valence=-0.4)], "a") == (True, {Sign.WORDS})
    assert of([score("a", 90, 1.0), Event("a", 95, leaving=True)], "a") == (True, {Sign.WORDS})
    assert of([score("a", 60, 1.0, valence=-0.4)], "a") == (True, set())
    assert of([score("a", 90, 1.0), Event("a", 95, channel="employee", valence=-1)], "a") == (
        True,
        set(),
    )


def test_waiting() -> None:
    slow = Event("a", 95, topics=("waiting",), colour="red", valence=-1)
    assert of([score("a", 80, 1.0), slow], "a") == (True, {Sign.WORDS, Sign.WAITING})
    calls = [Event("a", at, feedback=False, interaction="contact") for at in (80, 85, 90)]
    assert of([score("a", 75, 1.0), *calls], "a") == (True, {Sign.WAITING})
    assert of([score("a", 75, 1.0), *calls[:2]], "a") == (True, set())


def test_activity_that_has_fallen() -> None:
    """Everybody comes every ten days until they stop; one stopped sixty days ago."""
    told = [visit(f"c{n:03}", float(at)) for n in range(100) for at in range(n % 10, 100, 10)]
    told += [visit(f"s{n:03}", float(at)) for n in range(80) for at in range(0, 10 + n, 10)]
    told += [visit("gone", float(at)) for at in range(0, 41, 10)]
    told += [score("gone", 41, 1.0), score("c001", 41, 1.0)]
    assert of(told, "gone") == (True, {Sign.ACTIVITY})
    assert of(told, "c001") == (True, set())


WHEN = st.floats(0, 150, allow_nan=False)
EVENT = st.one_of(
    st.builds(score, st.sampled_from("abcd"), WHEN, st.floats(0, 1), st.floats(-1, 1)),
    st.builds(visit, st.sampled_from("abcd"), WHEN),
    st.builds(
        lambda who, at: Event(who, at, topics=("waiting",), colour="red", valence=-1),
        st.sampled_from("abcd"),
        WHEN,
    ),
    st.builds(
        lambda who, at: Event(who, at, feedback=False, interaction="contact"),
        st.sampled_from("abcd"),
        WHEN,
    ),
)


@given(st.lists(EVENT, max_size=25))
@settings(max_examples=25, deadline=None)
def test_later_events_change_no_earlier_flag(told: list[Event]) -> None:
    regulars = [visit(f"r{n:03}", float(at)) for n in range(110) for at in range(n, 199, 17 + n)]
    anchors = [visit(name, 0.0) for name in "abcd"]
    every = facts_of([*regulars, *anchors, *told], until=200)
    known = facts_of([*regulars, *anchors, *(one for one in told if one.at < MOMENT)], until=200)
    one, other = _flags(every), _flags(known)
    assert list(every.customers) == list(known.customers)
    for name, who in one.items():
        assert (who == other[name]).all(), name


def _flags(facts: Facts) -> dict[str, np.ndarray]:
    found = flagged(facts, scores(facts, None), MOMENT, RULE)
    told = {sign.value: who for sign, who in found.signs.items()}
    return {"scored": found.scored, "satisfied": found.satisfied, **told}
