"""Insights on simulated customers: how often each finds what was planted, how often it finds what
was not, and how long it takes.

Each seed is one simulated business. With everything planted that an insight looks for, power is the
share of seeds in which it found all of it, and of what it called significant there some may be
false. With nothing planted, the share of seeds in which it called anything significant is its
false-positive rate, held against the nominal rate by a one-sided binomial test. Time is CPU time
on one core, on facts of up to a million events.

    python benchmarks/insights.py --planted 50 --null 400 --customers 2000
    python benchmarks/insights.py --time
"""

import argparse
import math
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

from scipy.stats import beta, binomtest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.insight_checks import CHECKS, Check
from benchmarks.insight_judges import Outcome
from benchmarks.support import machine, table
from heedful.journey.simulation.plan import SimulationPlan
from heedful.journey.simulation.simulate import simulate

NULL_SEEDS = 1_000_000
"""Seeds with nothing planted begin here: no business is both."""
SIZES = (15_000, 30_000, 60_000)
"""Customers; the last have about a million events."""
REJECT = 0.05


@dataclass(frozen=True, slots=True)
class Tried:
    name: str
    outcomes: Sequence[Outcome]

    def share(self, of: Callable[[Outcome], bool]) -> str:
        hits = sum(of(one) for one in self.outcomes)
        low, high = clopper_pearson(hits, len(self.outcomes))
        return f"{hits}/{len(self.outcomes)} ({low:.0%} to {high:.0%})"

    @property
    def discovered_falsely(self) -> float:
        """The mean over seeds of the false share of what was called significant."""
        shares = [one.false / max(one.called, 1) for one in self.outcomes]
        return sum(shares) / len(shares)


def clopper_pearson(hits: int, of: int) -> tuple[float, float]:
    """The exact 95 % interval of a share (Clopper and Pearson, Biometrika 26, 1934)."""
    low = 0.0 if hits == 0 else float(beta.ppf(0.025, hits, of - hits + 1))
    high = 1.0 if hits == of else float(beta.ppf(0.975, hits + 1, of - hits))
    return low, high


def planted(check: Check, customers: int, seed: int) -> Outcome:
    plan = check.plan(SimulationPlan(seed=seed, customers=customers))
    return check.run(simulate(plan))


def nothing(checks: Sequence[str], customers: int, seed: int) -> list[Outcome]:
    """A business without causes, looked at by all insights."""
    plan = SimulationPlan(seed=NULL_SEEDS + seed, customers=customers)
    once = lru_cache(simulate)
    return [CHECKS[name].run(once(CHECKS[name].null(plan))) for name in checks]


def run(names: Sequence[str], options: argparse.Namespace) -> Iterable[Sequence[str]]:
    with ProcessPoolExecutor(options.processes) as pool:
        found = {
            name: Tried(
                name,
                list(
                    pool.map(
                        partial(planted, CHECKS[name], options.customers),
                        range(1, options.planted + 1),
                    )
                ),
            )
            for name in names
        }
        worlds = list(
            pool.map(partial(nothing, names, options.customers), range(1, options.null + 1))
        )
    for place, name in enumerate(names):
        null = Tried(name, [world[place] for world in worlds])
        hits = sum(one.false > 0 for one in null.outcomes)
        p = binomtest(hits, len(worlds), CHECKS[name].nominal, "greater").pvalue if worlds else 1.0
        yield (
            name,
            found[name].share(lambda one: one.found) if options.planted else "",
            f"{found[name].discovered_falsely:.1%}" if options.planted else "",
            null.share(lambda one: one.false > 0) if worlds else "",
            f"{CHECKS[name].nominal:.0%}",
            f"{p:.2g}" + (" REJECTED" if p < REJECT else ""),
        )


def timed(names: Sequence[str]) -> Iterable[Sequence[str]]:
    spent: dict[str, list[tuple[int, float]]] = {name: [] for name in names}
    for customers in SIZES:
        simulated = simulate(SimulationPlan(customers=customers))
        for name in names:
            begin = time.process_time()
            CHECKS[name].report(simulated)
            spent[name].append((len(simulated.facts), time.process_time() - begin))
    for name, times in spent.items():
        (few, short), (many, long) = times[0], times[-1]
        growth = math.log(long / short) / math.log(many / few)
        yield (name, *(f"{s:.2f} s at {n:,}" for n, s in times), f"n^{growth:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--planted", type=int, default=50, help="seeds with everything planted")
    parser.add_argument("--null", type=int, default=400, help="seeds with nothing planted")
    parser.add_argument("--customers", type=int, default=2000)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--only", action="append", choices=sorted(CHECKS), help="these insights")
    parser.add_argument("--time", action="store_true", help="time at up to a million events")
    options = parser.parse_args()
    names = options.only or list(CHECKS)
    print(machine())
    if options.time:
        heads = ["insight", *(f"{customers:,} customers" for customers in SIZES), "growth"]
        table(heads, list(timed(names)))
        return
    print(f"{options.customers:,} customers a seed")
    table(
        ["insight", "found", "false of called", "nulls with a find", "nominal", "p (one-sided)"],
        list(run(names, options)),
    )


if __name__ == "__main__":
    main()
