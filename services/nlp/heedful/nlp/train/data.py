"""The labelled texts that training and evaluation read; they are never part of the package."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from heedful.nlp.sentiment import NEGATIVE, NEUTRAL, POSITIVE

_EMOTIONS = {
    "angry": NEGATIVE,
    "sad": NEGATIVE,
    "fear": NEGATIVE,
    "happy": POSITIVE,
    "neutral": NEUTRAL,
}


@dataclass(frozen=True, slots=True)
class Example:
    text: str
    label: int
    group: str


def records(folder: Path, name: str, part: str) -> Iterator[dict[str, Any]]:
    """The lines of one set."""
    with gzip.open(folder / f"{name}.{part}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def reviews(folder: Path, part: str) -> list[Example]:
    """Reviews, positive or negative, with their category."""
    return [
        Example(one["text"], POSITIVE if one["sentiment"] > 0 else NEGATIVE, one["category"])
        for one in records(folder, "sentiment", part)
    ]


def others(folder: Path, part: str) -> list[Example]:
    """What teaches neutral: posts without emotion, and car talk that judges nothing.

    Surprise is left out, because it may be either.
    """
    posts = [
        Example(one["text"], _EMOTIONS[one["emotion"]], "emotion")
        for one in records(folder, "emotion", part)
        if one["emotion"] in _EMOTIONS
    ]
    cars = []
    for one in records(folder, "car_aspects", part):
        signs = set(one["aspects"].values())
        if signs and not {-1, 1} <= signs:
            label = POSITIVE if 1 in signs else NEGATIVE if -1 in signs else NEUTRAL
            cars.append(Example(one["text"], label, "cars"))
    return posts + cars
