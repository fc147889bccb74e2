"""Measure the whole pipeline, as it is shipped, on labelled texts: polarity and speed.

python -m heedful.nlp.train.whole --data ../shared/data
"""

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from heedful.common.contracts import Channel, Feedback, Polarity
from heedful.nlp.pipeline import Pipeline
from heedful.nlp.sentiment import LABELS
from heedful.nlp.train.data import Example, others, reviews
from heedful.nlp.train.scores import wilson

_SPEED_TEXTS = 2000
_SEED = 1


def polarities(pipeline: Pipeline, examples: Sequence[Example]) -> Counter[tuple[str, str]]:
    """How often each label was found as each polarity."""
    found: Counter[tuple[str, str]] = Counter()
    for example in examples:
        sentiment = pipeline.analyse(example.text).sentiment
        polarity: str = sentiment.polarity.value if sentiment else "none"
        found[LABELS[example.label], polarity] += 1
    return found


def summary(counts: Counter[tuple[str, str]]) -> str:
    """Accuracy over all and over those judged, how much of the blame is missed, and the counts."""
    signs = (Polarity.POSITIVE.value, Polarity.NEGATIVE.value)
    right = sum(counts[sign, sign] for sign in signs)
    total = sum(n for (label, _), n in counts.items() if label in signs)
    judged = sum(counts[label, found] for label in signs for found in signs)
    blaming = sum(n for (label, _), n in counts.items() if label == Polarity.NEGATIVE)
    seen = counts["negative", "negative"] + counts["negative", "mixed"]
    lines = [
        _share("right, of all that praise or blame", right, total),
        _share("right, where praise or blame is found", right, judged),
        _share("blame that is missed", blaming - seen, blaming),
    ]
    lines += [f"  {label:9} found {found:9} {n}\n" for (label, found), n in sorted(counts.items())]
    return "".join(lines)


def _share(name: str, part: int, total: int) -> str:
    low, high = wilson(part, total)
    return f"  {name}: {part / total:.4f} ({low:.4f} to {high:.4f}), n={total}\n"


def speed(pipeline: Pipeline, texts: Sequence[str]) -> float:
    """Enrichments a second on one thread."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    items = [
        Feedback(
            tenant="t",
            source="evaluate",
            id=str(number),
            channel=Channel.OTHER,
            text=text,
            occurred_at=now,
            received_at=now,
        )
        for number, text in enumerate(texts)
    ]
    started = time.perf_counter()
    for item in items:
        pipeline.enrich(item, now)
    return len(items) / (time.perf_counter() - started)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="heedful.nlp.train.whole")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--backend", default="onnx")
    options = parser.parse_args(arguments)
    pipeline = Pipeline.load(options.backend)
    judged, further = reviews(options.data, "dev"), others(options.data, "dev")
    for name, examples in (("reviews", judged), ("posts and cars", further)):
        sys.stdout.write(f"{name}\n{summary(polarities(pipeline, examples))}")
    texts = [example.text for example in judged + further]
    random.Random(_SEED).shuffle(texts)  # noqa: S311 no secret
    rate = speed(pipeline, texts[:_SPEED_TEXTS])
    sys.stdout.write(f"speed: {rate:,.0f} texts/s on one thread, n={_SPEED_TEXTS}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
