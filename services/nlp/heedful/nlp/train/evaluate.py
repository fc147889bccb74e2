"""Measure the shipped encoder on the dev parts, beside the commonest answer and words with rules.

    python -m heedful.nlp.train.evaluate --data ../shared/data

Prints a Markdown table: every task and source with its 95 % interval and calibration error. With
`--model FILE` another model file is measured; `--beside FOLDER` adds the network of a training
folder in fp32 (needs the extra `train`) where it was taught: a baseline made by `make baseline`, or
what the shipped file is rounded from; a second table pairs the two on the same texts.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from heedful.nlp.backend.onnx import OnnxEncoder
from heedful.nlp.encoder.engine import Engine
from heedful.nlp.encoder.tasks import HEADS
from heedful.nlp.train.answers import Encoder, System
from heedful.nlp.train.baselines import Majority, Words
from heedful.nlp.train.corpora import SETS, TEACHERS, read, training
from heedful.nlp.train.measures import Row, measure, paired, table

_OURS = "encoder"


def rows(
    engine: Engine, data: Path, sets: Sequence[str] = SETS, beside: Sequence[Engine] = ()
) -> list[Row]:
    """All rows of the table."""
    systems: list[System] = [Encoder(engine, _OURS), Words(), Majority(training(data)[0])]
    found: list[Row] = []
    for name in sets:
        examples = read(data, name, "dev")
        taught = [one for one in beside if any(name in TEACHERS[head] for head in _heads(one))]
        for system in [*systems, *(Encoder(one, _theirs(one)) for one in taught)]:
            found += measure(system, examples)
    return found


def _theirs(engine: Engine) -> str:
    return f"fp32, {engine.version}"


def _heads(engine: Engine) -> set[str]:
    return set(HEADS) - engine.untrained


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="heedful.nlp.train.evaluate")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", type=Path, help="a model file; default: the shipped one")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS)
    parser.add_argument("--beside", type=Path, nargs="+", default=[], help="training folders")
    parser.add_argument("--encoder", type=Path, default=Path("../shared/models/bge-small-zh-v1.5"))
    options = parser.parse_args(arguments)
    engine = OnnxEncoder(options.model.read_bytes()) if options.model else OnnxEncoder.load()
    beside: list[Engine] = []
    if options.beside:
        from heedful.nlp.train import checkpoint  # torch, which the rest of this does without

        beside = [checkpoint.engine(folder, options.encoder) for folder in options.beside]
    found = rows(engine, options.data, options.sets, beside)
    sys.stdout.write(f"Model {engine.version}\n\n{table(found)}")
    for one in beside:
        sys.stdout.write(f"\n{_OURS} beside {_theirs(one)}\n\n")
        sys.stdout.write(paired(found, _OURS, _theirs(one)))


if __name__ == "__main__":
    main(sys.argv[1:])
