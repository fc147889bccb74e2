"""What runs the network: the interface of a backend, and what it gives for a text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from heedful.common.datafiles import DataModel
from heedful.nlp.encoder.spans import Floats
from heedful.nlp.encoder.wordpiece import WordPieces

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Raw:
    """What an engine gives for one text of so many pieces, its marks included.

    `answers` [queries, classes] logits; `attention` [queries, pieces] shares; `tags`
    [pieces, tags] logits; `pairs` [pieces, 2, width]; `embedding` [width].
    """

    answers: Floats
    attention: Floats
    tags: Floats
    pairs: Floats
    embedding: Floats


class Temperatures(DataModel):
    """What logits are divided by, so that shares say how often they are right.

    Guo et al., "On Calibration of Modern Neural Networks" (2017).
    """

    sentiment: float = 1.0
    emotion: float = 1.0
    car: float = 1.0
    restaurant: float = 1.0
    intent: float = 1.0
    need: float = 1.0
    flags: float = 1.0


class Engine(Protocol):
    """Runs the network on one text at a time. Thread-safe."""

    @property
    def version(self) -> str:
        """Of the weights."""
        ...

    @property
    def pieces(self) -> WordPieces:
        """The vocabulary that the weights were trained with."""
        ...

    @property
    def temperatures(self) -> Temperatures:
        """Fitted to the weights."""
        ...

    @property
    def untrained(self) -> frozenset[str]:
        """Heads (`tasks.HEADS`) that nothing was taught: their output means nothing."""
        ...

    @property
    def together(self) -> int:
        """How many texts are best given to `run_all` at a time."""
        ...

    def run(self, ids: Ints, segments: Ints) -> Raw:
        """The outputs for pieces and speakers, both [pieces]."""
        ...

    def run_all(self, texts: Sequence[Ints]) -> list[Raw]:
        """The outputs for the pieces of each text of one speaker, in their order."""
        ...
