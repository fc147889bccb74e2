"""The facts of a simulation: the same for a seed, and in the shape that insights rely on."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from heedful.journey.insights.facts import NONE, Coded, Facts, Many
from heedful.journey.simulation.plan import EFFECTS, SimulationPlan
from heedful.journey.simulation.simulate import Simulated, simulate

PLAN = SimulationPlan(seed=7, customers=600)


@pytest.fixture(scope="module")
def simulated() -> Simulated:
    return simulate(PLAN)


def _columns(facts: Facts) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    for field in fields(Facts):
        column = getattr(facts, field.name)
        if isinstance(column, Coded):
            yield field.name, column.codes
        elif isinstance(column, Many):
            yield field.name, column.codes
            yield f"{field.name}.starts", column.starts
        elif isinstance(column, np.ndarray):
            yield field.name, column
    for key, coded in facts.attributes.items():
        yield key, coded.codes


def test_a_seed_gives_the_same_facts_and_truth(simulated: Simulated) -> None:
    again = simulate(PLAN)
    assert again.truth == simulated.truth
    for (name, one), (_, other) in zip(
        _columns(simulated.facts), _columns(again.facts), strict=True
    ):
        np.testing.assert_array_equal(one, other, err_msg=name)


def test_another_seed_gives_others(simulated: Simulated) -> None:
    other = simulate(PLAN.model_copy(update={"seed": 8}))
    assert len(other.facts) != len(simulated.facts)


def test_columns_are_equally_long_and_codes_in_range(simulated: Simulated) -> None:
    facts = simulated.facts
    codes = [v for f in fields(Facts) if isinstance(v := getattr(facts, f.name), Coded)]
    for coded in [*codes, *facts.attributes.values()]:
        assert len(coded.codes) == len(facts)
        assert coded.codes.min() >= NONE
        assert coded.codes.max() < len(coded.names)
    for many in (facts.topics, facts.perceptions):
        assert len(many.starts) == len(facts) + 1
        assert many.starts[-1] == len(many.codes)
        assert (np.diff(many.starts) >= 0).all()
        assert many.codes.min() >= 0
        assert many.codes.max() < len(many.names)
    for name, column in _columns(facts):
        if not name.startswith(("topics", "perceptions", "customers")):
            assert len(column) == len(facts), name


def test_events_stand_customer_by_customer_and_by_time(simulated: Simulated) -> None:
    facts = simulated.facts
    same = np.diff(facts.customer) == 0
    assert (np.diff(facts.customer) >= 0).all()
    assert (np.diff(facts.at)[same] >= 0).all()
    assert facts.at.min() >= facts.since
    assert facts.at.max() < facts.until
    assert len(set(facts.ids.tolist())) == len(facts)


def test_scores_valences_and_lights_are_on_their_scales(simulated: Simulated) -> None:
    facts = simulated.facts
    scored = ~np.isnan(facts.score)
    assert ((facts.score[scored] >= 0) & (facts.score[scored] <= 1)).all()
    assert (facts.score_kind.codes[scored] != NONE).all()
    assert np.nanmin(facts.valence) >= -1
    assert np.nanmax(facts.valence) <= 1
    assert (facts.valence[facts.colour.having("red")] < 0).all()
    assert (facts.valence[facts.colour.having("green")] > 0).all()
    assert (facts.interaction.codes[facts.feedback] == NONE).all()
    assert (facts.interaction.codes[~facts.feedback] != NONE).all()


def test_nobody_does_anything_after_leaving(simulated: Simulated) -> None:
    facts = simulated.facts
    last = np.append(np.diff(facts.customer) != 0, True)
    assert last[facts.interaction.having("churn")].all()


def test_every_event_count_that_is_promised() -> None:
    """15 events a customer or more, so that 20,000 have 300,000."""
    facts = simulate(SimulationPlan(seed=1, customers=2000)).facts
    assert len(facts) >= 15.0 * 2000


def test_an_effect_that_is_left_out_leaves_the_others_draws_alone(simulated: Simulated) -> None:
    other = simulate(PLAN.without("begging")).facts
    np.testing.assert_array_equal(other.at, simulated.facts.at)
    assert not np.array_equal(other.score, simulated.facts.score, equal_nan=True)


def test_an_effect_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="no such effect: luck; there are chains"):
        PLAN.without("luck")


def test_without_effects_nothing_is_told() -> None:
    truth = simulate(PLAN.only()).truth
    assert all(getattr(truth.plan, effect) is None for effect in EFFECTS)
    assert not truth.chains
    assert not truth.hazard_ratios
    assert not truth.score_drivers
    assert not truth.changes
    assert truth.hidden_need is None
    assert truth.peak_weight == truth.end_weight == 0
