"""The labelled sets as examples of one shape, whatever they label.

`train` parts are learned from, `dev` parts choose and report; nothing here mixes them.
"""

from collections.abc import Callable, Collection, Mapping
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
from heedful.nlp.train.alignment import Triplet, align, normal_span
from heedful.nlp.train.data import records
from heedful.nlp.train.labelled import Labelled, Report, Turn
from heedful.nlp.train.own import ORDINARY_TEXTS, PASSAGES, TALK, VOICES, calm, readers

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
TEACHERS: Final[Mapping[str, frozenset[str]]] = {
    "sentiment": frozenset({"sentiment", "emotion", "car_aspects", TALK, VOICES}),
    "emotion": frozenset({"emotion"}),
    "car": frozenset({"car_aspects"}),
    "restaurant": frozenset({"restaurant_aspects"}),
    "opinions": frozenset({"opinion_triplets"}),
    "names": frozenset({"ner"}),
    "satisfaction": frozenset({"helpdesk"}),
    "voice": frozenset({VOICES, ORDINARY_TEXTS, PASSAGES}),
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
    if ORDINARY_TEXTS not in exclude:
        examples = list(calm(examples))
    for name, reader in readers(folder).items():
        if name not in exclude:
            found = list(reader())
            report.kept[name] = len(found)
            examples.extend(found)
    return examples, report


def _stances(aspects: tuple[str, ...], labels: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(
        int(_STANCES[labels[aspect]]) if aspect in labels else int(Stance.ABSENT)
        for aspect in aspects
    )
