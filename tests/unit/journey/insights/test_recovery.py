"""What is planted in the simulated business is found: one seed, as the benchmark does for many."""

from dataclasses import replace

import pytest

from heedful.journey.insights import (
    emerging,
    hidden_needs,
    key_drivers,
    peak_end,
    perception,
    touchpoint_map,
)
from heedful.journey.insights.report import Estimate
from heedful.journey.simulation.plan import SimulationPlan
from heedful.journey.simulation.simulate import Simulated, simulate


@pytest.fixture(scope="module")
def business() -> Simulated:
    effects = (
        "touchpoints",
        "operations",
        "hidden_need",
        "score_drivers",
        "peak_end",
        "perceptions",
        "emerging",
        "volume",
    )
    return simulate(SimulationPlan(seed=1, customers=4000).only(*effects))


def test_the_map_has_the_colours_and_the_conflict(business: Simulated) -> None:
    facts = business.facts
    half = replace(facts, since=(facts.since + facts.until) / 2)
    report = touchpoint_map.INSIGHT.compute(half, touchpoint_map.INSIGHT.parameters())
    planted = business.truth.plan.touchpoints
    assert planted is not None
    colours = {str(row.cells["touchpoint"]): row.cells["colour"] for row in report.rows}
    for name, felt in planted.felt.items():
        assert colours[name] == ("red" if felt.negative > felt.positive else "green")
    conflicts = [row.cells["touchpoint"] for row in report.rows if row.cells["conflict"]]
    assert conflicts == business.truth.kpi_green_voice_red


def test_the_hidden_need_is_the_only_one(business: Simulated) -> None:
    need = business.truth.hidden_need
    assert need is not None
    asked = {"estimate": {need.topic: need.estimate}, "belief": business.truth.beliefs}
    insight = hidden_needs.INSIGHT
    report = insight.compute(business.facts, insight.parameters.model_validate(asked))
    hidden = [row for row in report.rows if row.cells["verdict"] == "hidden"]
    assert [row.cells["topic"] for row in hidden] == [need.topic]
    assert hidden[0].cells["estimated"] == "too_low"
    higher = hidden[0].cells["higher_than_believed"]
    assert isinstance(higher, Estimate)
    assert higher.low > 5


def test_drivers_are_those_planted(business: Simulated) -> None:
    report = key_drivers.INSIGHT.compute(business.facts, key_drivers.INSIGHT.parameters())
    assert {row.cells["topic"] for row in report.rows if not row.grey} == set(
        business.truth.score_drivers
    )
    kano = {row.cells["topic"]: row.cells["kano"] for row in report.rows}
    assert kano["waiting"] == "must_be"


def test_weights_of_peak_and_end(business: Simulated) -> None:
    report = peak_end.INSIGHT.compute(business.facts, peak_end.INSIGHT.parameters())
    peak, end, advantage = (report.figures[key] for key in ("peak", "end", "advantage"))
    assert isinstance(peak, Estimate)
    assert isinstance(end, Estimate)
    assert isinstance(advantage, Estimate)
    # Scores are cut off at 1 and rounded, and others speak between: weights are a little less.
    assert 0.8 < peak.value / business.truth.peak_weight <= 1.1
    assert 0.8 < end.value / business.truth.end_weight <= 1.1
    assert advantage.low > 0


def test_hassle_rises_where_it_was_planted(business: Simulated) -> None:
    report = perception.INSIGHT.compute(business.facts, perception.INSIGHT.parameters())
    shift = business.truth.plan.perceptions
    assert shift is not None
    risen = {
        (row.cells["touchpoint"], row.cells["label"])
        for row in report.rows
        if row.cells["trend"] == "up"
    }
    assert risen == {(shift.touchpoint, shift.perception)}


def test_what_emerged_is_dated(business: Simulated) -> None:
    report = emerging.INSIGHT.compute(business.facts, emerging.INSIGHT.parameters())
    found = {str(row.cells["topic"]): row.cells["changed_at"] for row in report.rows}
    dated = {topic for topic, at in found.items() if at is not None}
    assert {change.topic for change in business.truth.changes if change.topic} <= dated
    assert str(found["food.allergen"])[:7] in ("2026-06", "2026-05")
