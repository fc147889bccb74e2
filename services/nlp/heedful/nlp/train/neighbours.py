"""Whether texts that lie beside each other by their embedding speak of the same.

    python -m heedful.nlp.train.neighbours --data ../shared/data

Each text of a dev part takes the topic that most of its nearest texts of the train part have. The
embedding of the shipped file stands beside that of the untouched pretrained encoder, whose own it
is meant to be (needs the extra `train`). Prints a Markdown table with 95 % intervals.
"""

import argparse
import random
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from heedful.nlp import backend
from heedful.nlp.encoder.engine import Engine
from heedful.nlp.encoder.wordpiece import WordPieces
from heedful.nlp.text import normalise
from heedful.nlp.train.data import records
from heedful.nlp.train.pretrained import pretrained
from heedful.nlp.train.scores import wilson

Vectors = NDArray[np.float32]
Embed = Callable[[str], Vectors]

_TOPICS: Final = {"gov_messages": "topic", "sentiment": "category"}
_NEAREST: Final = 5
_KNOWN: Final = 3000
_ASKED: Final = 1000
_PIECES: Final = 254
_SEED: Final = 3


def shipped(engine: Engine) -> Embed:
    """The embedding of a model file."""

    def embed(text: str) -> Vectors:
        return _unit(engine.run_all([_pieces(engine.pieces, text)])[0].embedding)

    return embed


def untouched(folder: Path) -> Embed:
    """The first piece of the pretrained encoder."""
    network, vocabulary = pretrained(folder)
    pieces = WordPieces(vocabulary)
    encoder = network.encoder.eval()

    def embed(text: str) -> Vectors:
        with torch.inference_mode():
            ids = torch.from_numpy(_pieces(pieces, text))[None]
            return _unit(encoder(input_ids=ids).last_hidden_state[0, 0].numpy())

    return embed


def right(embed: Embed, known: Sequence[tuple[str, str]], asked: Sequence[tuple[str, str]]) -> int:
    """How many of `asked` (text, topic) get their topic from the nearest of `known`."""
    vectors = np.stack([embed(text) for text, _ in known])
    found = 0
    for text, topic in asked:
        nearest = np.argsort(-(vectors @ embed(text)))[:_NEAREST].tolist()
        votes = Counter(known[number][1] for number in nearest)
        found += votes.most_common(1)[0][0] == topic
    return found


def _pieces(pieces: WordPieces, text: str) -> NDArray[np.int64]:
    ids = pieces.split(normalise(text)[0]).ids[:_PIECES]
    return np.array(pieces.marked(ids), dtype=np.int64)


def _unit(vector: Vectors) -> Vectors:
    made: Vectors = vector / np.linalg.norm(vector)
    return made


def _part(data: Path, name: str, part: str, most: int) -> list[tuple[str, str]]:
    found = [(one["text"], str(one[_TOPICS[name]])) for one in records(data, name, part)]
    random.Random(_SEED).shuffle(found)  # noqa: S311 no secret
    return found[:most]


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="heedful.nlp.train.neighbours")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", type=Path, help="a model file; default: the shipped one")
    parser.add_argument("--encoder", type=Path, default=Path("../shared/models/bge-small-zh-v1.5"))
    options = parser.parse_args(arguments)
    systems = {
        "shipped": shipped(backend.load("onnx", options.model)),
        "untouched encoder": untouched(options.encoder),
    }
    sys.stdout.write(
        "| topics of | n | embedding | right | 95 % interval |\n|---|---|---|---|---|\n"
    )
    for name in _TOPICS:
        known = _part(options.data, name, "train", _KNOWN)
        asked = _part(options.data, name, "dev", _ASKED)
        for title, embed in systems.items():
            count = right(embed, known, asked)
            low, high = wilson(count, len(asked))
            share = f"{count / len(asked):.3f} | {low:.3f} to {high:.3f}"
            sys.stdout.write(f"| {name} | {len(asked)} | {title} | {share} |\n")


if __name__ == "__main__":
    main(sys.argv[1:])
