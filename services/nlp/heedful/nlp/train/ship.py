"""Write the model file of a training folder.

    python -m heedful.nlp.train.ship --folder build/train --target build/encoder.onnx

The temperatures are fitted on the dev parts, one number a task, on the file as it is shipped.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from heedful.nlp.backend.onnx import OnnxEncoder
from heedful.nlp.encoder.reading import Engine, Reading, Temperatures, read
from heedful.nlp.encoder.tasks import SENTIMENTS
from heedful.nlp.train import checkpoint, corpora
from heedful.nlp.train.corpora import Labelled
from heedful.nlp.train.export import export
from heedful.nlp.train.fitting import best_temperature

VERSION: Final = "encoder-1"
_CANDIDATES: Final = tuple(number / 20 for number in range(10, 61))
_SIGNS: Final = (SENTIMENTS.index("negative"), SENTIMENTS.index("positive"))
_TARGET: Final = Path(__file__).parents[1] / "data" / "model" / "encoder.onnx"


def temperatures(engine: Engine, data: Path) -> Temperatures:
    """Fitted on the dev parts, by the likelihood of their labels.

    Sentiment is fitted on the reviews, of which every one praises or blames.
    """

    def fit(
        name: str,
        shares: Callable[[Reading], Sequence[Sequence[float]]],
        labels: Callable[[Labelled], Sequence[int]],
    ) -> float:
        rows: list[Sequence[float]] = []
        wanted: list[int] = []
        for one in corpora.read(data, name, "dev"):
            reading = read(engine, one.normal)
            if reading is not None:
                rows.extend(shares(reading))
                wanted.extend(labels(one))
        even = np.ones(len(wanted))
        return best_temperature(np.array(rows), np.array(wanted), even, _CANDIDATES)

    return Temperatures(
        sentiment=fit(
            "sentiment",
            lambda reading: [reading.sentiment[list(_SIGNS)].tolist()],
            lambda one: [_SIGNS.index(one.sentiment or 0)],
        ),
        emotion=fit(
            "emotion", lambda reading: [reading.emotion.tolist()], lambda one: [one.emotion or 0]
        ),
        car=fit("car_aspects", lambda reading: reading.car.tolist(), lambda one: one.car or ()),
        restaurant=fit(
            "restaurant_aspects",
            lambda reading: reading.restaurant.tolist(),
            lambda one: one.restaurant or (),
        ),
    )


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="heedful.nlp.train.ship")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--encoder", type=Path, default=Path("../shared/models/bge-small-zh-v1.5"))
    parser.add_argument("--folder", type=Path, default=Path("build/train"))
    parser.add_argument("--target", type=Path, default=_TARGET)
    options = parser.parse_args(arguments)
    network, vocabulary, step = checkpoint.load(options.folder, options.encoder)
    untrained = corpora.untaught(checkpoint.excluded(options.folder))
    plain = export(network, vocabulary, VERSION, Temperatures(), untrained)
    fitted = temperatures(OnnxEncoder(plain), options.data)
    content = export(network, vocabulary, VERSION, fitted, untrained)
    options.target.write_bytes(content)
    sys.stdout.write(
        f"{options.target}: {OnnxEncoder(content).version}, step {step},"
        f" {len(content) / 1e6:.1f} MB, {fitted}\n"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
