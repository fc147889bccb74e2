"""Fit the embedding of a model file anew, and leave everything else in it as it is.

    python -m heedful.nlp.train.refit --data ../shared/data

Reads the shipped file (`--model` another) and writes it again (`--target` elsewhere). Training
takes hours and this takes minutes: the encoder and the other heads keep their weights to the last
bit, so what they say of a text stays the same. Needs the extra `train`.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import onnx

from heedful.nlp.backend import shipped
from heedful.nlp.backend.onnx import OnnxEncoder
from heedful.nlp.backend.torch import read_network
from heedful.nlp.backend.torch_network import Network
from heedful.nlp.train import embedding
from heedful.nlp.train.corpora import SETS
from heedful.nlp.train.export import export
from heedful.nlp.train.own import OWN
from heedful.nlp.train.pretrained import pretrained
from heedful.nlp.train.ship import TARGET, VERSION


def refitted(content: bytes, network: Network, version: str) -> bytes:
    """A model file with the embedding of a network, and all else as another file has it.

    Args:
        content: the other file; the network was read from it, but for its embedding.
        network: gives the embedding.
        version: of the new file.
    """
    _, described = read_network(content, anew=embedding.WEIGHTS)
    made = onnx.load_model_from_string(
        export(
            network,
            described.pieces.vocabulary,
            version,
            described.temperatures,
            described.untrained,
        )
    )
    _take(onnx.load_model_from_string(content), made)
    found: bytes = made.SerializeToString()
    return found


def _take(old: Any, made: Any) -> None:
    """Give a model the weights of another: rounding twice would not end at the same numbers."""
    kept = {one.name: one for one in old.graph.initializer if one.name.startswith(shipped.WEIGHTS)}
    for one in made.graph.initializer:
        if one.name in kept and not one.name.startswith(shipped.WEIGHTS + embedding.WEIGHTS):
            one.CopyFrom(kept[one.name])


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="heedful.nlp.train.refit")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--encoder", type=Path, default=Path("../shared/models/bge-small-zh-v1.5"))
    parser.add_argument("--exclude", action="append", choices=(*SETS, *OWN), default=[])
    parser.add_argument("--model", type=Path, default=TARGET)
    parser.add_argument("--target", type=Path, default=TARGET)
    options = parser.parse_args(arguments)
    content = options.model.read_bytes()
    network, described = read_network(content, anew=embedding.WEIGHTS)
    teacher, _ = pretrained(options.encoder)
    texts = embedding.texts(options.data, options.exclude, described.pieces)
    embedding.fit(network, refitted(content, network, VERSION), teacher.encoder, texts)
    made = refitted(content, network, VERSION)
    options.target.write_bytes(made)
    sys.stdout.write(
        f"{options.target}: {OnnxEncoder(made).version} of {described.version},"
        f" {len(made) / 1e6:.1f} MB\n"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
