"""Seeds that were tried, a line each in a file, so that a run that was broken off goes on."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

from benchmarks.insight_checks import CHECKS
from benchmarks.insight_judges import Outcome
from heedful.journey.simulation.plan import SimulationPlan
from heedful.journey.simulation.simulate import Simulated, simulate

NULL_SEEDS = 1_000_000
"""Seeds with nothing planted begin here: no business is both."""


@dataclass(frozen=True, slots=True)
class Trial:
    """
    Attributes:
        planted: of a business with causes; else of one with nothing planted.
        outcomes: by the name of the insight.
    """

    planted: bool
    customers: int
    seed: int
    outcomes: dict[str, Outcome]


def tried(planted: bool, customers: int, seed: int, names: Sequence[str]) -> Trial:
    """All these insights on one seed; those that look for the same effects share the business."""
    plan = SimulationPlan(seed=seed if planted else NULL_SEEDS + seed, customers=customers)

    @lru_cache
    def business(*effects: str) -> Simulated:
        return simulate(plan.only(*effects))

    outcomes = {}
    for name in names:
        check = CHECKS[name]
        outcomes[name] = check.run(business(*(check.effects if planted else ())))
    return Trial(planted, customers, seed, outcomes)


def kept(file: Path) -> Iterator[Trial]:
    """The trials of a file; none where there is no such file."""
    if not file.exists():
        return
    for line in file.read_text().splitlines():
        told = json.loads(line)
        outcomes = {name: Outcome(**one) for name, one in told.pop("outcomes").items()}
        yield Trial(outcomes=outcomes, **told)


def keep(file: Path, trial: Trial) -> None:
    with file.open("a") as lines:
        lines.write(json.dumps(asdict(trial)) + "\n")
