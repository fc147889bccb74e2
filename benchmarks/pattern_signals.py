"""How often the outcome follows a signal of a pattern under way, and how many outcomes it foretold.

    python benchmarks/pattern_signals.py --seeds 5 --customers 20000

Each seed is a simulated business with two chains planted. The insight `patterns` reads the first
part of its period; what it finds significant is written as `heedful journeys patterns` writes it,
and what comes then is looked at event by event. A signal is right when the outcome comes within
`follow_days`; an outcome is foretold when a signal came before it, by as many days at most.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.insights import clopper_pearson
from benchmarks.support import machine, table
from heedful.cli.journeys_patterns import written
from heedful.journey.insights.facts import Facts
from heedful.journey.insights.patterns.insight import PatternParameters, compute
from heedful.journey.insights.selecting import only
from heedful.journey.lifecycle.events import Happened
from heedful.journey.lifecycle.lifecycle_file import SignalEntry
from heedful.journey.lifecycle.pattern_entry import PatternEntry
from heedful.journey.signals.under_way import steps_of, under_way
from heedful.journey.simulation.plan import SimulationPlan
from heedful.journey.simulation.simulate import Simulated, simulate
from heedful.journey.spoken import Tone, spoken

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LEARNT = 2 / 3
"""Of the period."""
DAYS = 60


@dataclass
class Counts:
    """Attributes:
    given, right: signals, and those that the outcome followed.
    others, came: first B's without an A, and those that the outcome followed.
    outcomes, foretold: outcomes, and those that a signal came before.
    """

    given: int = 0
    right: int = 0
    others: int = 0
    came: int = 0
    outcomes: int = 0
    foretold: int = 0


def patterns_of(facts: Facts, until: float) -> Sequence[PatternEntry]:
    """What the insight finds until then, as a lifecycle has it."""
    known = replace(only(facts, facts.at < until), until=until)
    asked = PatternParameters(look_back_days=DAYS, follow_days=DAYS, tone=Tone.BLAME)
    measured = (EPOCH + timedelta(days=until)).date()
    told = written(compute(known, asked), Tone.BLAME, DAYS, DAYS, measured)
    found = SignalEntry.model_validate(yaml.safe_load(told)["signals"]).patterns
    longer = date.max - measured
    return [one.model_copy(update={"days": min(longer.days, 3650)}) for one in found]


def histories(facts: Facts, patterns: Iterable[PatternEntry]) -> Iterable[list[Happened]]:
    """The events of each customer that a pattern is made of, in the order of time."""
    steps = {spoken(name) for one in patterns for name in (one.first, one.then, one.outcome)}
    own: dict[int, list[Happened]] = defaultdict(list)
    for event in np.flatnonzero(facts.voiced & (np.diff(facts.topics.starts) > 0)).tolist():
        happened = _happened(facts, event)
        if any((happened.touchpoint, topic) in steps for topic in happened.topics):
            own[int(facts.customer[event])].append(happened)
    return own.values()


def _happened(facts: Facts, event: int) -> Happened:
    at = EPOCH + timedelta(days=float(facts.at[event]))
    place, colour = int(facts.touchpoint.codes[event]), int(facts.colour.codes[event])
    topics = facts.topics.codes[facts.topics.starts[event] : facts.topics.starts[event + 1]]
    valence = float(facts.valence[event])
    return Happened(
        key=("feedback", "simulation", str(facts.ids[event])),
        occurred_at=at,
        received_at=at,
        touchpoint=None if place < 0 else facts.touchpoint.names[place],
        topics=tuple(facts.topics.names[code] for code in topics),
        colour=None if colour < 0 else facts.colour.names[colour],
        valence=None if np.isnan(valence) else valence,
    )


def counted(
    events: Sequence[Happened], pattern: PatternEntry, begin: datetime, end: datetime, sums: Counts
) -> None:
    """One customer's signals from `begin` on, each with what was known when it came."""
    within = timedelta(days=pattern.follow_days)
    at = _times(events, pattern)
    given = []
    for number, event in enumerate(events):
        if event.occurred_at not in at["then"] or not begin <= event.occurred_at <= end - within:
            continue
        known = under_way(events[: number + 1], [pattern])
        if any(one.trigger.key == event.key for one in known):
            given.append(event.occurred_at)
            sums.given += 1
            sums.right += _follows(at["outcome"], event.occurred_at, within)
    thens = [one for one in at["then"] if begin <= one <= end - within]
    if thens and not any(one < thens[0] for one in at["first"]):
        sums.others += 1
        sums.came += _follows(at["outcome"], thens[0], within)
    for one in at["outcome"]:
        if begin + within <= one <= end:
            sums.outcomes += 1
            sums.foretold += any(one - within <= told < one for told in given)


def _times(events: Sequence[Happened], pattern: PatternEntry) -> Mapping[str, list[datetime]]:
    steps = steps_of(events, pattern.tone)
    names = {"first": pattern.first, "then": pattern.then, "outcome": pattern.outcome}
    return {role: [one.occurred_at for one in steps.get(n, ())] for role, n in names.items()}


def _follows(outcomes: Iterable[datetime], at: datetime, within: timedelta) -> bool:
    return any(at < one <= at + within for one in outcomes)


def tried(seed: int, customers: int, sums: dict[tuple[str, bool], Counts]) -> None:
    """One business, added to the sums by pattern and whether it was planted."""
    simulated: Simulated = simulate(SimulationPlan(seed=seed, customers=customers).only("chains"))
    facts = simulated.facts
    since = facts.since + (facts.until - facts.since) * LEARNT
    begin, end = (EPOCH + timedelta(days=one) for one in (since, facts.until))
    patterns = patterns_of(facts, since)
    planted = {
        tuple(" / ".join(step) for step in (one.first, one.then, one.last))
        for one in simulated.truth.chains
    }
    own = list(histories(facts, patterns))
    for pattern in patterns:
        there = (pattern.first, pattern.then, pattern.outcome) in planted
        name = pattern.name if there else "not planted"
        for events in own:
            counted(events, pattern, begin, end, sums[name, there])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--customers", type=int, default=20_000)
    options = parser.parse_args()
    print(machine())
    sums: dict[tuple[str, bool], Counts] = defaultdict(Counts)
    for seed in range(1, options.seeds + 1):
        tried(seed, options.customers, sums)
    rows = [
        (name, *(_share(hits, of) for hits, of in _pairs(one)))
        for (name, _), one in sorted(sums.items(), key=lambda item: not item[0][1])
    ]
    table(("pattern", "signals that were right", "B without A", "outcomes foretold"), rows)


def _pairs(one: Counts) -> Sequence[tuple[int, int]]:
    return (one.right, one.given), (one.came, one.others), (one.foretold, one.outcomes)


def _share(hits: int, of: int) -> str:
    if not of:
        return ""
    low, high = clopper_pearson(hits, of)
    return f"{hits}/{of} {hits / of:.1%} ({low:.1%} to {high:.1%})"


if __name__ == "__main__":
    main()
