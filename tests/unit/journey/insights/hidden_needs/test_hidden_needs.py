"""Haier's smell (30 % of complaints, in no survey) and the reseal that was believed to be 15 %."""

import numpy as np
import pytest
from scipy.stats import binomtest

from heedful.journey.insights.facts import Facts
from heedful.journey.insights.hidden_needs.insight import INSIGHT, NeedsParameters
from heedful.journey.insights.report import Estimate, Report, Row, State
from tests.unit.journey.insights.facts_of import Event, facts_of

OTHERS = ("price", "wait", "staff")


def records(seed: int, smell: float, in_surveys: float, n: int = 600) -> Facts:
    generator = np.random.default_rng(seed)
    events = []
    for i in range(2 * n):
        channel, share = ("call", smell) if i < n else ("survey", in_surveys)
        topic = "smell" if generator.random() < share else OTHERS[generator.integers(3)]
        events.append(Event(f"c{i % 700}", i / 20, channel=channel, topics=[topic], valence=-0.5))
    return facts_of(events)


def rows(report: Report) -> dict[str, Row]:
    return {str(row.cells["topic"]): row for row in report.rows}


def test_what_surveys_do_not_ask_for_is_hidden() -> None:
    report = INSIGHT.compute(records(1, 0.30, 0.01), NeedsParameters())
    found = rows(report)
    assert report.rows[0].cells["topic"] == "smell"
    gap = found["smell"].cells["gap"]
    assert isinstance(gap, Estimate)
    assert gap.low <= 0.29 <= gap.high
    assert found["smell"].cells["verdict"] == "hidden"
    assert {found[topic].cells["verdict"] for topic in OTHERS} == {"asked"}
    assert report.figures["service"] == report.figures["surveys"] == 600
    assert all(e.events[0].startswith("feedback:test:") for e in found["smell"].examples)
    assert report.state is State.OK


def test_against_an_internal_estimate_and_belief() -> None:
    facts = records(2, 0.43, 0.43)
    asked = NeedsParameters(
        estimate={"smell": 0.15, "price": 0.19, "noise": 0.1},
        belief=("staff", "noise", "wait", "price", "smell"),
    )
    report = INSIGHT.compute(facts, asked)
    smell, price = rows(report)["smell"].cells, rows(report)["price"].cells
    surplus = smell["surplus"]
    assert isinstance(surplus, Estimate)
    assert surplus.low <= 0.28 <= surplus.high
    assert (smell["estimated"], price["estimated"]) == ("too_low", None)
    assert smell["verdict"] is None
    assert (smell["believed"], rows(report)["staff"].cells["believed"]) == (4, 1)
    higher = smell["higher_than_believed"]
    assert isinstance(higher, Estimate)
    assert (higher.low, higher.value) == (3, 3)
    assert isinstance(report.figures["tau"], Estimate)
    assert "noise" in report.notes[0].en


def test_only_blame_counts_when_asked() -> None:
    praise = [Event(f"p{i}", channel="call", topics=["smell"], valence=0.5) for i in range(50)]
    facts = facts_of([*praise, *[Event("q", channel="call", topics=["smell"], valence=-0.5)]])
    assert rows(INSIGHT.compute(facts, NeedsParameters()))["smell"].cells["mentions"] == 51
    blamed = INSIGHT.compute(facts, NeedsParameters(blame=True))
    assert rows(blamed)["smell"].cells["mentions"] == 1
    assert blamed.rows[0].grey
    assert blamed.state is State.TOO_FEW


def test_no_difference_is_grey() -> None:
    report = INSIGHT.compute(records(3, 0.25, 0.25), NeedsParameters())
    assert all(row.grey and row.why is not None for row in report.rows)


def test_nobody_said_anything() -> None:
    assert INSIGHT.compute(facts_of([]), NeedsParameters()).rows == []


@pytest.mark.parametrize("share", [0.25])
def test_of_nothing_few_needs_are_found(share: float) -> None:
    false = 0
    for seed in range(25):
        report = INSIGHT.compute(records(seed, share, share, n=120), NeedsParameters())
        false += any(row.cells["verdict"] for row in report.rows)
    assert binomtest(false, 25, 0.05, alternative="greater").pvalue > 0.01
