"""A journey is its moments before a score; what sets the score is found, or said not to be."""

import numpy as np
import pytest
from scipy.stats import binomtest

from heedful.journey.insights.facts import Facts
from heedful.journey.insights.peak_end.insight import INSIGHT, PeakEndParameters
from heedful.journey.insights.peak_end.journeys import journeys
from heedful.journey.insights.report import Estimate, State
from tests.unit.journey.insights.facts_of import Event, facts_of


def felt(who: str, at: float, valence: float, **more: object) -> Event:
    return Event(who, at, valence=valence, **more)  # type: ignore[arg-type]


def score(who: str, at: float, value: float, **more: object) -> Event:
    return Event(who, at, score=value, score_kind="csat", **more)  # type: ignore[arg-type]


def test_a_journey_is_what_was_felt_before_its_score() -> None:
    facts = facts_of(
        [
            felt("a", 0, 0.9),  # too long before
            felt("a", 20, -0.3),
            felt("a", 21, 0.8),
            Event("a", 21.5, feedback=False, interaction="visit"),
            felt("a", 22, -0.8),  # as strong, and later
            felt("a", 23, 0.1),
            score("a", 24, 0.7, valence=-1.0),  # what is said with the score is no moment
            felt("a", 25, 0.5),
            score("a", 26, 0.2),  # one moment alone
            felt("b", 26, 0.5),
            felt("b", 27, 0.6),  # no score
            felt("c", 27, 0.5),
            felt("c", 27, 0.4, channel="employee"),
            felt("c", 28, 0.2),
            score("c", 28, 1.0),
        ]
    )
    found = journeys(facts, "csat", gap_days=7, moments=2)
    assert facts.customers[found.customer].tolist() == ["a", "c"]
    assert found.score.tolist() == [0.7, 1.0]
    assert found.peak_valence.tolist() == [-0.8, 0.5]
    assert found.end_valence.tolist() == [0.1, 0.2]
    assert found.mean == pytest.approx([-0.05, 0.35])
    assert facts.at[found.scored].tolist() == [24, 28]
    assert len(journeys(facts, "csat", gap_days=7, moments=1)) == 3
    assert len(journeys(facts, "nps", gap_days=7, moments=1)) == 0


def lived(seed: int, customers: int, peak: float, end: float, mean: float = 0.0) -> Facts:
    """Two journeys each, of four moments at one of six touchpoints."""
    generator = np.random.default_rng(seed)
    events = []
    for customer in range(customers):
        for journey in range(2):
            begin = 40.0 * journey
            valences = generator.uniform(0.1, 1, 4) * generator.choice([-1, 1], 4)
            strongest = valences[np.abs(valences).argmax()]
            told = 0.5 + peak * strongest + end * valences[-1] + mean * valences.mean()
            for at, valence in enumerate(valences):
                where = f"t{generator.integers(6)}"
                events.append(felt(f"c{customer}", begin + at, float(valence), touchpoint=where))
            noise = 0.1 * generator.normal()
            events.append(score(f"c{customer}", begin + 4, float(told + noise)))
    return facts_of(events)


def figure(figures: object) -> Estimate:
    assert isinstance(figures, Estimate)
    return figures


def test_weights_are_recovered_and_beat_the_mean() -> None:
    report = INSIGHT.compute(lived(1, 300, 0.15, 0.12), PeakEndParameters())
    peak, end = figure(report.figures["peak"]), figure(report.figures["end"])
    assert peak.low <= 0.15 <= peak.high
    assert end.low <= 0.12 <= end.high
    assert figure(report.figures["advantage"]).low > 0
    assert report.customers == 300
    assert report.events == 600
    assert len(report.rows) == 6
    assert not report.rows[0].grey
    assert len(report.rows[0].examples[0].events) >= 2


def test_where_the_mean_sets_the_score_peak_and_end_have_no_advantage() -> None:
    report = INSIGHT.compute(lived(2, 300, 0.0, 0.0, mean=0.4), PeakEndParameters())
    assert figure(report.figures["advantage"]).high < 0


def test_effects_are_parts_of_the_mean_score() -> None:
    facts = lived(3, 100, 0.2, 0.1)
    report = INSIGHT.compute(facts, PeakEndParameters())
    found = journeys(facts, "csat", 7, 2)
    peak, end = figure(report.figures["peak"]).value, figure(report.figures["end"]).value
    whole = (peak * found.peak_valence + end * found.end_valence).mean()
    effects = [figure(row.cells["effect"]).value for row in report.rows]
    assert sum(effects) == pytest.approx(whole)
    counts = [row.cells["peaks"] for row in report.rows]
    assert sum(c for c in counts if isinstance(c, float)) == pytest.approx(len(found))


def test_several_topics_of_one_moment_have_each_a_part() -> None:
    events = []
    for i in range(60):
        sign = 1 if i % 2 else -1
        events += [
            felt(f"c{i}", 0, 0.2 * sign),
            felt(f"c{i}", 1, 0.5 * sign, topics=["price", "wait"], touchpoint="shop"),
            score(f"c{i}", 2, 0.5 + 0.3 * sign + 0.001 * i),
        ]
    report = INSIGHT.compute(facts_of(events), PeakEndParameters())
    cells = {str(row.cells["topic"]): row.cells for row in report.rows}
    assert cells.keys() == {"price", "wait"}
    assert cells["price"]["peaks"] == cells["wait"]["ends"] == pytest.approx(30)
    assert report.rows[0].cells["first"] == 1.0


def test_a_moment_that_stands_out_is_first_in_every_resample() -> None:
    facts = lived(4, 200, 0.15, 0.12)
    moved = facts_of(
        [
            *(
                felt(f"x{i}", at, -0.95, touchpoint="billing")
                for i in range(150)
                for at in (0.0, 1.0)
            ),
            *(score(f"x{i}", 2.0, 0.2) for i in range(150)),
            *(
                felt(str(facts.customers[facts.customer[e]]), facts.at[e], facts.valence[e],
                     touchpoint=facts.touchpoint.names[facts.touchpoint.codes[e]])
                if np.isnan(facts.score[e])
                else score(str(facts.customers[facts.customer[e]]), facts.at[e], facts.score[e])
                for e in range(len(facts))
            ),
        ]
    )  # fmt: skip
    report = INSIGHT.compute(moved, PeakEndParameters(top=1))
    assert report.rows[0].cells["touchpoint"] == "billing"
    assert report.rows[0].cells["first"] == 1.0
    assert sum(float(str(row.cells["first"])) for row in report.rows) == pytest.approx(1)


def test_too_few_journeys() -> None:
    report = INSIGHT.compute(lived(5, 10, 0.1, 0.1), PeakEndParameters())
    assert (report.state, report.rows) == (State.TOO_FEW, [])
    assert "50 needed" in report.notes[0].en
    assert INSIGHT.compute(facts_of([]), PeakEndParameters()).state is State.TOO_FEW


def test_of_nothing_few_weights_are_found() -> None:
    false = 0
    for seed in range(20):
        report = INSIGHT.compute(lived(seed, 40, 0.0, 0.0), PeakEndParameters())
        false += any(not row.grey for row in report.rows)
    assert binomtest(false, 20, 0.05, alternative="greater").pvalue > 0.01
