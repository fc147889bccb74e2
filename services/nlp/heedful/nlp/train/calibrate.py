"""How encoder and words are weighed in `heedful.nlp.sentiment`, fitted on the dev parts.

    python -m heedful.nlp.train.calibrate --data ../shared/data

Prints the constants, to be copied into sentiment.py: the weights with which the encoder and the
opinion words are added where words judge, and of the encoder alone how much it finds and how often
it errs at each threshold. Every domain and label counts the same. The encoder knows these domains
from training and a customer's own it does not, so there the words deserve more than what is
printed.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from heedful.nlp import backend
from heedful.nlp.encoder.engine import Engine
from heedful.nlp.encoder.reading import read
from heedful.nlp.lexicon import Lexicon
from heedful.nlp.ruleset import RuleSet
from heedful.nlp.sentiment import LABELS, NEGATIVE, NEUTRAL, POSITIVE, SHORT, counted, tilt
from heedful.nlp.text import prepare
from heedful.nlp.train.data import Example, others, reviews
from heedful.nlp.train.fitting import Floats, Groups, Labels, even_weights, logistic, share_at

_THRESHOLDS: Final = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True, slots=True)
class Judged:
    """What encoder and words say of each text; rows of `shares` are of `LABELS`."""

    shares: Floats
    tilts: Floats
    worded: NDArray[np.bool_]
    lengths: Floats
    labels: Labels
    groups: Groups


def judged(engine: Engine, examples: Sequence[Example]) -> Judged:
    """Both judgements of every text; texts that ask for something are left out."""
    lexicon, intents = Lexicon.load(), RuleSet.load().intents
    rows = []
    for example in examples:
        text = prepare(example.text)
        reading = read(engine, text.normal)
        if reading is None or intents.asks(intents.match(text)):
            continue
        opinions = counted(lexicon.opinions.find(text), asks=False)
        rows.append(
            (
                reading.sentiment.tolist(),
                tilt(opinions),
                any(one.weight for one in opinions),
                len(text.normal),
                example.label,
                example.group,
            )
        )
    columns = list(zip(*rows, strict=True))
    return Judged(
        shares=np.array(columns[0]),
        tilts=np.array(columns[1]),
        worded=np.array(columns[2], dtype=np.bool_),
        lengths=np.array(columns[3], dtype=np.float64),
        labels=np.array(columns[4]),
        groups=np.array(columns[5]),
    )


def with_words(found: Judged) -> str:
    """The weights where words judge, and how often each alone and both together are right."""
    signed = found.worded & (found.labels != NEUTRAL)
    shares = np.clip(found.shares[signed], 1e-6, 1)
    leaning = np.log(shares[:, POSITIVE] / shares[:, NEGATIVE])
    short = np.exp(-found.lengths[signed] / SHORT)
    tilts = found.tilts[signed]
    positive = found.labels[signed] == POSITIVE
    weights = even_weights(found.groups[signed], found.labels[signed])
    inputs = np.stack([leaning, leaning * short, tilts, tilts * short], axis=1)
    fitted = logistic(inputs, positive, weights)
    names = ("MODEL", "MODEL_SHORT", "WORDS", "WORDS_SHORT")
    lines = [f"_{name}: Final = {value:.2f}" for name, value in zip(names, fitted, strict=True)]
    for name, score in (("encoder", leaning), ("words", tilts), ("both", inputs @ fitted)):
        right = (weights * ((score > 0) == positive)).sum() / weights.sum()
        lines.append(f"# {name}: {right:.3f} right, n={len(positive)}")
    return "\n".join(lines)


def alone(found: Judged) -> str:
    """Of the encoder where no word judges: found of each label, and called so wrongly."""
    chosen = ~found.worded
    shares, labels = found.shares[chosen], found.labels[chosen]
    weights = even_weights(found.groups[chosen], labels)
    lines = []
    for label in (NEGATIVE, NEUTRAL, POSITIVE):
        certainty = np.where(shares.argmax(axis=1) == label, shares[:, label], 0)
        right = share_at(certainty, labels == label, weights)
        wrong = share_at(certainty, labels != label, weights)
        lines += [
            f"# {LABELS[label]} at {least}: {right(least):.2f} found, {wrong(least):.2f} wrongly"
            for least in _THRESHOLDS
        ]
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="heedful.nlp.train.calibrate")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    options = parser.parse_args(arguments)
    examples = [*reviews(options.data, "dev"), *others(options.data, "dev")]
    found = judged(backend.load("onnx"), examples)
    sys.stdout.write(f"{with_words(found)}\n{alone(found)}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
