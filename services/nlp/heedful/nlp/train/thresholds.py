"""How sure the encoder must be of each flag, chosen on voices that it has not learned from.

    python -m heedful.nlp.train.thresholds tests/data/voice/dev.jsonl

Prints lines for `data/thresholds.yaml`: for each flag the pair of thresholds, alone and beside a
rule that says the same, with the best F-score, and what recall and precision they give there.
Missing a text that cannot wait costs more than looking at one that could have: for `red` recall
counts more.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from heedful.nlp import backend
from heedful.nlp.encoder.engine import Engine
from heedful.nlp.encoder.reading import read
from heedful.nlp.encoder.tasks import FLAGS, PERCEPTIONS, URGENCIES
from heedful.nlp.policy import LightPolicy
from heedful.nlp.text import normalise
from heedful.nlp.train.deaf import rules_alone
from heedful.nlp.train.listener import Listener, Said
from heedful.nlp.train.voices import Voice, voices

_GRID: Final = tuple(number / 20 for number in range(1, 19))
_BETA: Final = {"red": 1.4}
_SAID: Final = ("churn", "solicited", "needs_response")

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Told:
    """One flag over many texts: the encoder's share, whether the rules say it, and the truth."""

    shares: NDArray[np.float64]
    ruled: Flags
    wanted: Flags

    def score(self, alone: float, beside: float) -> tuple[float, float]:
        """Recall and precision."""
        found = self.shares >= np.where(self.ruled, beside, alone)
        right = float((found & self.wanted).sum())
        return right / max(float(self.wanted.sum()), 1.0), right / max(float(found.sum()), 1.0)


def told(engine: Engine, items: Sequence[Voice]) -> dict[str, Told]:
    """Every flag of the texts that the encoder reads; all reasons together as `category`."""
    listener = Listener(rules_alone(engine), LightPolicy.load())
    rows: list[tuple[Voice, Said, list[float]]] = []
    for item in items:
        reading = read(engine, normalise(item.text)[0])
        if reading is not None and reading.hearing is not None:
            heard = [one.share for one in reading.hearing.flags]
            rows.append((item, listener.said(item.text), heard))
    shares = np.array([row for _, _, row in rows])
    ruled = np.array([[_says(said, flag) for flag in FLAGS] for _, said, _ in rows])
    wanted = np.array([item.flags for item, _, _ in rows], dtype=np.bool_)
    found = {
        flag: Told(shares[:, place], ruled[:, place], wanted[:, place])
        for place, flag in enumerate(FLAGS)
        if flag not in URGENCIES
    }
    reasons = [FLAGS.index(code) for code in URGENCIES]
    # Reasons are asked for only where a text is known to be urgent.
    red = wanted[:, FLAGS.index("red")]
    found["category"] = Told(
        shares[red][:, reasons].ravel(),
        ruled[red][:, reasons].ravel(),
        wanted[red][:, reasons].ravel(),
    )
    return found


def _says(said: Said, flag: str) -> bool:
    if flag in _SAID or flag == "red":
        return bool(getattr(said, flag))
    return flag in (said.perceptions if flag in PERCEPTIONS else said.urgency)


def best(flag: str, one: Told) -> tuple[float, float]:
    """The thresholds with the best F-score; of equal ones those in the middle."""
    weight = _BETA.get(flag, 1.0) ** 2

    def value(pair: tuple[float, float]) -> tuple[float, float]:
        recall, precision = one.score(*pair)
        score = (1 + weight) * recall * precision / max(weight * precision + recall, 1e-9)
        return round(score, 4), -abs(pair[0] - 0.5) - abs(pair[1] - 0.35)

    return max((pair for pair in product(_GRID, _GRID) if pair[1] <= pair[0]), key=value)


def lines(found: dict[str, Told]) -> Iterator[str]:
    """One line of YAML for each flag."""
    for flag, one in found.items():
        alone, beside = best(flag, one)
        recall, precision = one.score(alone, beside)
        yield (
            f"{flag}: {{alone: {alone}, beside: {beside}}}"
            f"  # recall {recall:.3f}, precision {precision:.3f}, {int(one.wanted.sum())} texts"
        )


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="heedful.nlp.train.thresholds")
    parser.add_argument("files", type=Path, nargs="+", help="JSON lines of labelled voices")
    parser.add_argument("--model", type=Path, help="not the shipped file")
    options = parser.parse_args(arguments)
    items = [item for file in options.files for item in voices(file)]
    found = told(backend.load("onnx", options.model), items)
    sys.stdout.write("\n".join(lines(found)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
