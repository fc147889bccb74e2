"""The labelled sets as examples of one shape, whatever they label.

`train` parts are learned from, `dev` parts choose and report; nothing here mixes them.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from heedful.nlp.encoder.tasks import (
    CAR_ASPECTS,
    EMOTIONS,
    NAME_KINDS,
    RESTAURANT_ASPECTS,
    SENTIMENTS,
    Stance,
)
from heedful.nlp.text import normalise
from heedful.nlp.train.alignment import Alignment, Triplet, align, normal_span
from heedful.nlp.train.data import records, talk

_STANCES: Final = {-1: Stance.NEGATIVE, 0: Stance.NEUTRAL, 1: Stance.POSITIVE}
# Surprise is left out, because it may be either.
_EMOTION_SIGNS: Final = {
    "angry": "negative",
    "sad": "negative",
    "fear": "negative",
    "happy": "positive",
    "neutral": "neutral",
}
_CUSTOMER: Final = "customer"
_TALK_COPIES: Final = 6


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker says in a dialogue, in normal form."""

    customer: bool
    normal: str


@dataclass(frozen=True, slots=True)
class Labelled:
    """One text in normal form with the labels that its set gives; None where it gives none.

    `group` is the category, or the set where there are none. `stances` are by query of a closed
    set of aspects; `opinions` and `names` hold places in `normal`. `satisfaction` is from -2 to 2.
    """

    set: str
    group: str
    normal: str
    turns: tuple[Turn, ...] = ()
    sentiment: int | None = None
    emotion: int | None = None
    car: tuple[int, ...] | None = None
    restaurant: tuple[int, ...] | None = None
    opinions: Alignment | None = None
    triplets: tuple[Triplet, ...] | None = None
    names: tuple[tuple[int, int, int], ...] | None = None
    satisfaction: float | None = None


@dataclass(slots=True)
class Report:
    """How a set was read: texts kept, and what was left out for which reason."""

    kept: dict[str, int] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)

    def drop(self, reason: str) -> None:
        self.dropped[reason] = self.dropped.get(reason, 0) + 1


def _sentiment(one: Mapping[str, Any], _: Report) -> Labelled:
    polarity = "positive" if one["sentiment"] > 0 else "negative"
    return Labelled(
        "sentiment",
        one["category"],
        normalise(one["text"])[0],
        sentiment=SENTIMENTS.index(polarity),
    )


def _emotion(one: Mapping[str, Any], _: Report) -> Labelled:
    sign = _EMOTION_SIGNS.get(one["emotion"])
    return Labelled(
        "emotion",
        "emotion",
        normalise(one["text"])[0],
        emotion=EMOTIONS.index(one["emotion"]),
        sentiment=None if sign is None else SENTIMENTS.index(sign),
    )


def _car(one: Mapping[str, Any], _: Report) -> Labelled:
    signs = set(one["aspects"].values())
    sentiment = None
    if signs and not {-1, 1} <= signs:
        name = "positive" if 1 in signs else "negative" if -1 in signs else "neutral"
        sentiment = SENTIMENTS.index(name)
    return Labelled(
        "car_aspects",
        "cars",
        normalise(one["text"])[0],
        car=_stances(CAR_ASPECTS, one["aspects"]),
        sentiment=sentiment,
    )


def _restaurant(one: Mapping[str, Any], _: Report) -> Labelled:
    return Labelled(
        "restaurant_aspects",
        "restaurants",
        normalise(one["text"])[0],
        restaurant=_stances(RESTAURANT_ASPECTS, one["aspects"]),
    )


def _triplets(one: Mapping[str, Any], report: Report) -> Labelled:
    normal = normalise(one["text"])[0]
    triplets = tuple(
        Triplet(normalise(t["aspect"] or "")[0], normalise(t["opinion"])[0], t["sentiment"])
        for t in one["triplets"]
    )
    aligned = align(normal, triplets)
    if aligned is None:
        report.drop("opinion_triplets: a span is ambiguous or not in the text")
    return Labelled("opinion_triplets", "triplets", normal, opinions=aligned, triplets=triplets)


def _helpdesk(one: Mapping[str, Any], _: Report) -> Labelled:
    turns = tuple(
        Turn(turn["sender"] == _CUSTOMER, normalise(turn["text"])[0]) for turn in one["turns"]
    )
    normal = "\n".join(turn.normal for turn in turns)
    return Labelled("helpdesk", "helpdesk", normal, turns, satisfaction=one["satisfaction"])


def _ner(one: Mapping[str, Any], _: Report) -> Labelled:
    normal, offsets = normalise(one["text"])
    names = tuple(
        (*normal_span(offsets, start, end), NAME_KINDS.index(kind))
        for start, end, kind in one["entities"]
        if kind in NAME_KINDS
    )
    return Labelled("ner", "news", normal, names=names)


_READERS: Final[Mapping[str, Callable[[Mapping[str, Any], Report], Labelled]]] = {
    "sentiment": _sentiment,
    "emotion": _emotion,
    "car_aspects": _car,
    "restaurant_aspects": _restaurant,
    "opinion_triplets": _triplets,
    "helpdesk": _helpdesk,
    "ner": _ner,
}
SETS: Final = tuple(_READERS)
TALK: Final = "talk"
TEACHERS: Final[Mapping[str, frozenset[str]]] = {
    "sentiment": frozenset({"sentiment", "emotion", "car_aspects", TALK}),
    "emotion": frozenset({"emotion"}),
    "car": frozenset({"car_aspects"}),
    "restaurant": frozenset({"restaurant_aspects"}),
    "opinions": frozenset({"opinion_triplets"}),
    "names": frozenset({"ner"}),
    "satisfaction": frozenset({"helpdesk"}),
}
"""The sets whose labels each head (`tasks.HEADS`) learns from."""


def untaught(exclude: Collection[str]) -> list[str]:
    """The heads that nothing is left for."""
    return [head for head, sets in TEACHERS.items() if sets <= set(exclude)]


def read(folder: Path, name: str, part: str, report: Report | None = None) -> list[Labelled]:
    """One part of one set.

    Raises:
        KeyError: no such set.
        FileNotFoundError: the set is not in the folder.
    """
    report = report or Report()
    reader = _READERS[name]
    found = [reader(one, report) for one in records(folder, name, part)]
    kept = [one for one in found if one.normal.strip()]
    report.kept[name] = len(kept)
    return kept


def training(folder: Path, exclude: Collection[str] = ()) -> tuple[list[Labelled], Report]:
    """All that a model may learn from, without the excluded sets."""
    report = Report()
    examples = [
        one for name in SETS if name not in exclude for one in read(folder, name, "train", report)
    ]
    if TALK not in exclude:
        spoken = list(_talk())
        report.kept[TALK] = len(spoken)
        examples.extend(spoken)
    return examples, report


def _talk() -> Iterator[Labelled]:
    for one in talk(_TALK_COPIES):
        yield Labelled(TALK, one.group, normalise(one.text)[0], sentiment=one.label)


def _stances(aspects: tuple[str, ...], labels: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(
        int(_STANCES[labels[aspect]]) if aspect in labels else int(Stance.ABSENT)
        for aspect in aspects
    )
