"""Scores that were asked for: planted, and not."""

from collections.abc import Callable, Iterator
from math import nan

import numpy as np
import pytest

from heedful.journey.insights.report import Estimate, Report, Row, State
from heedful.journey.insights.score_begging import INSIGHT
from heedful.journey.insights.score_begging.insight import ScoreBeggingParameters
from tests.unit.journey.insights.facts_of import Event, facts_of

STARS = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
ASKED = ScoreBeggingParameters()
Giving = Callable[[np.random.Generator], tuple[float, float]]


def honest(random: np.random.Generator) -> tuple[float, float]:
    """A score, and a text that says about the same."""
    score = float(random.choice(STARS, p=[0.05, 0.1, 0.2, 0.35, 0.3]))
    return score, float(np.clip(2 * score - 1 + 0.4 * random.standard_normal(), -1, 1))


def begged(random: np.random.Generator) -> tuple[float, float]:
    """Most give all stars, whatever they say."""
    score, valence = honest(random)
    return (1.0 if random.random() < 0.8 else score), valence


def outlets(
    random: np.random.Generator, giving: list[Giving], each: int = 120, spread: float = 0.0
) -> Iterator[Event]:
    """Outlets with so many customers each; `spread`: some are better than others."""
    for outlet, give in enumerate(giving):
        better = random.random() < spread
        for number in range(each):
            score, valence = give(random)
            yield Event(
                customer=f"{outlet:02d}-{number:03d}",
                score=min(1.0, score + 0.25 * better),
                valence=valence,
                attributes={
                    "outlet": f"store-{outlet:02d}",
                    "interviewer": f"{outlet:02d}-{number % 3}",
                },
            )


def row(report: Report, name: str) -> Row:
    (found,) = [one for one in report.rows if one.cells["name"] == name]
    return found


def test_an_outlet_that_begs() -> None:
    random = np.random.default_rng(1)
    facts = facts_of(outlets(random, [begged, *[honest] * 19]))
    report = INSIGHT.compute(facts, ASKED)
    assert report.state is State.OK
    assert report.figures["outlets"] == 20
    found = report.rows[0]
    assert found.cells["name"] == "store-00"
    assert found.cells["signs"] == "ceiling, variance, mismatch"
    assert not found.grey
    ceiling = found.cells["ceiling"]
    assert isinstance(ceiling, Estimate)
    assert ceiling.low > 0.6
    shown = [
        facts.valence[facts.ids.tolist().index(one.events[0].rsplit(":", 1)[1])]
        for one in found.examples
    ]
    assert shown
    assert max(shown) < 0


@pytest.mark.parametrize("spread", [0.0, 0.4])
def test_nothing_planted_is_seldom_found(spread: float) -> None:
    """Also where some outlets are better than others."""
    found = 0
    for seed in range(12):
        told = outlets(np.random.default_rng(100 + seed), [honest] * 20, 60, spread)
        report = INSIGHT.compute(facts_of(told), ASKED)
        found += any(not one.grey for one in report.rows)
    assert found <= 3


def test_an_interviewer_who_gets_better_scores() -> None:
    """Within outlets: all interviewers of a good outlet get good scores."""
    random = np.random.default_rng(2)
    told = [
        Event(
            customer=f"{outlet}-{n}",
            score=float(
                np.clip(
                    0.4
                    + 0.2 * (outlet == 0)
                    + 0.25 * (n % 5 == 4 and outlet == 1)
                    + 0.15 * random.standard_normal(),
                    0,
                    1,
                )
            ),
            attributes={"outlet": f"store-{outlet}", "interviewer": f"{outlet}.{n % 5}"},
        )
        for outlet in range(4)
        for n in range(250)
    ]
    report = INSIGHT.compute(facts_of(told), ASKED)
    found = row(report, "1.4")
    assert not found.grey
    effect = found.cells["effect"]
    assert isinstance(effect, Estimate)
    assert effect.low > 0.1
    assert effect.high < 0.3
    assert all(row(report, f"0.{n}").grey for n in range(5))
    icc = report.figures["interviewer_icc"]
    assert isinstance(icc, Estimate)
    assert icc.low > 0


def test_interviewers_who_ask_by_phone() -> None:
    """What they ask belongs to no outlet; another kind of score is no credit to who asks for it."""
    random = np.random.default_rng(3)
    told = [
        Event(
            customer=f"c{n}",
            score=float(
                np.clip(
                    0.5 + 0.2 * (n % 10 == 7) + 0.3 * (n % 2) + 0.15 * random.standard_normal(),
                    0,
                    1,
                )
            ),
            score_kind="csat" if n % 2 else "nps",
            attributes={"interviewer": f"i{n % 10}"},
        )
        for n in range(1000)
    ]
    report = INSIGHT.compute(facts_of(told), ASKED)
    assert [one.cells["name"] for one in report.rows if not one.grey] == ["i7"]


def test_each_customer_counts_once_at_an_outlet_with_the_newest_score() -> None:
    told = [
        Event(customer="a", at=1, score=1.0, attributes={"outlet": "x"}),
        Event(customer="a", at=2, score=0.0, attributes={"outlet": "x"}),
        Event(customer="a", at=3, score=1.0, attributes={"outlet": "y"}),
        Event(customer="b", at=1, score=1.0, attributes={"outlet": "x"}),
        Event(customer=None, at=1, score=1.0, attributes={"outlet": "x"}),
        Event(customer=None, at=2, score=1.0, attributes={"outlet": "x"}),
        Event(customer="c", at=2, score=nan, attributes={"outlet": "x"}),
        Event(customer="c", at=2, score=1.0),
    ]
    report = INSIGHT.compute(facts_of(told), ASKED)
    x = row(report, "x")
    assert x.cells["n"] == 4
    ceiling = x.cells["ceiling"]
    assert isinstance(ceiling, Estimate)
    assert ceiling.value == 0.75
    assert (x.customers, report.events, report.customers) == (2, 5, 2)
    assert x.why is not None
    assert x.why.en == "4 scores, 30 needed"
    assert report.state is State.TOO_FEW


def test_outlets_where_all_scores_are_one() -> None:
    """Nothing varies anywhere: nothing is strange, and nothing breaks."""
    told = [
        Event(customer=f"{o}-{n}", score=1.0, attributes={"outlet": f"s{o}"})
        for o in range(6)
        for n in range(40)
    ]
    report = INSIGHT.compute(facts_of(told), ASKED)
    assert all(one.grey for one in report.rows)
