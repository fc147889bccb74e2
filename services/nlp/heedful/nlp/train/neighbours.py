"""Whether texts that lie beside each other by their embedding speak of the same.

    python -m heedful.nlp.train.neighbours --data ../shared/data

Each text of a dev part takes the topic that most of its nearest texts of the train part have. The
messages to a government of the train part, which the embedding was not fitted on and of which dev
has few, take theirs from each other; with `--apart` so do the reviews that it is chosen by. The
embedding of the shipped file, as it is served, stands beside that of the untouched pretrained
encoder, whose own it is meant to be (needs the extra `train`). Prints a Markdown table with 95 %
intervals, of the difference by a paired bootstrap.
"""

import argparse
import random
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from heedful.nlp import backend
from heedful.nlp.encoder.engine import Engine
from heedful.nlp.encoder.reading import read_all
from heedful.nlp.encoder.wordpiece import WordPieces
from heedful.nlp.text import normalise
from heedful.nlp.train import embedding
from heedful.nlp.train.data import records
from heedful.nlp.train.embedding import About
from heedful.nlp.train.pretrained import pretrained
from heedful.nlp.train.scores import bootstrap, wilson

Vectors = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]
Right = NDArray[np.float64]

_TOPICS: Final = {"gov_messages": "topic", "sentiment": "category"}
_NEAREST: Final = 5
_KNOWN: Final = 3000
_ASKED: Final = 1000
_PIECES: Final = 254
_SEED: Final = 3


def shipped(engine: Engine) -> Embed:
    """The embedding of a model file, as it is served: a long text in windows."""

    def embed(normals: Sequence[str]) -> Vectors:
        return np.stack([one.embedding for one in read_all(engine, normals) if one is not None])

    return embed


def untouched(folder: Path) -> Embed:
    """The embedding of the pretrained encoder."""
    network, vocabulary = pretrained(folder)
    pieces = WordPieces(vocabulary)

    def embed(normals: Sequence[str]) -> Vectors:
        ids = [pieces.marked(pieces.split(normal).ids[:_PIECES]) for normal in normals]
        made: Vectors = embedding.wanted(network.encoder, ids).numpy()
        return made

    return embed


def by_the_known(embed: Embed, known: Sequence[About], asked: Sequence[About]) -> Right:
    """1 for each of `asked` that gets its topic from its nearest among `known`."""
    cosines = embed([one.normal for one in asked]) @ embed([one.normal for one in known]).T
    return _right(cosines, [one.topic for one in known], [one.topic for one in asked])


def by_each_other(embed: Embed, texts: Sequence[About]) -> Right:
    """1 for each text that gets its topic from its nearest among the others."""
    vectors = embed([one.normal for one in texts])
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -1)
    topics = [one.topic for one in texts]
    return _right(cosines, topics, topics)


def _right(cosines: Vectors, known: Sequence[str], asked: Sequence[str]) -> Right:
    nearest = np.argsort(-cosines, axis=1)[:, :_NEAREST].tolist()
    votes = [Counter(known[number] for number in row).most_common(1)[0][0] for row in nearest]
    return np.array([vote == topic for vote, topic in zip(votes, asked, strict=True)], np.float64)


def _part(data: Path, name: str, part: str, most: int) -> list[About]:
    texts = [(normalise(one["text"])[0], one) for one in records(data, name, part)]
    found = [About(normal, str(one[_TOPICS[name]])) for normal, one in texts if normal.strip()]
    random.Random(_SEED).shuffle(found)  # noqa: S311 no secret
    return found[:most]


def _row(topics: str, system: str, right: Right, than: str) -> str:
    low, high = wilson(int(right.sum()), len(right))
    share = f"{right.mean():.3f} | {low:.3f} to {high:.3f}"
    return f"| {topics} | {len(right)} | {system} | {share} | {than} |\n"


def _rows(topics: str, ask: Callable[[Embed], Right], ours: Embed, pretrained: Embed) -> str:
    own, other = ask(ours), ask(pretrained)
    gap = own - other
    score = bootstrap(len(gap), lambda counts: float(counts @ gap / counts.sum()))
    than = f"{score.value:+.3f} ({score.low:+.3f} to {score.high:+.3f})"
    return _row(topics, "shipped", own, than) + _row(topics, "untouched encoder", other, "")


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="heedful.nlp.train.neighbours")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", type=Path, help="a model file; default: the shipped one")
    parser.add_argument("--encoder", type=Path, default=Path("../shared/models/bge-small-zh-v1.5"))
    parser.add_argument("--apart", action="store_true", help="the reviews kept apart as well")
    options = parser.parse_args(arguments)
    systems = shipped(backend.load("onnx", options.model)), untouched(options.encoder)
    sys.stdout.write(
        "| topics of | n | embedding | right | 95 % interval | than the untouched |\n"
        "|---|---|---|---|---|---|\n"
    )
    for name in _TOPICS:
        known = _part(options.data, name, "train", _KNOWN)
        asked = _part(options.data, name, "dev", _ASKED)
        rows = _rows(f"{name}, dev", partial(by_the_known, known=known, asked=asked), *systems)
        sys.stdout.write(rows)
    among = {"gov_messages, train": _part(options.data, "gov_messages", "train", _KNOWN)}
    if options.apart:
        among["sentiment, kept apart"] = embedding.kept_apart(options.data)
    for title, texts in among.items():
        sys.stdout.write(_rows(title, partial(by_each_other, texts=texts), *systems))


if __name__ == "__main__":
    main(sys.argv[1:])
