"""The labelled texts that training and evaluation read.

Those of ../shared/data are never part of the package; those of talk.yaml were written for it.
"""

import gzip
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import Field

from heedful.common.datafiles import DataModel, parse
from heedful.nlp.sentiment import NEGATIVE, NEUTRAL, POSITIVE

_TALK: Final = Path(__file__).with_name("talk.yaml")
_SLOT: Final = re.compile(r"\{(\w+)\}")
_ENDINGS: Final = ("。", "！", "~", "", "", "", "")
_SEED: Final = 3
FOLDS: Final = 4
"""Into so many groups the sentences of talk.yaml are dealt, each with all its fillings."""

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


class Talk(DataModel):
    """Sentences of the class each list is named after; `{slot}` stands for any word of a slot."""

    version: str
    slots: dict[str, tuple[str, ...]]
    positive: tuple[str, ...] = Field(min_length=1)
    neutral: tuple[str, ...] = Field(min_length=1)
    negative: tuple[str, ...] = Field(min_length=1)

    @property
    def number(self) -> int:
        """Of all sentences."""
        return len(self.positive) + len(self.neutral) + len(self.negative)


def sentences() -> Talk:
    """What talk.yaml holds."""
    return parse(_TALK.name, _TALK.read_text(encoding="utf-8"), Talk)


def talk(copies: int) -> list[Example]:
    """Short service talk: each sentence filled so many times, the same ones in every run.

    The groups are talk0 to talk3.
    """
    file = sentences()
    chance = random.Random(_SEED)  # noqa: S311 no secret

    def filled(sentence: str) -> str:
        text = _SLOT.sub(lambda slot: chance.choice(file.slots[slot[1]]), sentence)
        return text + chance.choice(_ENDINGS)

    return [
        Example(filled(sentence), label, f"talk{number % FOLDS}")
        for label, sentences in (
            (NEGATIVE, file.negative),
            (NEUTRAL, file.neutral),
            (POSITIVE, file.positive),
        )
        for number, sentence in enumerate(sentences)
        # Without a slot only the endings differ.
        for _ in range(copies if _SLOT.search(sentence) else max(1, copies // 3))
    ]
