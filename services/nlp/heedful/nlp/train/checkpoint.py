"""The network of a training folder, with the averaged weights of its last checkpoint."""

import json
from pathlib import Path

import torch
from transformers import BertConfig

from heedful.nlp.backend.shipped import Shipped
from heedful.nlp.backend.torch import TorchEncoder
from heedful.nlp.backend.torch_network import Network
from heedful.nlp.encoder.engine import Temperatures
from heedful.nlp.encoder.wordpiece import WordPieces
from heedful.nlp.train import corpora


def excluded(folder: Path) -> list[str]:
    """The sets that the training of a folder was told to leave out."""
    found: list[str] = json.loads((folder / "summary.json").read_text("utf-8"))["excluded"]
    return found


def load(folder: Path, encoder: Path) -> tuple[Network, list[str], int]:
    """Network, vocabulary and step.

    Args:
        folder: where training wrote.
        encoder: the pretrained folder it began from, for its shape.

    Raises:
        FileNotFoundError: nothing was trained there yet.
    """
    vocabulary = (folder / "vocabulary.txt").read_text(encoding="utf-8").split("\n")
    state = torch.load(folder / "checkpoint.pt", weights_only=True)
    network = Network(BertConfig.from_pretrained(encoder, vocab_size=len(vocabulary)))
    network.load_state_dict(state["average"])
    return network, vocabulary, int(state["step"])


def engine(folder: Path, encoder: Path) -> TorchEncoder:
    """The network of a training folder as it is, in fp32: what the shipped file is rounded from."""
    network, vocabulary, step = load(folder, encoder)
    described = Shipped(
        version=f"{folder.name}, step {step}",
        pieces=WordPieces(vocabulary),
        temperatures=Temperatures(),
        untrained=frozenset(corpora.untaught(excluded(folder))),
        config=network.encoder.config.to_json_string(),
    )
    return TorchEncoder(network, described)
