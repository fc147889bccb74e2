"""How well journey tells people apart: pairwise precision and recall on simulated people.

    .venv/bin/python benchmarks/identity.py [--seeds 50] [--people 1000]

Each trouble alone, then all at once. What is suggested is judged by the truth: how many suggestions
are right by score, and the recall once somebody has merged those that are. Means over the seeds
with 95 % intervals (Student's t over seeds), and the worst seed.
"""

import argparse
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from scipy.stats import t

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.support import machine, table
from heedful.journey.insights.statistics.proportions import share
from tests.unit.journey.crowd import ALL, Trouble, crowd
from tests.unit.journey.telling import accepted, agreement, right, tell

_TROUBLES = (
    Trouble(),
    Trouble(hashing=ALL.hashing),
    Trouble(family_device=ALL.family_device),
    Trouble(placeholder=ALL.placeholder),
    Trouble(typo=ALL.typo),
    Trouble(second_account=ALL.second_account),
    Trouble(family_phone=ALL.family_phone),
    Trouble(family_account=ALL.family_account),
    ALL,
)
_BANDS = (0.25, 0.4, 0.6, 0.8, 1.01)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--people", type=int, default=1000)
    given = parser.parse_args()
    begun = time.process_time()
    rows = []
    bands: dict[float, list[bool]] = defaultdict(list)
    for trouble in _TROUBLES:
        figures = []
        for seed in range(given.seeds):
            seen = crowd(seed, given.people, trouble)
            told = tell(seen)
            persons = [one.person for one in seen]
            rules, people = agreement(persons, told.owners), agreement(persons, accepted(told))
            unowned = sum(owner is None for owner in told.owners) / len(seen)
            figures.append((rules.precision, rules.recall, unowned, people.recall))
            for one in told.suggestions:
                bands[max(band for band in _BANDS if band <= one.score)].append(right(told, one))
        precision, recall, nobody, helped = zip(*figures, strict=True)
        rows.append(
            (
                trouble.names or "none",
                _shown(precision),
                _shown(recall),
                f"{statistics.mean(nobody):.3f}",
                _shown(helped),
            )
        )
    print(machine())
    table(("trouble", "precision", "recall", "events of nobody", "recall after merges"), rows)
    table(
        ("score of a suggestion", "suggestions", "right"),
        [_band(low, high, bands[low]) for low, high in pairwise(_BANDS)],
    )
    print(f"{given.seeds} seeds, {given.people} people; {time.process_time() - begun:.0f} s of CPU")


def _shown(values: Sequence[float]) -> str:
    mean, count = statistics.mean(values), len(values)
    half = 0.0
    if count > 1:
        half = float(t.ppf(0.975, count - 1)) * statistics.stdev(values) / count**0.5
    return f"{mean:.4f} ± {half:.4f}, worst {min(values):.4f}"


def _band(low: float, high: float, found: Sequence[bool]) -> tuple[str, str, str]:
    name = f"{low:.2f} to {min(high, 1.0):.2f}"
    part = share(sum(found), len(found))
    if part is None:
        return name, "0", "-"
    return name, str(len(found)), f"{part.value:.3f} ({part.low:.3f} to {part.high:.3f})"


if __name__ == "__main__":
    main()
