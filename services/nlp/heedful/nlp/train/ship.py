"""Write the model file of a training folder.

    python -m heedful.nlp.train.ship --folder build/train --target build/encoder.onnx

The embedding is fitted on the training texts. The temperatures are fitted on the dev parts, one
number a task, on the file as it is shipped.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from heedful.nlp.backend.onnx import OnnxEncoder
from heedful.nlp.encoder.engine import Engine, Temperatures
from heedful.nlp.encoder.hearing import Hearing
from heedful.nlp.encoder.reading import Reading, read
from heedful.nlp.encoder.tasks import SENTIMENTS
from heedful.nlp.encoder.wordpiece import WordPieces
from heedful.nlp.train import checkpoint, corpora, embedding
from heedful.nlp.train.export import export
from heedful.nlp.train.fitting import best_temperature
from heedful.nlp.train.labelled import Labelled
from heedful.nlp.train.own import VOICES, voice
from heedful.nlp.train.pretrained import pretrained
from heedful.nlp.train.voices import voices

VERSION: Final = "encoder-2.1"
_CANDIDATES: Final = tuple(number / 20 for number in range(10, 61))
_SIGNS: Final = (SENTIMENTS.index("negative"), SENTIMENTS.index("positive"))
TARGET: Final = Path(__file__).parents[1] / "data" / "model" / "encoder.onnx"


def temperatures(engine: Engine, data: Path, heard: Path) -> Temperatures:
    """Fitted on the dev parts and on labelled voices, by the likelihood of their labels.

    Sentiment is fitted on the reviews, of which every one praises or blames.
    """
    parts: dict[str, list[Labelled]] = {
        VOICES: [voice(VOICES, VOICES, one.text, one) for one in voices(heard)]
    }

    def fit(
        name: str,
        shares: Callable[[Reading], Sequence[Sequence[float]]],
        labels: Callable[[Labelled], Sequence[int]],
    ) -> float:
        rows: list[Sequence[float]] = []
        wanted: list[int] = []
        for one in parts.get(name) or corpora.read(data, name, "dev"):
            reading = read(engine, one.normal)
            if reading is not None and (told := shares(reading)):
                rows.extend(told)
                wanted.extend(labels(one))
        if not rows:
            return 1.0
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
        intent=fit(
            VOICES,
            lambda reading: [one.intent.tolist() for one in _hearing(reading)],
            lambda one: [one.intent or 0],
        ),
        need=fit(
            VOICES,
            lambda reading: [one.need.tolist() for one in _hearing(reading)],
            lambda one: [one.need or 0],
        ),
        flags=fit(
            VOICES,
            lambda reading: [
                (1 - flag.share, flag.share) for one in _hearing(reading) for flag in one.flags
            ],
            lambda one: one.flags or (),
        ),
    )


def _hearing(reading: Reading) -> tuple[Hearing, ...]:
    """None of a model that was trained without voices."""
    return () if reading.hearing is None else (reading.hearing,)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="heedful.nlp.train.ship")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--voices", type=Path, default=Path("tests/data/voice/dev.jsonl"))
    parser.add_argument("--encoder", type=Path, default=Path("../shared/models/bge-small-zh-v1.5"))
    parser.add_argument("--folder", type=Path, default=Path("build/train"))
    parser.add_argument("--target", type=Path, default=TARGET)
    options = parser.parse_args(arguments)
    network, vocabulary, step = checkpoint.load(options.folder, options.encoder)
    excluded = checkpoint.excluded(options.folder)
    untrained = corpora.untaught(excluded)
    teacher, _ = pretrained(options.encoder)
    pieces = WordPieces(vocabulary)
    texts = embedding.texts(options.data, excluded, pieces)
    plain = export(network, vocabulary, VERSION, Temperatures(), untrained)
    embedding.fit(network, plain, teacher.encoder, texts)
    fitted = temperatures(OnnxEncoder(plain), options.data, options.voices)
    content = export(network, vocabulary, VERSION, fitted, untrained)
    options.target.write_bytes(content)
    sys.stdout.write(
        f"{options.target}: {OnnxEncoder(content).version}, step {step},"
        f" {len(content) / 1e6:.1f} MB, {fitted}\n"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
