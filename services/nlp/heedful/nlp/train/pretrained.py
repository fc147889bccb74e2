"""The encoder that training starts from."""

import json
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformers import BertConfig

from heedful.nlp.backend.torch_network import Network
from heedful.nlp.encoder.wordpiece import reachable


def pretrained(folder: Path) -> tuple[Network, list[str]]:
    """A network on a pretrained BERT folder, and its vocabulary without what cannot occur.

    Raises:
        FileNotFoundError: a file of the folder is missing.
    """
    spelled = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    full = sorted(spelled, key=spelled.__getitem__)
    vocabulary = reachable(full)
    state = {name: value.float() for name, value in load_file(folder / "model.safetensors").items()}
    rows = torch.tensor([spelled[piece] for piece in vocabulary])
    words = "embeddings.word_embeddings.weight"
    prefix = next(name for name in state if name.endswith(words))[: -len(words)]
    state = {name.removeprefix(prefix): value for name, value in state.items()}
    state[words] = state[words][rows]
    config = BertConfig.from_pretrained(folder, vocab_size=len(vocabulary))
    network = Network(config)
    missing, _ = network.encoder.load_state_dict(state, strict=False)
    if absent := [name for name in missing if "position_ids" not in name]:
        raise ValueError(f"{folder}: no weights for {', '.join(absent)}")
    return network, vocabulary
