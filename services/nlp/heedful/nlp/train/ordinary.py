"""How much of what people write on an ordinary day nlp makes red: nearly all of it falsely.

    python -m heedful.nlp.train.ordinary --data ../shared/data

Reviews, posts and car talk of the dev parts, a sample of each. Nobody has labelled them for
urgency, and a few are truly red; the share is what operations would have to look at.
"""

import argparse
import random
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from heedful.common.contracts import Channel, Colour, Feedback
from heedful.nlp.pipeline import Pipeline
from heedful.nlp.train.data import records
from heedful.nlp.train.scores import wilson

_SETS: Final = (
    "sentiment",
    "emotion",
    "car_aspects",
    "restaurant_aspects",
    "opinion_triplets",
)
_SEED: Final = 5
_NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)


def reds(pipeline: Pipeline, texts: Sequence[str]) -> Counter[str]:
    """Red texts under the name `red`, and how often each rule of the policy was a reason."""
    found: Counter[str] = Counter()
    for number, text in enumerate(texts):
        said = Feedback(
            tenant="t",
            source="evaluate",
            id=str(number),
            channel=Channel.OTHER,
            text=text,
            occurred_at=_NOW,
            received_at=_NOW,
        )
        light = pipeline.enrich(said, _NOW).light
        if light.colour is Colour.RED:
            found["red"] += 1
            found.update(reason.code for reason in light.reasons)
    return found


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="heedful.nlp.train.ordinary")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--texts", type=int, default=300, help="of each set, at most")
    options = parser.parse_args(arguments)
    pipeline = Pipeline.load()
    sys.stdout.write("| texts of | n | red | 95 % interval | by rule |\n|---|---|---|---|---|\n")
    for name in _SETS:
        texts = [one["text"] for one in records(options.data, name, "dev")]
        random.Random(_SEED).shuffle(texts)  # noqa: S311 no secret
        part = texts[: options.texts]
        found = reds(pipeline, part)
        red = found.pop("red", 0)
        low, high = wilson(red, len(part))
        rules = ", ".join(f"{code} {count}" for code, count in found.most_common())
        share = f"{red / len(part):.3f} | {low:.3f} to {high:.3f}"
        sys.stdout.write(f"| {name} | {len(part)} | {share} | {rules} |\n")


if __name__ == "__main__":
    main(sys.argv[1:])
