"""What a batch should have said, and how far the network was from it.

Every text counts the same within a batch; a text adds the losses of the tasks that it is labelled
for, each with its weight.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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


def losses(outputs: Outputs, batch: Sequence[Sample], heed: float = 0.0) -> dict[str, Any]:
    """The weighted loss of each task that occurs, summed over texts and divided by all texts.

    Args:
        heed: how much a teacher counts where there is one, the labels count the rest.
    """
    answers = outputs.answers.float()
    heads = logits_by_task(outputs)
    heeded = Heeded(batch, heed)
    found = {
        "sentiment": _classes(heads["sentiment"], heeded, "sentiment"),
        "emotion": _classes(heads["emotion"], heeded, "emotion"),
        "car": _stances(heads["car"], heeded, "car"),
        "restaurant": _stances(heads["restaurant"], heeded, "restaurant"),
        "tags": _add(
            _tagged(heads["aspects"], heeded, "aspects"),
            _tagged(heads["opinions"], heeded, "opinions"),
        ),
        "names": _tagged(heads["names"], heeded, "names"),
        "pairs": _pairs(outputs.pairs.float(), heeded),
        "satisfaction": _shares(answers[:, tasks.SATISFACTION_QUERY, 0], batch, "satisfaction"),
        "intent": _classes(answers[:, tasks.INTENT_QUERY, : len(tasks.INTENTS)], heeded, "intent"),
        "need": _classes(answers[:, tasks.NEED_QUERY, : len(tasks.NEEDS)], heeded, "need"),
        "flags": _shares(answers[:, tasks.FLAG_QUERIES, 0], batch, "flags"),
        "red": _shares(answers[:, tasks.RED_QUERY, :1], batch, "red"),
    }
    return {
        name: WEIGHTS[name] * value / len(batch)
        for name, value in found.items()
        if value is not None
    }


def logits_by_task(outputs: Outputs) -> dict[str, Any]:
    """Of tasks whose answer is a softmax, [batch, ..., classes] in fp32: of a text, of each aspect,
    or of each piece."""
    answers, tags = outputs.answers.float(), outputs.tags.float()
    return {
        "sentiment": answers[:, tasks.SENTIMENT_QUERY, : len(tasks.SENTIMENTS)],
        "emotion": answers[:, tasks.EMOTION_QUERY, : len(tasks.EMOTIONS)],
        "car": answers[:, tasks.CAR_QUERIES, : len(tasks.Stance)],
        "restaurant": answers[:, tasks.RESTAURANT_QUERIES, : len(tasks.Stance)],
        "aspects": tags[..., tasks.ASPECT_TAGS],
        "opinions": tags[..., tasks.OPINION_TAGS],
        "names": tags[..., tasks.NAME_TAGS],
    }


def pair_logits(opinions: Any, aspects: Any) -> Any:
    """Whether each opinion belongs to the aspect in its place, [pairs].

    Args:
        opinions, aspects: their vectors, [pairs, width].
    """
    return (opinions * aspects).sum(-1) / tasks.PAIR_WIDTH**0.5


@dataclass(frozen=True, slots=True)
class Heeded:
    """A batch, and how much its teachers count."""

    batch: Sequence[Sample]
    heed: float

    def rows(self, task: str) -> list[int]:
        return _rows(self.batch, task)

    def likely(self, task: str, rows: Sequence[int], wanted: Any) -> Any:
        """What is wanted of rows, [rows, ..., classes], with what their teachers think of it."""
        for place, row in enumerate(rows):
            taught = self.batch[row].taught.get(task)
            if taught is not None and self.heed:
                here = wanted[place] if wanted.dim() < 3 else wanted[place, : len(taught)]
                here.lerp_(torch.from_numpy(taught).to(wanted.dtype), self.heed)
        return wanted


def _rows(batch: Sequence[Sample], task: str) -> list[int]:
    return [row for row, sample in enumerate(batch) if task in sample.targets]


def _classes(logits: Any, heeded: Heeded, task: str) -> Any:
    rows = heeded.rows(task)
    if not rows:
        return None
    labels = torch.tensor([heeded.batch[row].targets[task] for row in rows])
    classes = logits.shape[-1]
    wanted = functional.one_hot(labels, classes) * (1 - _SMOOTHING) + _SMOOTHING / classes
    return _cross_entropy(logits[rows], heeded.likely(task, rows, wanted))


def _stances(logits: Any, heeded: Heeded, task: str) -> Any:
    rows = heeded.rows(task)
    if not rows:
        return None
    labels = torch.tensor([heeded.batch[row].targets[task] for row in rows])
    wanted = functional.one_hot(labels, len(tasks.Stance)).float()
    return _cross_entropy(logits[rows], heeded.likely(task, rows, wanted))


def _tagged(logits: Any, heeded: Heeded, task: str) -> Any:
    rows = heeded.rows(task)
    if not rows:
        return None
    labels = np.full((len(rows), logits.shape[1]), IGNORED, dtype=np.int64)
    for place, row in enumerate(rows):
        labels[place, : len(heeded.batch[row])] = heeded.batch[row].targets[task]
    known = torch.from_numpy(labels != IGNORED)
    wanted = functional.one_hot(torch.from_numpy(labels).clamp(min=0), logits.shape[-1]).float()
    wanted = heeded.likely(task, rows, wanted)
    return _cross_entropy(logits[rows], wanted * known[..., None])


def _cross_entropy(logits: Any, wanted: Any) -> Any:
    """Of probabilities; what is wanted with none counts for nothing."""
    return -(wanted * functional.log_softmax(logits, dim=-1)).sum()


def _pairs(vectors: Any, heeded: Heeded) -> Any:
    batch = heeded.batch
    rows = [row for row in heeded.rows("pairs") if len(batch[row].targets["pairs"])]
    if not rows:
        return None
    found = np.concatenate([batch[row].targets["pairs"] for row in rows])
    owner = torch.from_numpy(np.repeat(rows, [len(batch[row].targets["pairs"]) for row in rows]))
    opinion, aspect = torch.from_numpy(found[:, 0]), torch.from_numpy(found[:, 1])
    scores = pair_logits(vectors[owner, opinion, 1], vectors[owner, aspect, 0])
    wanted = torch.from_numpy(found[:, 2]).float()
    start = 0
    for row in rows:
        end = start + len(batch[row].targets["pairs"])
        taught = batch[row].taught.get("pairs")
        if taught is not None:
            wanted[start:end].lerp_(torch.from_numpy(taught), heeded.heed)
        start = end
    return functional.binary_cross_entropy_with_logits(scores, wanted, reduction="sum")


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
