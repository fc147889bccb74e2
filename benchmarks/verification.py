"""How often fix verification is wrong, and how often it sees what is there.

    OMP_NUM_THREADS=1 .venv/bin/python benchmarks/verification.py [--runs 1000]

Simulated feedback with known truth (tests/unit/alerting/verification/worlds.py): twelve weeks of
baseline, 28 days after the fix, 60 mentions of the topic a day and 400 of the others, unless the
row says otherwise. Beside it what a Newey-West interval with the quantile 1.96 would have claimed.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.support import table
from heedful.alerting.verification.series import Measure
from heedful.alerting.verification.verdict import Outcome, Verdict, decide
from tests.unit.alerting.verification.worlds import WINDOWS, World, opened_by_peak, simulate

RATE = Measure.NEGATIVE_RATE
_NORMAL = 1.96

_WORLDS = {
    "white noise": World(),
    "autocorrelation 0.5": World(memory=0.5),
    "autocorrelation 0.5, large shocks": World(memory=0.5, shock=0.1),
    "both trend up by 20 points": World(memory=0.5, trend=0.2),
    "4 mentions a day (by week)": World(memory=0.5, mentions=(4, 30)),
    "40 % to 30 %": World(memory=0.5, effect=-0.10),
    "40 % to 25 %": World(memory=0.5, effect=-0.15),
    "40 % to 55 %": World(memory=0.5, effect=0.15),
    "2000 mentions a day, no effect": World(mentions=(2000, 9000), shock=0.005),
}


def _plain(verdict: Verdict) -> bool:
    """What a step and its standard error alone would have said."""
    if verdict.step is None:
        return False
    error = (verdict.step.high - verdict.step.low) / 2 / verdict.step.quantile
    return abs(verdict.step.effect) > _NORMAL * error


def _row(name: str, verdicts: Sequence[Verdict]) -> list[str]:
    runs = len(verdicts)
    shares = [sum(one.outcome is outcome for one in verdicts) / runs for outcome in Outcome]
    plain = sum(map(_plain, verdicts)) / runs
    return [name, *(f"{100 * share:.1f} %" for share in [*shares, plain])]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1000)
    runs = parser.parse_args().runs
    started = time.perf_counter()
    rows = [
        _row(name, [decide(simulate(world, seed), WINDOWS, RATE) for seed in range(runs)])
        for name, world in _WORLDS.items()
    ]
    peaks = [opened_by_peak(World(memory=0.5, shock=0.08), seed) for seed in range(runs)]
    rows.append(_row("opened on the worst day, no effect", [decide(*one, RATE) for one in peaks]))
    each = (time.perf_counter() - started) / runs / len(rows)
    table(["world", *(outcome.value for outcome in Outcome), "1.96 claims"], rows)
    print(f"\n{runs} runs a row, {1000 * each:.0f} ms each with its simulation")


if __name__ == "__main__":
    main()
