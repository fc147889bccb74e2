"""Insights on simulated customers: how often each finds what was planted, how often it finds what
was not, and how long it takes.

Each seed is one simulated business. Power is the share of seeds in which an insight found all that
was planted for it; of what it called significant there some may be false. With nothing planted, the
share of seeds in which it called anything significant is its false-positive rate, held against the
nominal rate by a one-sided binomial test. Time is CPU time on one core, on facts of up to a million
events. What was tried is kept in a file, a line a seed: the same command goes on where it was
broken off.

    python benchmarks/insights.py --planted 50 --null 400
    python benchmarks/insights.py --time
"""

import argparse
import math
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from scipy.stats import beta, binomtest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.insight_checks import CHECKS
from benchmarks.insight_judges import Outcome
from benchmarks.insight_trials import Trial, keep, kept, tried
from benchmarks.support import machine, table
from heedful.journey.simulation.plan import SimulationPlan
from heedful.journey.simulation.simulate import simulate

SIZES = (15_000, 30_000, 60_000)
"""Customers; the last have about a million events."""
REJECT = 0.05


@dataclass(frozen=True, slots=True)
class Wanted:
    """Seeds from 1 on of businesses of one size."""

    planted: bool
    customers: int
    seeds: int

    def among(self, trials: Iterable[Trial], name: str) -> list[Outcome]:
        return [
            one.outcomes[name]
            for one in trials
            if one.planted == self.planted
            and one.customers == self.customers
            and one.seed <= self.seeds
            and name in one.outcomes
        ]


def fill(file: Path, wanted: Wanted, names: Sequence[str]) -> None:
    """Try what the file has not."""
    there: dict[int, set[str]] = {seed: set() for seed in range(1, wanted.seeds + 1)}
    for one in kept(file):
        if (one.planted, one.customers) == (wanted.planted, wanted.customers):
            there.setdefault(one.seed, set()).update(one.outcomes)
    for seed in range(1, wanted.seeds + 1):
        if missing := [name for name in names if name not in there[seed]]:
            keep(file, tried(wanted.planted, wanted.customers, seed, missing))


def share(outcomes: Sequence[Outcome], of: Callable[[Outcome], bool]) -> str:
    if not outcomes:
        return ""
    hits = sum(of(one) for one in outcomes)
    low, high = clopper_pearson(hits, len(outcomes))
    return f"{hits}/{len(outcomes)} ({low:.0%} to {high:.0%})"


def clopper_pearson(hits: int, of: int) -> tuple[float, float]:
    """The exact 95 % interval of a share (Clopper and Pearson, Biometrika 26, 1934)."""
    low = 0.0 if hits == 0 else float(beta.ppf(0.025, hits, of - hits + 1))
    high = 1.0 if hits == of else float(beta.ppf(0.975, hits + 1, of - hits))
    return low, high


def discovered_falsely(outcomes: Sequence[Outcome]) -> str:
    """The mean over seeds of the false share of what was called significant."""
    shares = [one.false / max(one.called, 1) for one in outcomes]
    return f"{sum(shares) / len(shares):.1%}" if shares else ""


def rows(
    trials: Sequence[Trial], planted: Sequence[Wanted], null: Wanted, names: Sequence[str]
) -> Iterable[Sequence[str]]:
    for name in names:
        found = [one.among(trials, name) for one in planted]
        nothing = null.among(trials, name)
        hits = sum(one.false > 0 for one in nothing)
        nominal, p = CHECKS[name].nominal, 1.0
        if nothing:
            p = float(binomtest(hits, len(nothing), nominal, "greater").pvalue)
        yield (
            name,
            *(share(one, lambda outcome: outcome.found) for one in found),
            discovered_falsely(found[-1]),
            share(nothing, lambda outcome: outcome.false > 0),
            f"{nominal:.0%}",
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
    parser.add_argument(
        "--customers",
        type=int,
        nargs="+",
        default=[2000, 20_000],
        help="of businesses with causes, one size or several",
    )
    parser.add_argument("--null-customers", type=int, default=3000, help="of those without")
    parser.add_argument(
        "--file", type=Path, default=Path("insights-trials.jsonl"), help="where trials are kept"
    )
    parser.add_argument("--only", action="append", choices=sorted(CHECKS), help="these insights")
    parser.add_argument("--time", action="store_true", help="time at up to a million events")
    options = parser.parse_args()
    names = options.only or list(CHECKS)
    print(machine())
    if options.time:
        heads = ["insight", *(f"{customers:,} customers" for customers in SIZES), "growth"]
        table(heads, list(timed(names)))
        return
    planted = [Wanted(True, customers, options.planted) for customers in options.customers]
    null = Wanted(False, options.null_customers, options.null)
    for wanted in (null, *planted):
        fill(options.file, wanted, names)
    print(f"nothing planted: {options.null_customers:,} customers a seed")
    heads = [f"found of {customers:,}" for customers in options.customers]
    heads = ["insight", *heads, "false of called", "nulls with a find", "nominal", "p (one-sided)"]
    table(heads, list(rows(list(kept(options.file)), planted, null, names)))


if __name__ == "__main__":
    main()
