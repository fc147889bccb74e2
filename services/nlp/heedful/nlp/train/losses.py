"""What a batch should have said, and how far the network was from it.

Every text counts the same within a batch; a text adds the losses of the tasks that it is labelled
for, each with its weight.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import torch
from torch.nn import functional

from heedful.nlp.backend.torch_network import Outputs
from heedful.nlp.encoder import tasks
from heedful.nlp.encoder.padding import padded
from heedful.nlp.train.samples import IGNORED, Sample

WEIGHTS: Final[Mapping[str, float]] = {
    "sentiment": 1.0,
    "emotion": 1.0,
    "car": 1.0,
    "restaurant": 0.5,
    "tags": 0.2,
    "pairs": 0.5,
    "names": 0.15,
    "satisfaction": 1.0,
    "intent": 1.0,
    "need": 0.5,
    "flags": 0.4,
    "red": 0.8,
}
"""Of one text; tags and names count for each piece, flags each by itself; red is the flag
that everything hangs on."""

_SMOOTHING: Final = 0.05


def tensors(batch: Sequence[Sample], pad: int) -> tuple[Any, Any, Any]:
    """Pieces, speakers and mask of a batch, padded to its longest, int64 [batch, pieces]."""
    ids, mask = padded([sample.ids for sample in batch], pad)
    segments, _ = padded([sample.segments for sample in batch], 0)
    return torch.from_numpy(ids), torch.from_numpy(segments), torch.from_numpy(mask)


def losses(outputs: Outputs, batch: Sequence[Sample]) -> dict[str, Any]:
    """The weighted loss of each task that occurs, summed over texts and divided by all texts."""
    answers = outputs.answers.float()
    tags = outputs.tags.float()
    found = {
        "sentiment": _classes(
            answers[:, tasks.SENTIMENT_QUERY, : len(tasks.SENTIMENTS)], batch, "sentiment"
        ),
        "emotion": _classes(
            answers[:, tasks.EMOTION_QUERY, : len(tasks.EMOTIONS)], batch, "emotion"
        ),
        "car": _stances(answers[:, tasks.CAR_QUERIES], batch, "car"),
        "restaurant": _stances(answers[:, tasks.RESTAURANT_QUERIES], batch, "restaurant"),
        "tags": _add(
            _tagged(tags[..., tasks.ASPECT_TAGS], batch, "aspects"),
            _tagged(tags[..., tasks.OPINION_TAGS], batch, "opinions"),
        ),
        "names": _tagged(tags[..., tasks.NAME_TAGS], batch, "names"),
        "pairs": _pairs(outputs.pairs.float(), batch),
        "satisfaction": _shares(answers[:, tasks.SATISFACTION_QUERY, 0], batch, "satisfaction"),
        "intent": _classes(answers[:, tasks.INTENT_QUERY, : len(tasks.INTENTS)], batch, "intent"),
        "need": _classes(answers[:, tasks.NEED_QUERY, : len(tasks.NEEDS)], batch, "need"),
        "flags": _shares(answers[:, tasks.FLAG_QUERIES, 0], batch, "flags"),
        "red": _shares(answers[:, tasks.RED_QUERY, :1], batch, "red"),
    }
    return {
        name: WEIGHTS[name] * value / len(batch)
        for name, value in found.items()
        if value is not None
    }


def _rows(batch: Sequence[Sample], task: str) -> list[int]:
    return [row for row, sample in enumerate(batch) if task in sample.targets]


def _classes(logits: Any, batch: Sequence[Sample], task: str) -> Any:
    rows = _rows(batch, task)
    if not rows:
        return None
    wanted = torch.tensor([batch[row].targets[task] for row in rows])
    return functional.cross_entropy(
        logits[rows], wanted, reduction="sum", label_smoothing=_SMOOTHING
    )


def _stances(logits: Any, batch: Sequence[Sample], task: str) -> Any:
    rows = _rows(batch, task)
    if not rows:
        return None
    wanted = torch.tensor([batch[row].targets[task] for row in rows])
    chosen = logits[rows][..., : len(tasks.Stance)]
    return functional.cross_entropy(chosen.flatten(0, 1), wanted.flatten(), reduction="sum")


def _tagged(logits: Any, batch: Sequence[Sample], task: str) -> Any:
    rows = _rows(batch, task)
    if not rows:
        return None
    wanted = np.full((len(rows), logits.shape[1]), IGNORED, dtype=np.int64)
    for place, row in enumerate(rows):
        wanted[place, : len(batch[row])] = batch[row].targets[task]
    return functional.cross_entropy(
        logits[rows].flatten(0, 1),
        torch.from_numpy(wanted).flatten(),
        ignore_index=IGNORED,
        reduction="sum",
    )


def _pairs(vectors: Any, batch: Sequence[Sample]) -> Any:
    rows = [row for row in _rows(batch, "pairs") if len(batch[row].targets["pairs"])]
    if not rows:
        return None
    found = np.concatenate([batch[row].targets["pairs"] for row in rows])
    owner = torch.from_numpy(np.repeat(rows, [len(batch[row].targets["pairs"]) for row in rows]))
    opinion, aspect = torch.from_numpy(found[:, 0]), torch.from_numpy(found[:, 1])
    scores = (vectors[owner, opinion, 1] * vectors[owner, aspect, 0]).sum(-1)
    wanted = torch.from_numpy(found[:, 2]).float()
    return functional.binary_cross_entropy_with_logits(
        scores / tasks.PAIR_WIDTH**0.5, wanted, reduction="sum"
    )


def _shares(logits: Any, batch: Sequence[Sample], task: str) -> Any:
    rows = _rows(batch, task)
    if not rows:
        return None
    wanted = torch.tensor([batch[row].targets[task] for row in rows], dtype=logits.dtype)
    return functional.binary_cross_entropy_with_logits(
        logits[rows], wanted.clamp(min=0), weight=(wanted >= 0).to(logits.dtype), reduction="sum"
    )


def _add(one: Any, other: Any) -> Any:
    return other if one is None else one if other is None else one + other
