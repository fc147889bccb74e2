"""Measure the shipped encoder on the dev parts, beside the commonest answer and words with rules.

    python -m heedful.nlp.train.evaluate --data ../shared/data

Prints a Markdown table: every task and source with its 95 % interval and calibration error. With
`--model FILE` another model file is measured.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from heedful.nlp.backend.onnx import OnnxEncoder
from heedful.nlp.encoder.reading import Engine
from heedful.nlp.train.answers import Encoder, System
from heedful.nlp.train.baselines import Majority, Words
from heedful.nlp.train.corpora import SETS, read, training
from heedful.nlp.train.measures import Row, measure, table


def rows(engine: Engine, data: Path, sets: Sequence[str] = SETS) -> list[Row]:
    """All rows of the table."""
    systems: list[System] = [Encoder(engine, "encoder"), Words(), Majority(training(data)[0])]
    found: list[Row] = []
    for name in sets:
        examples = read(data, name, "dev")
        for system in systems:
            found += measure(system, examples)
    return found


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="heedful.nlp.train.evaluate")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", type=Path, help="a model file; default: the shipped one")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS)
    options = parser.parse_args(arguments)
    engine = OnnxEncoder(options.model.read_bytes()) if options.model else OnnxEncoder.load()
    sys.stdout.write(f"Model {engine.version}\n\n{table(rows(engine, options.data, options.sets))}")


if __name__ == "__main__":
    main(sys.argv[1:])
