"""Train the sentiment model and write it with its notice.

    python -m heedful.nlp.train.sentiment --data ../shared/data

Needs the extra `train`. Trained on the `train` parts and on the short service talk of talk.yaml;
what the notice reports is measured on the `dev` parts with the weights as shipped, quantised.
Number of epochs, width and dropout were chosen by hand on dev, so a further held-back part is the
stricter judge.
"""

import argparse
import math
import random
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from heedful.nlp.backend import model
from heedful.nlp.backend.onnx import OnnxClassifier
from heedful.nlp.features import BUCKETS, ngrams
from heedful.nlp.sentiment import LABELS, NEGATIVE, POSITIVE
from heedful.nlp.text import normalise
from heedful.nlp.train.data import Example, others, reviews, sentences, talk
from heedful.nlp.train.notice import notice

VERSION = "sentiment-2"
_TARGET = Path(__file__).parents[1] / "data"
_SEED = 7
_COPIES = 24
_WIDTH = 16
_HIDDEN = 32
_BATCH = 256
_EPOCHS = 2
_RATE = 3e-3
_NGRAM_DROPOUT = 0.5
_HIDDEN_DROPOUT = 0.3
_SMOOTHING = 0.02
_OPSET = 18
_IR = 10

Ids = NDArray[np.int64]


class Network:
    """The network of the backends, over a batch and with dropout."""

    def __init__(self) -> None:
        self.table = torch.nn.Embedding(BUCKETS, _WIDTH)
        torch.nn.init.normal_(self.table.weight, std=0.1)
        self.hidden = torch.nn.Linear(_WIDTH, _HIDDEN)
        self.out = torch.nn.Linear(_HIDDEN, len(LABELS))

    def parameters(self) -> list[Any]:
        """What is learned."""
        return [one for part in (self.table, self.hidden, self.out) for one in part.parameters()]

    def logits(self, batch: Sequence[Ids]) -> Any:
        """Before softmax, a row for each text of the batch."""
        ids = torch.from_numpy(np.concatenate(batch))
        owner = torch.repeat_interleave(torch.tensor([len(one) for one in batch]))
        # Whole n-grams are dropped, so that no single one carries the decision.
        kept = torch.rand(len(ids)) > _NGRAM_DROPOUT
        ids, owner = ids[kept], owner[kept]
        size = len(batch)
        count = torch.zeros(size).index_add(0, owner, torch.ones(len(ids))).clamp(min=1)
        total = torch.zeros(size, _WIDTH).index_add(0, owner, self.table(ids))
        hidden = torch.relu(self.hidden(total / count.sqrt()[:, None]))
        return self.out(torch.nn.functional.dropout(hidden, _HIDDEN_DROPOUT))


def features(examples: Sequence[Example]) -> list[Ids]:
    """The n-grams of every example."""
    return [ngrams(normalise(one.text)[0]) for one in examples]


def fit(examples: Sequence[Example]) -> Network:
    """Train from the seed; the same data give the same weights on the same machine."""
    torch.manual_seed(_SEED)
    shuffle = random.Random(_SEED)  # noqa: S311 no secret
    inputs = features(examples)
    labels = torch.tensor([one.label for one in examples])
    network = Network()
    optimiser = torch.optim.Adam(network.parameters(), lr=_RATE)
    steps = _EPOCHS * math.ceil(len(inputs) / _BATCH)
    decay = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.0, steps)
    for _ in range(_EPOCHS):
        order = list(range(len(inputs)))
        shuffle.shuffle(order)
        for start in range(0, len(order), _BATCH):
            chosen = order[start : start + _BATCH]
            loss = torch.nn.functional.cross_entropy(
                network.logits([inputs[i] for i in chosen]),
                labels[chosen],
                label_smoothing=_SMOOTHING,
            )
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            decay.step()
    return network


def export(network: Network) -> bytes:
    """The network as an ONNX file, its table as int8."""
    table = network.table.weight.detach().numpy()
    scale = np.float32(np.abs(table).max() / 127)
    weights: dict[str, NDArray[Any]] = {
        model.TABLE: np.round(table / scale).astype(np.int8),
        model.SCALE: np.array(scale, dtype=np.float32),
        model.HIDDEN: network.hidden.weight.detach().numpy().T.copy(),
        model.HIDDEN_BIAS: network.hidden.bias.detach().numpy(),
        model.OUT: network.out.weight.detach().numpy().T.copy(),
        model.OUT_BIAS: network.out.bias.detach().numpy(),
        "first_axis": np.array([0], dtype=np.int64),
    }
    node = helper.make_node
    nodes = [
        node("Gather", [model.TABLE, model.INPUT], ["rows"]),
        # Sums of whole numbers are exact in float32, in whatever order they are added.
        node("Cast", ["rows"], ["steps"], to=TensorProto.FLOAT),
        node("ReduceSum", ["steps", "first_axis"], ["total"], keepdims=0),
        node("Shape", [model.INPUT], ["count"]),
        node("Cast", ["count"], ["number"], to=TensorProto.FLOAT),
        node("Sqrt", ["number"], ["root"]),
        node("Div", ["total", "root"], ["mean"]),
        node("Mul", ["mean", model.SCALE], ["pooled"]),
        node("MatMul", ["pooled", model.HIDDEN], ["hidden_product"]),
        node("Add", ["hidden_product", model.HIDDEN_BIAS], ["hidden_sum"]),
        node("Relu", ["hidden_sum"], ["hidden_out"]),
        node("MatMul", ["hidden_out", model.OUT], ["out_product"]),
        node("Add", ["out_product", model.OUT_BIAS], ["logits"]),
        node("Softmax", ["logits"], [model.OUTPUT], axis=-1),
    ]
    graph = helper.make_graph(
        nodes,
        "sentiment",
        [helper.make_tensor_value_info(model.INPUT, TensorProto.INT64, ["n"])],
        [helper.make_tensor_value_info(model.OUTPUT, TensorProto.FLOAT, [len(LABELS)])],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    opset = helper.make_opsetid("", _OPSET)
    made = helper.make_model(graph, opset_imports=[opset], ir_version=_IR)
    helper.set_model_props(made, {"version": VERSION, **model.expected()})
    onnx.checker.check_model(made, full_check=True)
    content: bytes = made.SerializeToString()
    return content


def accuracy(classifier: OnnxClassifier, examples: Sequence[Example]) -> dict[str, tuple[int, int]]:
    """Right and all by group: which of the two opinions is the likelier one."""
    counts: dict[str, tuple[int, int]] = {}
    for example, ids in zip(examples, features(examples), strict=True):
        found = classifier.probabilities(ids)
        likelier = POSITIVE if found[POSITIVE] > found[NEGATIVE] else NEGATIVE
        right, total = counts.get(example.group, (0, 0))
        counts[example.group] = (right + (likelier == example.label), total + 1)
    return counts


def training(folder: Path) -> list[Example]:
    """All that the model learns from."""
    return reviews(folder, "train") + others(folder, "train") + talk(_COPIES)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="heedful.nlp.train.sentiment")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--target", type=Path, default=_TARGET, help="the package's data folder")
    options = parser.parse_args(arguments)
    examples = training(options.data)
    content = export(fit(examples))
    counts = accuracy(OnnxClassifier(content), reviews(options.data, "dev"))
    file = options.target / model.FILE
    file.write_bytes(content)
    written = sentences().number
    text = notice(
        OnnxClassifier(content).version, datetime.now(UTC).date(), len(examples), written, counts
    )
    file.with_name("MODEL.md").write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main(sys.argv[1:])
