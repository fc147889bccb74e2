"""Simulated feedback whose truth is known: counts by day of a topic and of all others."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from heedful.alerting.verification.series import Count, Day, Measure, Windows
from heedful.alerting.verification.verdict import Verdict, decide

Array = NDArray[np.float64]

START = date(2026, 1, 1)
DAYS = 180
RECEIVED = START + timedelta(days=120)
LANDED = RECEIVED + timedelta(days=3)
AFTER_DAYS = 28
WINDOWS = Windows.of(RECEIVED, LANDED, AFTER_DAYS)


@dataclass(frozen=True)
class World:
    """How feedback comes about.

    Attributes:
        level: share of negative mentions, of the topic and of the others.
        mentions: a day, of the topic and of the others.
        shock: standard deviation of the daily rate of the topic beyond chance.
        memory: autocorrelation of those shocks.
        effect: change of the topic's rate from the fix on.
        trend: change of both rates over the whole time.
    """

    level: tuple[float, float] = (0.4, 0.3)
    mentions: tuple[int, int] = (60, 400)
    shock: float = 0.04
    memory: float = 0.0
    effect: float = 0.0
    trend: float = 0.0


def simulate(world: World, seed: int, landed: date = LANDED) -> list[Day]:
    random = np.random.default_rng(seed)
    progress = np.linspace(0, world.trend, DAYS)
    fixed = np.arange(DAYS) > (landed - START).days
    topic = world.level[0] + progress + _shocks(world, random) + world.effect * fixed
    return [
        Day(START + timedelta(days=number), said, others)
        for number, (said, others) in enumerate(
            zip(
                _counts(random, topic, world.mentions[0]),
                _counts(random, world.level[1] + progress, world.mentions[1]),
                strict=True,
            )
        )
    ]


def opened_by_peak(world: World, seed: int) -> tuple[list[Day], Windows]:
    """The case is opened on the worst day that leaves room on both sides, and 'fixed' after it."""
    days = simulate(world, seed)
    room = range(100, DAYS - AFTER_DAYS - 4)
    worst = max(room, key=lambda number: days[number].topic.level(Measure.NEGATIVE_RATE) or 0)
    received = days[worst].day
    return days, Windows.of(received, received + timedelta(days=3), AFTER_DAYS)


def outcomes(
    world: World, runs: int, measure: Measure = Measure.NEGATIVE_RATE, first: int = 0
) -> list[Verdict]:
    return [decide(simulate(world, seed), WINDOWS, measure) for seed in range(first, first + runs)]


def share(verdicts: list[Verdict], which: Callable[[Verdict], bool]) -> float:
    return sum(map(which, verdicts)) / len(verdicts)


def _shocks(world: World, random: np.random.Generator) -> Array:
    fresh = random.standard_normal(DAYS) * world.shock * np.sqrt(1 - world.memory**2)
    found = np.zeros(DAYS)
    found[0] = random.standard_normal() * world.shock
    for day in range(1, DAYS):
        found[day] = world.memory * found[day - 1] + fresh[day]
    return found


def _counts(random: np.random.Generator, rate: Array, mentions: int) -> list[Count]:
    n = random.poisson(mentions, DAYS)
    negative = random.binomial(n, np.clip(rate, 0, 1))
    # Sentiment goes with the rate: -1 for blame, 0.6 for anything else, and a little noise.
    score = -1.0 * negative + 0.6 * (n - negative) + random.standard_normal(DAYS) * np.sqrt(n) * 0.2
    return [
        Count(int(all_), int(bad), int(all_), float(sum_))
        for all_, bad, sum_ in zip(n, negative, score, strict=True)
    ]
