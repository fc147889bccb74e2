"""How model and words are weighed in `heedful.nlp.sentiment`, fitted where it matters.

    python -m heedful.nlp.train.calibrate --data ../shared/data

A model is always surest of texts like those it has read, and a customer of another trade writes
others. So for each domain of the train parts (a category of reviews, the posts, the cars, a
quarter of the service talk) the model is trained on all the others and judges this one; on these
judgements the weights, the temperature and the thresholds are fitted, every domain and label
counting the same. Prints the constants, to be copied into sentiment.py; the dev parts are for
checking them (train/whole.py). Needs the extra `train` and about six minutes.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from heedful.nlp.backend.onnx import OnnxClassifier
from heedful.nlp.lexicon import Lexicon
from heedful.nlp.sentiment import NEGATIVE, NEUTRAL, POSITIVE, SHORT, counted, tilt
from heedful.nlp.text import prepare
from heedful.nlp.train.data import Example
from heedful.nlp.train.fitting import (
    Floats,
    Groups,
    Labels,
    best_temperature,
    even_weights,
    least_threshold,
    logistic,
    share_at,
    tempered,
)
from heedful.nlp.train.sentiment import export, features, fit, training

# A false amber costs somebody a look, a missed one a customer: of what is no blame, one in ten
# may be called blame.
_MOST_WRONG: Final = 0.1
_TEMPERATURES: Final = tuple(number / 4 for number in range(4, 17))
_THRESHOLDS: Final = tuple(number / 100 for number in range(50, 96))


@dataclass(frozen=True, slots=True)
class Judged:
    """What model and words say of each text; rows of `probabilities` are of `LABELS`."""

    probabilities: Floats
    tilts: Floats
    worded: NDArray[np.bool_]
    lengths: Floats
    labels: Labels
    groups: Groups


def unread(examples: Sequence[Example]) -> list[tuple[Example, list[float]]]:
    """Every example with the probabilities of a model that has read none of its domain."""
    judged = []
    for group in sorted({one.group for one in examples}):
        held = [one for one in examples if one.group == group]
        rest = [one for one in examples if one.group != group]
        classifier = OnnxClassifier(export(fit(rest)))
        for example, ids in zip(held, features(held), strict=True):
            judged.append((example, classifier.probabilities(ids).tolist()))
        sys.stderr.write(f"{group}: {len(held)} texts\n")
    return judged


def with_words(judged: Sequence[tuple[Example, list[float]]]) -> Judged:
    """Adds what the opinion words say; texts that ask for something are left out."""
    lexicon = Lexicon.load()
    rows = []
    for example, probabilities in judged:
        text = prepare(example.text)
        if lexicon.intents.asks(lexicon.intents.match(text)):
            continue
        opinions = counted(lexicon.opinions.find(text), asks=False)
        domain = "talk" if example.group.startswith("talk") else example.group
        rows.append(
            (
                probabilities,
                tilt(opinions),
                any(one.weight for one in opinions),
                len(text.normal),
                example.label,
                domain,
            )
        )
    columns = list(zip(*rows, strict=True))
    return Judged(
        probabilities=np.array(columns[0]),
        tilts=np.array(columns[1]),
        worded=np.array(columns[2], dtype=np.bool_),
        lengths=np.array(columns[3], dtype=np.float64),
        labels=np.array(columns[4]),
        groups=np.array(columns[5]),
    )


def report(judged: Judged) -> str:
    """The constants, with what they mean for texts of unread domains."""
    lines = []
    signed = judged.worded & (judged.labels != NEUTRAL)
    shares = np.clip(judged.probabilities[signed], 1e-6, 1)
    leaning = np.log(shares[:, POSITIVE] / shares[:, NEGATIVE])
    short = np.exp(-judged.lengths[signed] / SHORT)
    tilts = judged.tilts[signed]
    labels, groups = judged.labels[signed], judged.groups[signed]
    weights = even_weights(groups, labels)
    inputs = np.stack([leaning, leaning * short, tilts, tilts * short], axis=1)
    fitted = logistic(inputs, labels == POSITIVE, weights)
    right = (inputs @ fitted > 0) == (labels == POSITIVE)
    for name, value in zip(("MODEL", "MODEL_SHORT", "WORDS", "WORDS_SHORT"), fitted, strict=True):
        lines.append(f"_{name}: Final = {value:.2f}")
    lines.append(f"# with words: {(weights * right).sum() / weights.sum():.3f} right")

    alone = ~judged.worded
    labels, groups = judged.labels[alone], judged.groups[alone]
    weights = even_weights(groups, labels)
    temperature = best_temperature(judged.probabilities[alone], labels, weights, _TEMPERATURES)
    lines.append(f"_TEMPERATURE: Final = {temperature}")
    flat = tempered(judged.probabilities[alone], temperature)
    for label, name in ((NEGATIVE, "NEGATIVE"), (NEUTRAL, "NEUTRAL"), (POSITIVE, "POSITIVE")):
        certainty = np.where(flat.argmax(axis=1) == label, flat[:, label], 0)
        least = least_threshold(
            certainty, labels != label, weights, most=_MOST_WRONG, candidates=_THRESHOLDS
        )
        found = share_at(certainty, labels == label, weights)(least)
        lines.append(f"_SURE_ALONE[{name}] = {least}  # {found:.2f} of these reach it")
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="heedful.nlp.train.calibrate")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    options = parser.parse_args(arguments)
    sys.stdout.write(report(with_words(unread(training(options.data)))))


if __name__ == "__main__":
    main(sys.argv[1:])
