"""Patterns against counting them one by one, and against worlds with and without one."""

from collections import defaultdict

import numpy as np
import pytest

from heedful.journey.insights.patterns import INSIGHT
from heedful.journey.insights.patterns.insight import PatternParameters
from heedful.journey.insights.report import Estimate, Report, Row, State
from tests.unit.journey.insights.facts_of import Event, facts_of

SPAN = 20.0
UNTIL = 300.0
TOPICS = ("a", "b", "c", "d")
PARAMETERS = PatternParameters(look_back_days=SPAN, follow_days=SPAN, least=5, rows=1000)


def said(customer: str, at: float, topic: str) -> Event:
    return Event(customer, at, touchpoint="shop", topics=(topic,), attributes={"segment": "all"})


def world(seed: int, customers: int, more: float = 0.0) -> list[Event]:
    """Everybody speaks of everything at a pace of their own; after a and b, `more` of them come to
    c within the span, whatever else they do."""
    rng = np.random.default_rng(seed)
    told = []
    for number in range(customers):
        name = f"p{number:05}"
        pace = rng.gamma(1.5, 0.02 / 1.5)
        times = np.sort(rng.uniform(0, UNTIL, rng.poisson(pace * UNTIL)))
        own = [(float(at), str(rng.choice(TOPICS))) for at in times]
        for at, topic in list(own):
            led = any(one == "a" and at - SPAN <= when < at for when, one in own)
            if topic == "b" and led and rng.random() < more:
                own.append((at + float(rng.uniform(0.1, SPAN)), "c"))
        told += [said(name, at, topic) for at, topic in own if at < UNTIL]
    return told


def compute(told: list[Event], parameters: PatternParameters = PARAMETERS) -> Report:
    return INSIGHT.compute(facts_of(told, since=0, until=UNTIL), parameters)


def row(found: Report, first: str, then: str, outcome: str) -> Row:
    named = {"first": f"shop / {first}", "then": f"shop / {then}", "outcome": f"shop / {outcome}"}
    return next(one for one in found.rows if all(one.cells[k] == v for k, v in named.items()))


def test_counting_customers_one_by_one() -> None:
    told = world(1, 400, more=0.3)
    found = compute(told)
    assert found.rows
    for first, then, outcome in (("a", "b", "c"), ("d", "c", "a"), ("b", "d", "c")):
        exposed, others, ratio = by_hand(told, first, then, outcome)
        one = row(found, first, then, outcome)
        lift = one.cells["lift"]
        assert (one.customers, one.cells["compared"]) == (exposed, others)
        assert isinstance(lift, Estimate)
        assert lift.value == pytest.approx(ratio)


def by_hand(told: list[Event], first: str, then: str, outcome: str) -> tuple[int, int, float]:
    """Who had A at their first B, who did not, and the Mantel-Haenszel ratio of C after it."""
    lives: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for event in told:
        lives[event.customer or ""].append((event.at, event.topics[0]))
    cells: dict[tuple[int, ...], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for life in lives.values():
        life.sort()
        at = next((when for when, what in life if what == then), None)
        if at is None or at < SPAN or at + SPAN > UNTIL:
            continue
        before = [when for when, what in life if what == first and when < at]
        if before and before[-1] < at - SPAN:
            continue
        counted = sum(at - SPAN <= when < at for when, _ in life)
        stratum = (int(at // 91), int(at - life[0][0] >= 90), min(counted, 10))
        came = any(what == outcome and at < when <= at + SPAN for when, what in life)
        cell = cells[stratum]
        cell[2 * (not before)] += came
        cell[2 * (not before) + 1] += 1
    both = [cell for cell in cells.values() if cell[1] and cell[3]]
    up = sum(a * n0 / (n1 + n0) for a, n1, b, n0 in both)
    down = sum(b * n1 / (n1 + n0) for a, n1, b, n0 in both)
    return sum(cell[1] for cell in both), sum(cell[3] for cell in both), up / down


def test_a_planted_pattern_is_found_and_comes_first() -> None:
    found = compute(world(2, 1800, more=0.5))
    first = found.rows[0]
    assert first.cells["first"] == "shop / a"
    assert first.cells["then"] == "shop / b"
    assert first.cells["outcome"] == "shop / c"
    lift = first.cells["lift"]
    assert isinstance(lift, Estimate)
    assert lift.low > 1.5
    assert not first.grey
    assert {one.cells["outcome"] for one in found.rows if not one.grey} == {"shop / c"}
    assert all(one.why is not None for one in found.rows if one.grey)
    assert sum(one.grey for one in found.rows) >= 20


def test_who_speaks_much_makes_no_pattern() -> None:
    """Paces differ by far: without strata of activity every pattern would look real."""
    found = compute(world(3, 1800))
    p = [one.cells["p"] for one in found.rows if isinstance(one.cells["p"], float)]
    assert len(p) == 24
    assert found.figures["significant"] == 0
    assert np.mean([one < 0.05 for one in p]) <= 0.15


def test_what_comes_after_the_span_changes_nothing() -> None:
    told = world(4, 300, more=0.3)
    firsts: dict[str, float] = {}
    for event in sorted(told, key=lambda one: one.at):
        if event.topics == ("b",):
            firsts.setdefault(event.customer or "", event.at)
    later = [
        said(name, at + SPAN + 1, topic)
        for name, at in firsts.items()
        for topic in ("a", "c")
        if at + SPAN + 1 < UNTIL
    ]
    before, after = compute(told), compute(told + later)
    for outcome in ("c", "d"):
        one, other = row(before, "a", "b", outcome), row(after, "a", "b", outcome)
        assert one.cells == {**other.cells, "q": one.cells["q"]}


def test_at_the_same_moment_is_neither_before_nor_after() -> None:
    told = [event for name in range(40) for event in _moment(f"m{name}")]
    assert compute(told).state is State.TOO_FEW


def _moment(name: str) -> list[Event]:
    return [
        Event(name, 100.0, touchpoint="shop", topics=("a", "b", "c")),
        Event(name, 100.0, touchpoint="shop", topics=("a",)),
    ]


def test_examples_show_all_three_in_their_order() -> None:
    told = world(5, 500, more=0.6)
    facts = facts_of(told, since=0, until=UNTIL)
    at = {f"feedback:test:{number}": when for number, when in zip(facts.ids, facts.at, strict=True)}
    what = {f"feedback:test:{n}": event.topics[0] for n, event in enumerate(told)}
    examples = row(compute(told), "a", "b", "c").examples
    assert examples
    for example in examples:
        assert [what[event] for event in example.events] == ["a", "b", "c"]
        times = [at[event] for event in example.events]
        assert times == sorted(times)


def test_departures_are_outcomes_and_the_touchpoint_chooses() -> None:
    told = world(6, 600)
    names = sorted({event.customer or "" for event in told})
    told += [Event(name, 290.0, feedback=False, interaction="churn") for name in names[:200]]
    every = compute(told)
    assert {one.cells["first"] for one in every.rows} == {f"shop / {topic}" for topic in TOPICS}
    assert "churn" in {one.cells["outcome"] for one in every.rows}
    assert compute(told, PARAMETERS.model_copy(update={"touchpoint": "nowhere"})).rows == []


def test_nobody_at_all() -> None:
    assert compute([]).state is State.TOO_FEW
