"""How the shared encoder heeds encoders of one set: at first them, in the end the labels.

What a teacher thinks likely beside the label says what is near it (Hinton, Vinyals and Dean 2015).
Encoders of one task as teachers of a shared one, heeded less from step to step: Clark et al.,
"BAM! Born-Again Multi-Task Networks", ACL 2019.

    python -m heedful.nlp.train.heeding --set emotion --teacher build/baseline/emotion

writes what the encoder thinks of each training text of its set, once; training reads it. With more
than one teacher it is their mean.
"""

import argparse
import hashlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from heedful.nlp.backend.torch_network import Network, Outputs
from heedful.nlp.encoder.padding import by_length
from heedful.nlp.encoder.wordpiece import WordPieces
from heedful.nlp.train import checkpoint
from heedful.nlp.train.corpora import SETS, training
from heedful.nlp.train.losses import logits_by_task, pair_logits, tensors
from heedful.nlp.train.own import OWN
from heedful.nlp.train.recipe import LIMITS
from heedful.nlp.train.samples import Sample, encode

TASKS: Final = (
    "sentiment",
    "emotion",
    "car",
    "restaurant",
    "aspects",
    "opinions",
    "names",
    "pairs",
)
"""What can be taught so; the rest is labelled by shares or by rules."""
_OF_TEXTS: Final = frozenset({"sentiment", "emotion"})
_OF_PIECES: Final = frozenset({"aspects", "opinions", "names"})
_BUDGET: Final = 4096
_DIGEST: Final = "digest"


def thoughts(network: Network, samples: Sequence[Sample], pad: int) -> list[dict[str, Any]]:
    """By sample and task, what the network thinks likely of it.

    Probabilities, float32: of each class [classes], of each stance of each aspect
    [aspects, stances], of each tag of each piece [pieces, tags], of each pair [pairs].
    """
    network.eval()
    found: list[dict[str, Any]] = [{} for _ in samples]
    for batch in by_length([len(one) for one in samples], _BUDGET):
        part = [samples[number] for number in batch]
        with torch.inference_mode():
            outputs = Outputs(*network(*tensors(part, pad)))
        heads, pairs = logits_by_task(outputs), outputs.pairs.float()
        for row, number in enumerate(batch):
            found[number] = dict(_likely(heads, pairs[row], row, samples[number]))
    return found


def _likely(
    heads: Mapping[str, Any], vectors: Any, row: int, sample: Sample
) -> Iterator[tuple[str, Any]]:
    for task, logits in heads.items():
        if task in sample.targets:
            own = logits[row, : len(sample)] if task in _OF_PIECES else logits[row]
            yield task, torch.softmax(own, -1).numpy()
    if "pairs" in sample.targets:
        opinion, aspect = sample.targets["pairs"][:, 0], sample.targets["pairs"][:, 1]
        yield "pairs", torch.sigmoid(pair_logits(vectors[opinion, 1], vectors[aspect, 0])).numpy()


def write(path: Path, samples: Sequence[Sample], taught: Sequence[Mapping[str, Any]]) -> None:
    """Keep what was thought of all texts of a set, in half precision."""
    kept: dict[str, Any] = {_DIGEST: np.array(_digest(samples))}
    for task in TASKS:
        rows = [one[task] for one in taught if task in one]
        if rows:
            kept[task] = np.concatenate([_flat(task, one) for one in rows]).astype(np.float16)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **kept)


def heeding(path: Path, samples: Sequence[Sample]) -> list[Sample]:
    """The samples of a set with what was thought of them.

    Raises:
        ValueError: it was thought of other texts, or of texts that were cut elsewhere.
    """
    with np.load(path) as kept:
        if str(kept[_DIGEST]) != _digest(samples):
            raise ValueError(
                f"{path} is of other texts than the ones of this training; write it again with"
                " python -m heedful.nlp.train.heeding"
            )
        rows = {task: kept[task].astype(np.float32) for task in TASKS if task in kept}
    places = dict.fromkeys(rows, 0)
    found = []
    for sample in samples:
        taught = {}
        for task in rows.keys() & sample.targets.keys():
            count = _rows(task, sample)
            value = rows[task][places[task] : places[task] + count]
            taught[task] = value[0] if task in _OF_TEXTS else value
            places[task] += count
        found.append(replace(sample, taught=taught))
    return found


def _rows(task: str, sample: Sample) -> int:
    if task in _OF_TEXTS:
        return 1
    if task in _OF_PIECES:
        return len(sample)
    return len(sample.targets[task])


def _flat(task: str, value: Any) -> Any:
    return value[None] if task in _OF_TEXTS else value


def _digest(samples: Sequence[Sample]) -> str:
    found = hashlib.sha256()
    for sample in samples:
        found.update(sample.ids.tobytes())
        found.update(np.asarray(sample.targets.get("pairs", ())).tobytes())
    return found.hexdigest()


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="heedful.nlp.train.heeding")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--encoder", type=Path, default=Path("../shared/models/bge-small-zh-v1.5"))
    parser.add_argument("--set", choices=SETS, required=True)
    parser.add_argument("--teacher", type=Path, action="append", required=True)
    parser.add_argument("--to", type=Path, default=Path("build/taught"))
    options = parser.parse_args(arguments)
    examples, _ = training(options.data, [one for one in (*SETS, *OWN) if one != options.set])
    heard: list[list[dict[str, Any]]] = []
    for folder in options.teacher:
        network, vocabulary, step = checkpoint.load(folder, options.encoder)
        pieces = WordPieces(vocabulary)
        samples = [encode(one, pieces, LIMITS[options.set]) for one in examples]
        heard.append(thoughts(network, samples, pieces.pad))
        sys.stdout.write(f"{folder}, step {step}: {len(samples):,} texts\n")
        sys.stdout.flush()
    mean = [
        {task: np.mean([one[task] for one in all_], axis=0) for task in all_[0]}
        for all_ in zip(*heard, strict=True)
    ]
    write(options.to / f"{options.set}.npz", samples, mean)


if __name__ == "__main__":
    main(sys.argv[1:])
