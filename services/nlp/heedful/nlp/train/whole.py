"""Measure the whole pipeline, as it is shipped, on labelled texts: sign, polarity and speed.

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

from heedful.common.contracts import Channel, Feedback, Polarity, Sentiment
from heedful.nlp.pipeline import Pipeline
from heedful.nlp.sentiment import LABELS, POSITIVE
from heedful.nlp.train.data import Example, others, reviews
from heedful.nlp.train.scores import wilson

_SPEED_TEXTS = 2000
_SEED = 1


Judged = tuple[Example, Sentiment | None]


def judged(pipeline: Pipeline, examples: Sequence[Example]) -> list[Judged]:
    """Every text with the sentiment that was found."""
    return [(example, pipeline.analyse(example.text).sentiment) for example in examples]


def signs(found: Sequence[Judged]) -> str:
    """How often the sign of the score is right, by category; a text without one is wrong."""
    right: Counter[str] = Counter()
    silent: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for example, sentiment in found:
        score = sentiment.score if sentiment else None
        for group in (example.group, "all"):
            total[group] += 1
            silent[group] += score is None
            if score is not None and (score > 0) == (example.label == POSITIVE):
                right[group] += 1
    return "".join(
        _share(f"sign of the score, {group} ({silent[group]} silent)", right[group], count)
        for group, count in total.most_common()
    )


def polarities(found: Sequence[Judged]) -> Counter[tuple[str, str]]:
    """How often each label was found as each polarity."""
    counts: Counter[tuple[str, str]] = Counter()
    for example, sentiment in found:
        polarity: str = sentiment.polarity.value if sentiment else "none"
        counts[LABELS[example.label], polarity] += 1
    return counts


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
    praising, further = reviews(options.data, "dev"), others(options.data, "dev")
    found = judged(pipeline, praising)
    sys.stdout.write(f"reviews\n{signs(found)}{summary(polarities(found))}")
    found = judged(pipeline, further)
    sys.stdout.write(f"posts and cars\n{summary(polarities(found))}")
    texts = [example.text for example in praising + further]
    random.Random(_SEED).shuffle(texts)  # noqa: S311 no secret
    rate = speed(pipeline, texts[:_SPEED_TEXTS])
    sys.stdout.write(f"speed: {rate:,.0f} texts/s on one thread, n={_SPEED_TEXTS}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
