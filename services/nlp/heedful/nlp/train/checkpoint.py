"""The network of a training folder, with the averaged weights of its last checkpoint."""

import json
from pathlib import Path

import torch
from transformers import BertConfig

from heedful.nlp.backend.torch_network import Network


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
