"""What a system says of a labelled text, whichever system it is: all are measured alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from heedful.nlp.encoder.engine import Engine
from heedful.nlp.encoder.reading import Reading, read, satisfaction
from heedful.nlp.encoder.tasks import OPINION_KINDS
from heedful.nlp.train.alignment import Triplet
from heedful.nlp.train.labelled import Labelled

Shares = NDArray[np.float32]
Stances = NDArray[np.int64]

_SENTIMENTS = {"negative": -1, "neutral": 0, "positive": 1}


@dataclass(frozen=True, slots=True)
class Answer:
    """Shares of sentiments and emotions, a stance for each aspect, spans; None: not answered."""

    sentiment: Shares | None = None
    emotion: Shares | None = None
    car: Stances | None = None
    restaurant: Stances | None = None
    triplets: frozenset[Triplet] | None = None
    names: frozenset[tuple[int, int, int]] | None = None
    satisfaction: float | None = None


class System(Protocol):
    """Something that is measured."""

    @property
    def name(self) -> str:
        """As it stands in the table."""
        ...

    def answer(self, example: Labelled) -> Answer:
        """What it says of a text, without looking at the labels."""
        ...


class Encoder:
    """The trained encoder on an engine."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self.name = name

    def answer(self, example: Labelled) -> Answer:
        if example.turns:
            spoken = [(turn.customer, turn.normal) for turn in example.turns]
            return Answer(satisfaction=satisfaction(self._engine, spoken))
        reading = read(self._engine, example.normal)
        return Answer() if reading is None else as_answer(reading, example.normal)


def as_answer(reading: Reading, normal: str) -> Answer:
    """The encoder's reading in the shape of every system."""
    return Answer(
        sentiment=reading.sentiment,
        emotion=reading.emotion,
        car=reading.car.argmax(axis=1),
        restaurant=reading.restaurant.argmax(axis=1),
        triplets=frozenset(_triplets(reading, normal)),
        names=frozenset((*one.place, one.kind) for one in reading.names),
    )


def _triplets(reading: Reading, normal: str) -> Sequence[Triplet]:
    return [
        Triplet(aspect, normal[slice(*one.place)], _SENTIMENTS[OPINION_KINDS[one.kind]])
        for one in reading.opinions
        for aspect in ([normal[slice(*place)] for place in one.aspects] or [""])
    ]
