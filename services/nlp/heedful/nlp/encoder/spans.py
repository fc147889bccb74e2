"""From tags of pieces to spans, and from vectors to the aspect of an opinion."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from heedful.nlp.encoder.tasks import PAIR_WIDTH

Floats = NDArray[np.floating[Any]]

_BELONGS: Final = 0.5


@dataclass(frozen=True, slots=True)
class PieceSpan:
    """Pieces `first` to `last` (exclusive) of one kind, and how sure that is."""

    first: int
    last: int
    kind: int
    confidence: float


def softmax(logits: Floats) -> Floats:
    """Over the last axis."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    result: Floats = shifted / shifted.sum(axis=-1, keepdims=True)
    return result


def mean_of(windows: Floats, sizes: Sequence[int]) -> Floats:
    """[windows, ...] by their sizes; most texts have one window."""
    weights = np.array(sizes, dtype=np.float64)
    if len(weights) == 1:
        only: Floats = windows[0].astype(np.float64)
        return only
    result: Floats = np.tensordot(weights / weights.sum(), windows, 1)
    return result


def spans(logits: Floats) -> list[PieceSpan]:
    """The spans in tag logits [pieces, 1 + 2 kinds] in the BIO scheme of `tasks`.

    Where a span begins and ends is decided over all kinds together, its kind over all its pieces:
    one wavering piece splits nothing. An inside that follows nothing begins a span.
    """
    if not len(logits):
        return []
    shares = softmax(logits)
    begins, insides = shares[:, 1::2], shares[:, 2::2]
    state = np.stack([shares[:, 0], begins.sum(axis=1), insides.sum(axis=1)], axis=1)
    return list(_kinds(_bounds(state.argmax(axis=1).tolist()), begins + insides))


def _bounds(states: Sequence[int]) -> Iterator[tuple[int, int]]:
    start: int | None = None
    for number, state in enumerate(states):
        if start is not None and state != 2:
            yield start, number
            start = None
        if start is None and state:
            start = number
    if start is not None:
        yield start, len(states)


def _kinds(bounds: Iterator[tuple[int, int]], shares: Floats) -> Iterator[PieceSpan]:
    for first, last in bounds:
        mean = shares[first:last].mean(axis=0)
        kind = int(mean.argmax())
        yield PieceSpan(first, last, kind, float(mean[kind]))


def belonging(opinion: Floats, aspects: Floats) -> list[int]:
    """Numbers of the aspects that an opinion is about, by the vectors of their first pieces.

    Args:
        opinion: vector of the opinion's first piece, as opinion.
        aspects: vectors as aspect [candidates, width]; candidate 0 is the unnamed one.
    """
    scores = aspects @ opinion / PAIR_WIDTH**0.5
    shares = 1 / (1 + np.exp(-scores))
    chosen = [number for number, share in enumerate(shares.tolist()) if share > _BELONGS]
    return chosen or [int(scores.argmax())]
