"""What was written or labelled for this project, as examples: voices, passages of several of them,
service talk, and labels of public texts."""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from heedful.nlp import urgency
from heedful.nlp.encoder.tasks import FLAGS, INTENTS, NEEDS, SENTIMENTS
from heedful.nlp.resources import read
from heedful.nlp.text import normalise, prepare
from heedful.nlp.train.data import records, talk
from heedful.nlp.train.labelled import UNLABELLED, Labelled
from heedful.nlp.train.voices import FOLDER, ORDINARY, Voice, VoiceLabels, ordinary, voices
from heedful.nlp.urgency import UrgencyFile, UrgencyRules

TALK: Final = "talk"
VOICES: Final = "voices"
ORDINARY_TEXTS: Final = "ordinary"
PASSAGES: Final = "passages"
OWN: Final = (TALK, VOICES, ORDINARY_TEXTS, PASSAGES)
"""Written or labelled for this project."""

_INTENT_SIGNS: Final = {
    "complaint": "negative",
    "praise": "positive",
    "inquiry": "neutral",
    "not_meaningful": "neutral",
}
_REVIEWS: Final = ("sentiment", "car_aspects", "restaurant_aspects", "opinion_triplets")
_EVERY: Final = 4
_PASSAGES: Final = 3000
_PASSAGE_SEED: Final = 11
_LONGEST_PASSAGE: Final = 8
_JOINTS: Final = ("。", "，", " ", "\n")
_TALK_COPIES: Final = 6


def readers(folder: Path) -> Mapping[str, Callable[[], Iterable[Labelled]]]:
    """What gives the examples of each set; `folder` holds the public texts."""
    return {
        TALK: _talk,
        VOICES: _voices,
        ORDINARY_TEXTS: lambda: _ordinary(folder),
        PASSAGES: _passages,
    }


def calm(examples: Iterable[Labelled]) -> Iterator[Labelled]:
    """The examples; every fourth review in which the rules find nothing is called calm. Of 395
    such texts that were labelled none was."""
    rules = UrgencyRules(read(urgency.FILE, UrgencyFile))
    unsaid = (UNLABELLED,) * (len(FLAGS) - 1)
    for number, one in enumerate(examples):
        asked = one.set in _REVIEWS and number % _EVERY == 0
        if asked and not rules.find(prepare(one.normal)):
            yield replace(one, flags=(0, *unsaid))
        else:
            yield one


def voice(set_: str, group: str, text: str, labels: VoiceLabels) -> Labelled:
    """A labelled voice as an example."""
    return Labelled(
        set_,
        group,
        normalise(text)[0],
        intent=INTENTS.index(labels.intent),
        need=NEEDS.index(labels.need or NEEDS[0]),
        flags=labels.flags,
    )


def _voices() -> Iterator[Labelled]:
    for author, one in _written():
        sign = _INTENT_SIGNS.get(one.intent)
        yield replace(
            voice(VOICES, author, one.text, one),
            sentiment=None if sign is None else SENTIMENTS.index(sign),
        )


def _written() -> Iterator[tuple[str, Voice]]:
    """Every voice with its author's file."""
    for file in sorted(FOLDER.glob("*.jsonl")):
        if file != ORDINARY:
            for one in voices(file):
                yield file.stem, one


def _passages() -> Iterator[Labelled]:
    """Several voices as one long text, which says whatever one of them says: in a call or a long
    review one sentence may be what matters."""
    chance = random.Random(_PASSAGE_SEED)  # noqa: S311 no secret
    everyone = [one for _, one in _written()]
    unhurried = [one for one in everyone if not one.urgency]
    for number in range(_PASSAGES):
        said = chance.sample(unhurried, chance.randint(2, _LONGEST_PASSAGE))
        if number % 2:
            said[chance.randrange(len(said))] = chance.choice(everyone)
        flags = tuple(map(max, zip(*(one.flags for one in said), strict=True)))
        text = chance.choice(_JOINTS).join(one.text for one in said)
        yield Labelled(PASSAGES, PASSAGES, normalise(text)[0], flags=flags)


def _ordinary(folder: Path) -> Iterator[Labelled]:
    labels = {(one.set, one.line): one for one in ordinary()}
    for name in sorted({set_ for set_, _ in labels}):
        for line, one in enumerate(records(folder, name, "train")):
            if found := labels.get((name, line)):
                yield voice(ORDINARY_TEXTS, name, one["text"], found)


def _talk() -> Iterator[Labelled]:
    for one in talk(_TALK_COPIES):
        yield Labelled(TALK, one.group, normalise(one.text)[0], sentiment=one.label)
