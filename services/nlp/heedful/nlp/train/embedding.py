"""The embedding of a text: the pretrained encoder's, read out of the trained one.

The pretrained encoder (BAAI, bge-small-zh-v1.5) puts texts of like meaning beside each other: its
first piece, at length 1, is what its authors compare. Training for labels moves that, the more the
higher the layer, and a second encoder would double the work. A linear map from what every layer of
the trained encoder says (`heedful.nlp.backend.torch_network.features`) gives it back. It is fitted
by ridge regression, in closed form, on what the int8 file says of the training texts, and changes
nothing else.
"""

import random
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import torch

from heedful.nlp.backend import shipped
from heedful.nlp.backend.onnx import session
from heedful.nlp.backend.torch_network import Embedding, Network
from heedful.nlp.encoder.padding import by_length, padded
from heedful.nlp.encoder.windows import LENGTH
from heedful.nlp.encoder.wordpiece import WordPieces
from heedful.nlp.text import normalise
from heedful.nlp.train import corpora
from heedful.nlp.train.data import records
from heedful.nlp.train.own import ORDINARY_TEXTS, PASSAGES

WEIGHTS: Final = "embedding."
"""Begins the names of what is fitted."""

RIDGE: Final = 1e-5
"""The one of 1e-5 to 1e-3 by which the reviews kept apart lie best beside those of their kind."""

_TEXTS: Final = 32_000
_TOGETHER: Final = 2_000
_PADDED: Final = 1_536
_SEED: Final = 7
_APART: Final = 4_000
_APART_SEED: Final = 5
_TINY: Final = 1e-6
_PAD: Final = 0
"""Any piece: it is masked."""


@dataclass(frozen=True, slots=True)
class About:
    """A text in its normal form, and what it is about."""

    normal: str
    topic: str


def kept_apart(data: Path) -> list[About]:
    """Reviews of the train part with their category; the embedding is chosen by them, and so not
    fitted on them."""
    reviews = {
        normal: str(one["category"])
        for one in records(data, "sentiment", "train")
        if (normal := normalise(one["text"])[0]).strip()
    }
    found = [About(*one) for one in reviews.items()]
    random.Random(_APART_SEED).shuffle(found)  # noqa: S311 no secret
    return found[:_APART]


def texts(data: Path, excluded: Collection[str], pieces: WordPieces) -> list[list[int]]:
    """Pieces of what the embedding is fitted on: a sample of the training texts, the first window
    of each.

    Texts that only repeat others (passages, public texts with labels of ours) are left out.
    """
    examples, _ = corpora.training(data, [*excluded, ORDINARY_TEXTS, PASSAGES])
    normals = sorted({one.normal for one in examples} - {one.normal for one in kept_apart(data)})
    random.Random(_SEED).shuffle(normals)  # noqa: S311 no secret
    return [pieces.marked(pieces.split(one).ids[:LENGTH]) for one in normals[:_TEXTS]]


def fit(network: Network, content: bytes, teacher: Any, texts: Sequence[Sequence[int]]) -> None:
    """Fit the embedding of a network in place.

    Args:
        network: the trained network.
        content: its model file, whatever embedding it has.
        teacher: the pretrained encoder, on the same vocabulary.
        texts: pieces of each text with their marks.
    """
    solve(network.embedding, pairs(content, teacher, texts))


def pairs(
    content: bytes, teacher: Any, texts: Sequence[Sequence[int]]
) -> Iterator[tuple[Any, Any]]:
    """Features [texts, features] of a model file, and what is wanted of them [texts, width]."""
    features = _Features(content)
    for start in range(0, len(texts), _TOGETHER):
        part = texts[start : start + _TOGETHER]
        yield torch.stack([features.of(one) for one in part]), wanted(teacher, part)


def wanted(teacher: Any, texts: Sequence[Sequence[int]]) -> Any:
    """The embeddings of the pretrained encoder, [texts, width], of length 1.

    Args:
        teacher: the pretrained encoder.
        texts: pieces of each text with their marks.
    """
    teacher.eval()
    found: dict[int, Any] = {}
    for numbers in by_length([len(one) for one in texts], _PADDED):
        filled = padded([texts[number] for number in numbers], _PAD)
        ids, mask = (torch.from_numpy(one) for one in filled)
        with torch.inference_mode():
            first = teacher(input_ids=ids, attention_mask=mask).last_hidden_state[:, 0]
        found.update(zip(numbers, torch.nn.functional.normalize(first, dim=-1), strict=True))
    return torch.stack([found[number] for number in range(len(texts))])


def solve(embedding: Embedding, pairs: Iterable[tuple[Any, Any]], ridge: float = RIDGE) -> None:
    """Fit the map of an embedding in place, by ridge regression.

    Args:
        embedding: what is fitted.
        pairs: features [texts, features], and what is wanted [texts, width].
        ridge: what is added to the variance of every feature.
    """
    width, count = embedding.middle.shape[0], 0
    square = torch.zeros(width, width, dtype=torch.float64)
    product = torch.zeros(width, embedding.map.out_features, dtype=torch.float64)
    middle = torch.zeros(width, dtype=torch.float64)
    target = torch.zeros(embedding.map.out_features, dtype=torch.float64)
    for features, embeddings in pairs:
        inputs, outputs = features.double(), embeddings.double()
        square += inputs.T @ inputs
        product += inputs.T @ outputs
        middle += inputs.sum(dim=0)
        target += outputs.sum(dim=0)
        count += len(inputs)
    # Centred, so that the ridge does not pull at the bias.
    square = square / count - torch.outer(middle, middle) / count**2
    product = product / count - torch.outer(middle, target) / count**2
    solved = torch.linalg.solve(square + ridge * torch.eye(width, dtype=torch.float64), product)
    spread = square.diagonal().clamp(min=_TINY).sqrt()
    with torch.no_grad():
        embedding.middle.copy_(middle / count)
        embedding.scale.copy_(1 / spread)
        embedding.map.weight.copy_((solved * spread[:, None]).T)
        embedding.map.bias.copy_(target / count)


class _Features:
    """What the embedding of a model file is read from."""

    def __init__(self, content: bytes) -> None:
        model = onnx.load_model_from_string(content)
        middle = f"{shipped.WEIGHTS}{WEIGHTS}middle"
        name = next(node.input[0] for node in model.graph.node if middle in node.input)
        del model.graph.output[:]
        kind = onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None)
        model.graph.output.append(kind)
        self._session = session(model.SerializeToString())

    def of(self, ids: Sequence[int]) -> Any:
        """[features], of one text."""
        numbers = np.array(ids, dtype=np.int64)
        inputs = (numbers, np.zeros_like(numbers))
        found = self._session.run(None, dict(zip(shipped.INPUTS, inputs, strict=True)))
        return torch.from_numpy(found[0]).flatten()
