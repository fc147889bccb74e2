"""Enrichments per second, beside what people do with the same encoder and beside SnowNLP.

Every contender gets the same texts (a seeded mix of short and long, of the bundled examples) on
the same two cores; rounds alternate, figures are medians, ratios are to `transformers.pipeline` in
fp32 at batch size 1, its default and its best. heedful does the whole enrichment (all heads,
rules, spans, light) with the cache off; the others answer one question. Needs the extra
`nlp-torch`, and snownlp for its row.

    python benchmarks/nlp.py --texts 300 --rounds 3
"""

import argparse
import asyncio
import importlib.util
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import torch
from onnx import TensorProto, helper
from transformers import BertForSequenceClassification, BertTokenizerFast, pipeline

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.feedback import mixed
from benchmarks.support import machine, median, spread, table
from heedful.common.contracts import Channel, Feedback
from heedful.nlp.backend.torch import TorchEncoder
from heedful.nlp.pipeline import Pipeline
from heedful.nlp.workers import Workers

CORES = 2
BATCH = 32
SORTED_PIECES = 4096
LIMIT = 512

Contender = Callable[[Sequence[str]], None]


def feedback(text: str, number: int) -> Feedback:
    now = datetime.now(UTC)
    return Feedback(
        tenant="benchmark",
        source="benchmark",
        id=str(number),
        channel=Channel.OTHER,
        text=text,
        occurred_at=now,
        received_at=now,
    )


def heedful(backend: str) -> Contender:
    """The whole enrichment in one worker thread per core."""
    enricher = Pipeline.load(backend)

    def run(said: Sequence[str]) -> None:
        async def all_() -> None:
            workers = Workers(enricher, CORES, len(said))
            await workers.enrich([feedback(text, n) for n, text in enumerate(said)])
            await workers.close()

        asyncio.run(all_())

    return run


def classifier(encoder: TorchEncoder) -> tuple[Any, Any]:
    """Model and tokenizer of transformers on the weights of the shipped encoder."""
    network = encoder.network
    model = BertForSequenceClassification(network.encoder.config)
    model.bert.load_state_dict(network.encoder.state_dict(), strict=False)
    model.eval()
    with tempfile.TemporaryDirectory() as folder:
        vocabulary = Path(folder) / "vocab.txt"
        vocabulary.write_text("\n".join(encoder.pieces.vocabulary), encoding="utf-8")
        return model, BertTokenizerFast(vocab_file=str(vocabulary), model_max_length=LIMIT)


def piped(model: Any, tokenizer: Any, batch: int) -> Contender:
    """transformers.pipeline, texts in the order in which they came."""
    classify = pipeline("text-classification", model=model, tokenizer=tokenizer, device="cpu")

    def run(said: Sequence[str]) -> None:
        torch.set_num_threads(CORES)
        for _ in classify(list(said), batch_size=batch, truncation=True):
            pass

    return run


def sorted_bf16(model: Any, tokenizer: Any) -> Contender:
    """torch in bf16, sorted by length, batches bounded by padded pieces."""

    def run(said: Sequence[str]) -> None:
        torch.set_num_threads(CORES)
        lengths = sorted((len(text), text) for text in said)
        start = 0
        while start < len(lengths):
            end = start + 1
            while end < len(lengths) and lengths[end][0] * (end + 1 - start) <= SORTED_PIECES:
                end += 1
            part = [text for _, text in lengths[start:end]]
            inputs = tokenizer(part, padding=True, truncation=True, return_tensors="pt")
            with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
                model(**inputs)
            start = end

    return run


def snownlp() -> Contender | None:
    """The sentiment of SnowNLP, in one process: it is pure Python."""
    if importlib.util.find_spec("snownlp") is None:
        return None
    from snownlp import SnowNLP

    def run(said: Sequence[str]) -> None:
        for text in said:
            _ = SnowNLP(text).sentiments

    return run


def peak_int8() -> float:
    """Multiply-adds per second of one thread in int8, from a product that fills the caches."""
    size, times = 1024, 20
    node = helper.make_node("MatMulInteger", ["a", "b"], ["c"])
    graph = helper.make_graph(
        [node],
        "peak",
        [helper.make_tensor_value_info("a", TensorProto.UINT8, [size, size])],
        [helper.make_tensor_value_info("c", TensorProto.INT32, [size, size])],
        [helper.make_tensor("b", TensorProto.INT8, [size, size], bytes(size * size), raw=True)],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(made.SerializeToString(), options)
    left = np.ones((size, size), dtype=np.uint8)
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        session.run(None, {"a": left})
        taken.append(time.perf_counter() - started)
    return float(size**3 / statistics.median(taken))


def multiply_adds(encoder: TorchEncoder, pieces: int) -> float:
    """Of the encoder's layers for one text of so many pieces."""
    config = encoder.network.encoder.config
    width, inner = config.hidden_size, config.intermediate_size
    layer = pieces * (4 * width**2 + 2 * width * inner) + 2 * pieces**2 * width
    return float(config.num_hidden_layers * layer)


def resident() -> float:
    """Megabytes at most of a fresh process with the whole pipeline."""
    # The peak of the address space: ru_maxrss would count what the parent held when it forked.
    code = (
        "from heedful.nlp.pipeline import Pipeline;"
        "Pipeline.load().analyse('味道不好，' * 400);"
        "print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"
    )
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return int(found.stdout) / 1024


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--texts", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    said = mixed(options.texts)
    encoder = TorchEncoder.load()
    model, tokenizer = classifier(encoder)
    lengths = [len(encoder.pieces.split(text)) + 2 for text in said]
    snow = snownlp()
    contenders: dict[str, Contender] = {
        "heedful, whole enrichment, int8": heedful("onnx"),
        "transformers.pipeline fp32, batch 1": piped(model, tokenizer, 1),
        f"transformers.pipeline fp32, batch {BATCH}": piped(model, tokenizer, BATCH),
        "torch bf16, sorted by length": sorted_bf16(model, tokenizer),
        **({"SnowNLP, sentiment alone": snow} if snow else {}),
    }
    rates: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(options.rounds):
        for name, run in contenders.items():
            started = time.perf_counter()
            run(said)
            rates[name].append(len(said) / (time.perf_counter() - started))

    base = median(rates["transformers.pipeline fp32, batch 1"])
    print(machine())
    print(
        f"{len(said)} texts, mean {statistics.mean(lengths):.0f} pieces"
        f" ({min(lengths)} to {max(lengths)}); a process that has loaded the whole pipeline and"
        f" labelled a long text takes {resident():.0f} MB"
    )
    table(
        ["", "texts/s", "spread", "ratio to pipeline, batch 1"],
        [
            [name, f"{median(found):,.0f}", spread(found), f"{median(found) / base:.2f}"]
            for name, found in rates.items()
        ],
    )
    best = max(rates["heedful, whole enrichment, int8"])
    done = best * statistics.mean(multiply_adds(encoder, length) for length in lengths)
    limit = CORES * peak_int8()
    print(
        f"multiply-adds of the layers: {done / 1e9:.0f} G/s of {limit / 1e9:.0f} G/s that int8"
        f" products reach here: {done / limit:.0%}"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
