"""Silent customers, and the score as it would be if all had spoken."""

from collections.abc import Iterator

import numpy as np
import pytest

from heedful.journey.insights.coverage import INSIGHT
from heedful.journey.insights.coverage.insight import CoverageParameters
from heedful.journey.insights.report import Estimate, Report, Row, State
from tests.unit.journey.insights.facts_of import Event, facts_of


def people(segment: str, of: int, speak: int, score: float, start: int = 0) -> Iterator[Event]:
    """So many customers with a visit, of whom the first so many give a score."""
    for number in range(start, start + of):
        yield Event(
            customer=f"{segment}-{number:04d}",
            at=10.0,
            feedback=False,
            channel=None,
            interaction="visit",
            attributes={"segment": segment},
        )
        if number - start < speak:
            yield Event(
                customer=f"{segment}-{number:04d}",
                at=11.0,
                score=score + 0.1 * (number % 3 - 1),
                score_kind="csat",
            )


BIASED = [*people("gold", 100, 90, 0.9), *people("plain", 300, 30, 0.5)]


def row(report: Report, name: str) -> Row:
    (found,) = [one for one in report.rows if one.cells["name"] == name]
    return found


def figure(report: Report, name: str) -> Estimate:
    found = report.figures[name]
    assert isinstance(found, Estimate)
    return found


def test_the_raked_score_by_hand() -> None:
    """The 90 pleased are a quarter of all customers, not three quarters."""
    report = INSIGHT.compute(facts_of(BIASED), CoverageParameters())
    assert report.state is State.NOT_REPRESENTATIVE
    assert report.customers == 400
    assert figure(report, "raw_score").value == pytest.approx((90 * 0.9 + 30 * 0.5) / 120)
    assert figure(report, "raked_score").value == pytest.approx(0.25 * 0.9 + 0.75 * 0.5)
    assert figure(report, "shift").high < 0
    # Weights 1/3 and 3.
    assert report.figures["effective_answers"] == pytest.approx(
        (90 / 3 + 30 * 3) ** 2 / (90 / 9 + 30 * 9), abs=0.05
    )
    assert figure(report, "silent").value == pytest.approx(280 / 400)


def test_rows_say_who_is_silent() -> None:
    report = INSIGHT.compute(facts_of(BIASED), CoverageParameters())
    assert [one.cells["name"] for one in report.rows] == ["plain", "gold", "visit"]
    plain, gold = row(report, "plain"), row(report, "gold")
    assert (plain.cells["silent"], gold.cells["silent"]) == (270, 10)
    assert (plain.cells["share"], plain.cells["answers"]) == (0.75, 0.25)
    assert plain.cells["weight"] == pytest.approx(3)
    assert not plain.grey
    assert not gold.grey
    visit = row(report, "visit").cells["speak"]
    assert isinstance(visit, Estimate)
    assert visit.value == pytest.approx(120 / 400)


def test_a_silent_stratum_does_not_hide_behind_one_more_silent() -> None:
    """Half of `some` speak, of all others together half do as well."""
    told = [
        Event(
            customer=f"{segment}-{n}",
            at=1.0,
            feedback=n < speak,
            interaction=None if n < speak else "visit",
            attributes={"segment": segment},
        )
        for segment, customers, speak in (("most", 200, 160), ("none", 120, 0), ("some", 100, 50))
        for n in range(customers)
    ]
    report = INSIGHT.compute(facts_of(told), CoverageParameters())
    assert not row(report, "some").grey


def test_a_population_that_is_known_from_elsewhere() -> None:
    asked = CoverageParameters(population={"segment": {"gold": 900, "plain": 100}})
    report = INSIGHT.compute(facts_of(BIASED), asked)
    assert figure(report, "raked_score").value == pytest.approx(0.9 * 0.9 + 0.1 * 0.5)
    asked = CoverageParameters(population={"segment": {"gold": 0.5, "plain": 0.4, "young": 0.1}})
    report = INSIGHT.compute(facts_of(BIASED), asked)
    assert report.figures["uncovered"] == pytest.approx(0.1)
    assert figure(report, "raked_score").value == pytest.approx((0.5 * 0.9 + 0.4 * 0.5) / 0.9)
    assert report.state is State.NOT_REPRESENTATIVE
    asked = CoverageParameters(population={"segment": {"gold": 1}})
    assert INSIGHT.compute(facts_of(BIASED), asked).figures["left_out"] == 30


def test_a_sample_like_the_customers_is_representative() -> None:
    even = [*people("gold", 100, 50, 0.9), *people("plain", 300, 150, 0.5)]
    report = INSIGHT.compute(facts_of(even), CoverageParameters())
    assert report.state is State.OK
    assert report.figures["effective_answers"] == 200
    assert all(one.grey for one in report.rows if one.cells["about"] == "segment")


def test_silence_that_has_nothing_to_do_with_the_score_is_no_bias() -> None:
    """Nothing planted: segments answer differently and score alike."""
    random, wrong = np.random.default_rng(5), 0
    for _ in range(60):
        told = [
            Event(
                customer=f"{segment}{n}",
                score=float(random.integers(1, 6)) / 5,
                attributes={"segment": segment},
            )
            if random.random() < rate
            else Event(
                customer=f"{segment}{n}",
                feedback=False,
                interaction="visit",
                attributes={"segment": segment},
            )
            for segment, rate in (("gold", 0.8), ("plain", 0.2))
            for n in range(150)
        ]
        report = INSIGHT.compute(facts_of(told), CoverageParameters(tolerance=0))
        wrong += report.state is State.NOT_REPRESENTATIVE
    assert wrong <= 8


def test_too_few_answers() -> None:
    few = [*people("gold", 100, 9, 0.9), *people("plain", 300, 9, 0.5)]
    assert INSIGHT.compute(facts_of(few), CoverageParameters()).state is State.TOO_FEW


def test_whom_one_may_ask() -> None:
    """Not who speaks, was contacted of late, or does not want to; a moment makes it timely."""

    def silent(name: str, *more: Event) -> list[Event]:
        visit = Event(customer=name, at=5, feedback=False, interaction="visit")
        return [visit, *more]

    def contact(name: str, at: float) -> Event:
        return Event(customer=name, at=at, feedback=False, interaction="contact", outbound=True)

    told = [
        *silent("a"),
        *silent("b", Event(customer="b", at=88, feedback=False, interaction="order")),
        *silent("c", contact("c", 70)),
        *silent("d", contact("d", 20)),
        *silent(
            "e",
            Event(
                customer="e",
                at=6,
                feedback=False,
                interaction="visit",
                attributes={"consent": "no"},
            ),
        ),
        *silent("f", Event(customer="f", at=7)),
    ]
    facts = facts_of(told)
    (found,) = [
        one
        for one in INSIGHT.compute(facts, CoverageParameters()).rows
        if one.cells["about"] == "segment"
    ]
    assert (found.cells["silent"], found.cells["askable"], found.cells["now"]) == (5, 3, 1)
    assert [example.customer_id for example in found.examples] == ["b"]
    more = INSIGHT.compute(facts, CoverageParameters(contacts=2)).rows
    assert more[0].cells["askable"] == 4


def test_a_moment_is_one_that_was_followed_for_long_enough() -> None:
    told = [
        Event(customer="a", at=10, feedback=False, interaction="visit", touchpoint="store"),
        Event(customer="a", at=12),
        Event(customer="b", at=10, feedback=False, interaction="visit", touchpoint="store"),
        Event(customer="b", at=30),
        Event(customer="c", at=88, feedback=False, interaction="visit", touchpoint="store"),
    ]
    report = INSIGHT.compute(facts_of(told), CoverageParameters(strata=("segment",)))
    (found,) = [one for one in report.rows if one.cells["about"] == "moment"]
    speak = found.cells["speak"]
    assert isinstance(speak, Estimate)
    assert (found.cells["name"], found.customers, speak.value) == ("visit · store", 2, 0.5)
