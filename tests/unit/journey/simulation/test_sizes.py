"""What is planted comes out in its size, and nothing of it where it is not planted."""

import numpy as np
import numpy.typing as npt
import pytest
from scipy.stats import chi2_contingency, pearsonr

from heedful.journey.insights.facts import Facts, Flags
from heedful.journey.simulation.plan import SimulationPlan
from heedful.journey.simulation.simulate import Simulated, simulate

CUSTOMERS = 6000


@pytest.fixture(scope="module")
def planted() -> Simulated:
    return simulate(SimulationPlan(seed=3, customers=CUSTOMERS))


@pytest.fixture(scope="module")
def null() -> Simulated:
    return simulate(SimulationPlan(seed=3, customers=CUSTOMERS).only())


def _speaks_of(facts: Facts, topic: str) -> Flags:
    found = np.zeros(len(facts), dtype=np.bool_)
    found[facts.topics.events[facts.topics.codes == facts.topics.names.index(topic)]] = True
    return found


def _surveys(facts: Facts) -> Flags:
    return facts.channel.having("survey") & ~np.isnan(facts.score)


def test_drivers_move_the_score_by_their_weights(planted: Simulated, null: Simulated) -> None:
    for simulated, expected in ((planted, 0.18), (null, 0.0)):
        facts = simulated.facts
        asked = _surveys(facts) & facts.score_kind.having("nps")
        waiting = asked & _speaks_of(facts, "waiting") & (facts.valence < 0)
        others = asked & ~_speaks_of(facts, "waiting")
        loss = facts.score[others].mean() - facts.score[waiting].mean()
        assert loss == pytest.approx(expected, abs=0.06)


def test_without_drivers_score_and_valence_are_independent(null: Simulated) -> None:
    asked = _surveys(null.facts)
    found = pearsonr(null.facts.score[asked], null.facts.valence[asked])
    assert found.pvalue > 0.001


def test_touchpoints_have_their_lights(planted: Simulated, null: Simulated) -> None:
    truth = planted.truth.touchpoints
    assert truth["callcentre.inbound"].red == pytest.approx(0.55 * 5 / 8, abs=0.05)
    assert truth["store.visit"].green == pytest.approx(0.50 * 5 / 8, abs=0.05)
    facts = null.facts
    known = facts.voiced & (facts.touchpoint.codes >= 0)
    table = np.zeros((len(facts.touchpoint.names), 2))
    np.add.at(
        table,
        (facts.touchpoint.codes[known], facts.colour.having("red")[known].astype(int)),
        1,
    )
    assert chi2_contingency(table).pvalue > 0.001


def test_the_hidden_need_fills_service_records(planted: Simulated) -> None:
    need = planted.truth.hidden_need
    assert need is not None
    assert need.service == pytest.approx(0.30, abs=0.04)
    assert need.surveys == pytest.approx(0.01, abs=0.01)


def test_topics_have_one_share_on_all_channels_where_nothing_is_hidden(null: Simulated) -> None:
    facts = null.facts
    service = np.isin(facts.channel.codes, [facts.channel.code(c) for c in ("call", "chat")])
    said = facts.feedback & (service | facts.channel.having("survey"))
    mentioned = said[facts.topics.events]
    table = np.zeros((len(facts.topics.names), 2))
    events = facts.topics.events[mentioned]
    np.add.at(table, (facts.topics.codes[mentioned], service[events].astype(int)), 1)
    assert chi2_contingency(table[table.sum(axis=1) > 0]).pvalue > 0.001


def test_most_who_leave_were_satisfied(planted: Simulated, null: Simulated) -> None:
    truth = planted.truth
    share = len(truth.satisfied_but_leaving) / len(truth.churned_at)
    assert share == pytest.approx(0.85, abs=0.08)
    assert not null.truth.satisfied_but_leaving
    assert null.truth.churned_at


def test_begging_outlets_have_full_marks(planted: Simulated) -> None:
    facts = planted.facts
    visits = _surveys(facts) & (facts.attributes["outlet"].codes >= 0)
    begging = np.isin(
        facts.attributes["outlet"].codes,
        [facts.attributes["outlet"].code(name) for name in planted.truth.begging_outlets],
    )
    full = facts.score == 1.0
    assert full[visits & begging].mean() > 0.55
    assert full[visits & ~begging].mean() < 0.25


def test_the_silent_feel_worse_than_those_who_answer(planted: Simulated, null: Simulated) -> None:
    for simulated, gap in ((planted, 0.02), (null, 0.0)):
        facts = simulated.facts
        asked = _surveys(facts) & facts.score_kind.having("nps")
        found = facts.score[asked].mean() - simulated.truth.mean_score["nps"]
        assert found == pytest.approx(gap, abs=0.015)


def test_chains_have_their_relative_risk() -> None:
    plan = SimulationPlan(seed=5, customers=20_000, plans=(1, 0, 0)).only("chains")
    simulated = simulate(plan)
    chain, facts = simulated.truth.chains[0], simulated.facts
    a, b, c = (
        np.flatnonzero(
            facts.touchpoint.having(step[0]) & _speaks_of(facts, step[1]) & (facts.valence < 0)
        )
        for step in (chain.first, chain.then, chain.last)
    )
    b = b[facts.at[b] + chain.within_days <= facts.until]

    def near(of: npt.NDArray[np.intp], back: float, ahead: float) -> Flags:
        """Which B have one of these of the same customer between so many days before and after."""
        keys = facts.customer[of] * 1e5 + facts.at[of] - facts.since
        own = facts.customer[b] * 1e5 + facts.at[b] - facts.since
        found: Flags = np.searchsorted(keys, own + ahead) > np.searchsorted(keys, own - back)
        return found

    exposed = near(a, chain.lookback_days, 0.0)
    followed = near(c, 0.0, chain.within_days)
    ratio = followed[exposed].mean() / followed[~exposed].mean()
    assert exposed.sum() > 500
    assert ratio == pytest.approx(chain.relative_risk, rel=0.35)
    assert chain.relative_risk_within(chain.within_days) == pytest.approx(chain.relative_risk)


def test_who_was_driven_leaves_sooner(planted: Simulated) -> None:
    """Departures within a window of a long wait, against those of the same time without one."""
    facts = simulate(SimulationPlan(seed=5, customers=CUSTOMERS).only("churn_drivers")).facts
    null = simulate(SimulationPlan(seed=5, customers=CUSTOMERS).only()).facts
    assert _driven(facts) > 1.3
    assert _driven(null) == pytest.approx(1.0, abs=0.25)


def _driven(facts: Facts) -> float:
    red = np.flatnonzero(facts.colour.having("red"))
    left = np.full(len(facts.customers), np.inf)
    gone = facts.interaction.having("churn")
    left[facts.customer[gone]] = facts.at[gone]
    soon = left[facts.customer[red]] - facts.at[red] <= 30
    # The same customers half a year before or later: what is not about the red light.
    neutral = np.flatnonzero(facts.feedback & (facts.valence == 0))
    base = left[facts.customer[neutral]] - facts.at[neutral] <= 30
    return float(soon.mean() / base.mean())


def test_purchases_have_the_moments_of_their_model(null: Simulated) -> None:
    facts, model = null.facts, null.truth.plan.purchases
    amounts = facts.amount[facts.interaction.having("order")]
    assert amounts.mean() == pytest.approx(model.p * model.v / (model.q - 1), rel=0.1)


def test_contracts_end_at_the_rate_of_their_model(null: Simulated) -> None:
    facts, model = null.facts, null.truth.plan.contracts
    monthly = facts.attributes["plan"].having("monthly")
    gone = monthly & facts.interaction.having("churn")
    customers, start = np.unique(facts.customer[monthly], return_index=True)
    began = np.full(len(facts.customers), np.nan)
    began[customers] = facts.at[np.flatnonzero(monthly)[start]]
    tenure = facts.at[gone] - began[facts.customer[gone]]
    first = np.isclose(tenure, model.period_days, atol=0.01).sum()
    expected = model.alpha / (model.alpha + model.beta)
    assert first / len(customers) == pytest.approx(expected, abs=0.02)


def test_peak_and_end_set_the_score_of_a_journey() -> None:
    plan = SimulationPlan(seed=5, customers=CUSTOMERS)
    for simulated, expected in ((simulate(plan), 0.12), (simulate(plan.only()), 0.0)):
        facts = simulated.facts
        # The score of a journey has no valence of its own; what stands before it is its end.
        rated = np.flatnonzero(
            facts.channel.having("store") & ~np.isnan(facts.score) & np.isnan(facts.valence)
        )
        rated = rated[rated > 0]
        before = facts.valence[rated - 1]
        known = ~np.isnan(before) & (facts.at[rated] - facts.at[rated - 1] < 5)
        slope = np.polyfit(before[known], facts.score[rated[known]], 1)[0]
        # The end is often the peak as well, so that its slope alone holds part of the other's.
        assert expected - 0.02 <= slope <= expected * 2.2 + 0.02
