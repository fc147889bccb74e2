"""Verdicts in worlds whose truth is known; benchmarks/verification.py has them with more runs."""

from datetime import timedelta

import pytest

from heedful.alerting.verification.series import Count, Day, Measure, total
from heedful.alerting.verification.verdict import (
    Assumption,
    Method,
    Outcome,
    Verdict,
    Why,
    decide,
)
from tests.unit.alerting.verification.worlds import (
    RECEIVED,
    WINDOWS,
    World,
    opened_by_peak,
    outcomes,
    share,
    simulate,
)

RATE = Measure.NEGATIVE_RATE
RUNS = 60
MOST_FALSE = 8 / 60
"""Of 60 runs at 5 %, 8 or fewer are wrong in 99.7 of 100 tests; the seeds are fixed."""


def claims(verdict: Verdict) -> bool:
    return verdict.outcome in (Outcome.VERIFIED, Outcome.WORSE)


@pytest.mark.parametrize(
    "world",
    [
        World(),
        World(memory=0.5),
        World(memory=0.5, shock=0.1),
        World(memory=0.5, trend=0.2),
        World(memory=0.5, mentions=(4, 30)),
    ],
    ids=["white noise", "memory", "large shocks", "common trend", "by week"],
)
def test_without_effect_it_seldom_claims_one(world: World) -> None:
    assert share(outcomes(world, RUNS), claims) <= MOST_FALSE


def test_a_peak_that_falls_by_itself_is_no_fix() -> None:
    """The case is opened on the worst of many days, after which things were bound to be better."""
    peaks = [opened_by_peak(World(memory=0.5, shock=0.08), seed) for seed in range(RUNS)]
    assert share([decide(*peak, RATE) for peak in peaks], claims) <= MOST_FALSE


def test_the_worst_day_is_always_followed_by_better_ones() -> None:
    """What the rule above guards against: nothing was fixed, and all but always it looks so."""
    for seed in range(20):
        days, windows = opened_by_peak(World(memory=0.5, shock=0.08), seed)
        worst = max(day.topic.level(RATE) or 0 for day in days if day.day in windows.during)
        assert worst > (total(days, windows.after)[0].level(RATE) or 0)


@pytest.mark.parametrize("measure", Measure)
def test_a_fix_that_works_is_seen(measure: Measure) -> None:
    """From 40 % to 25 % negative at 60 mentions a day: nine of ten times."""
    verdicts = outcomes(World(effect=-0.15, memory=0.5), 60, measure)
    assert share(verdicts, lambda one: one.outcome is Outcome.VERIFIED) >= 0.85
    assert not any(one.outcome is Outcome.WORSE for one in verdicts)


def test_a_fix_that_harms_is_seen() -> None:
    verdicts = outcomes(World(effect=0.15, memory=0.3), 40)
    assert share(verdicts, lambda one: one.outcome is Outcome.WORSE) >= 0.85


def test_no_effect_is_said_only_of_what_could_have_been_seen() -> None:
    many = outcomes(World(mentions=(2000, 9000), shock=0.005), 20)
    assert {one.outcome for one in many} == {Outcome.NO_EFFECT}
    small = outcomes(World(mentions=(2000, 9000), shock=0.005, effect=-0.01), 20)
    assert {one.outcome for one in small} == {Outcome.NO_EFFECT}


def test_the_truth_is_within_the_interval() -> None:
    verdicts = outcomes(World(effect=-0.1, memory=0.5), RUNS)
    steps = [one.step for one in verdicts if one.step is not None]
    assert len(steps) == RUNS
    missed = sum(not one.low <= -0.1 <= one.high for one in steps)
    assert missed <= MOST_FALSE * RUNS


def test_what_a_verdict_says() -> None:
    (verdict,) = outcomes(World(effect=-0.2), 1)
    assert verdict.outcome is Outcome.VERIFIED
    assert verdict.method is Method.INTERRUPTED_SERIES
    assert Assumption.TREND_GOES_ON in verdict.assumptions
    assert verdict.points == (84, 28)
    assert verdict.figures.before.level == pytest.approx(0.4, abs=0.03)
    assert verdict.figures.after.level == pytest.approx(0.2, abs=0.03)
    assert verdict.figures.control_after.n > verdict.figures.after.n > 1000


def test_a_short_baseline_is_compared_by_differences() -> None:
    known = [
        day
        for day in simulate(World(effect=-0.15, mentions=(120, 400)), 1)
        if day.day >= RECEIVED - timedelta(days=80)
    ]
    verdict = decide(known, WINDOWS, RATE)
    assert (verdict.outcome, verdict.method) == (Outcome.VERIFIED, Method.DIFFERENCES)
    assert Assumption.PARALLEL_TREND in verdict.assumptions


def test_too_few_mentions() -> None:
    (verdict,) = outcomes(World(mentions=(0, 300)), 1)
    assert (verdict.outcome, verdict.why) == (Outcome.INCONCLUSIVE, Why.TOO_FEW)
    assert verdict.step is None
    assert decide([], WINDOWS, RATE).why is Why.TOO_FEW


def test_nothing_to_compare_with() -> None:
    alone = [Day(day.day, day.topic, Count()) for day in simulate(World(), 1)]
    assert decide(alone, WINDOWS, RATE).why is Why.NO_CONTROL


def test_noise_that_hides_any_answer() -> None:
    (verdict,) = outcomes(World(mentions=(6, 300), shock=0.2, memory=0.5), 1)
    assert (verdict.outcome, verdict.why) == (Outcome.INCONCLUSIVE, Why.TOO_WIDE)
    assert verdict.step is not None
