"""Scores of labelled predictions, each with the 95 % interval of a bootstrap over texts.

Efron, "Bootstrap Methods" (1979). Calibration error after Naeini et al. (2015), in bins of equal
size.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_ROUNDS: Final = 1000
_SEED: Final = 11
_BINS: Final = 15


@dataclass(frozen=True, slots=True)
class Score:
    """A value with its interval and the number of texts under it; `drawn` has its values over the
    draws of the bootstrap, [rounds], the same draws wherever as many texts are drawn."""

    value: float
    low: float
    high: float
    texts: int
    drawn: Floats = field(repr=False, compare=False)


def bootstrap(texts: int, score: Callable[[Floats], float]) -> Score:
    """`score` takes how often each text counts, [texts]."""
    chance = np.random.default_rng(_SEED)
    shares = np.full(texts, 1 / max(texts, 1))
    drawn = [score(chance.multinomial(texts, shares).astype(np.float64)) for _ in range(_ROUNDS)]
    return _scored(score(np.ones(texts)), np.array(drawn), texts)


def difference(one: Score, other: Score) -> Score:
    """How much more `one` has than `other` on the same texts in the same order, with the interval
    of a paired bootstrap: Koehn, "Statistical significance tests for machine translation
    evaluation" (2004). ValueError: not as many texts."""
    if one.texts != other.texts:
        raise ValueError(f"{one.texts} texts beside {other.texts} cannot be paired")
    return _scored(one.value - other.value, one.drawn - other.drawn, one.texts)


def accuracy(wanted: Ints, found: Ints) -> Score:
    """The share of texts with the right class."""
    right = (wanted == found).astype(np.float64)
    return bootstrap(len(right), lambda counts: float(counts @ right / counts.sum()))


def macro_f1(wanted: Ints, found: Ints, classes: int) -> Score:
    """The mean of the F1 of the classes that occur."""
    cells = wanted * classes + found

    def score(counts: Floats) -> float:
        return _macro(_confusion(cells, counts, classes))

    return bootstrap(len(cells), score)


def stance_macro_f1(wanted: Ints, found: Ints, classes: int) -> Score:
    """Macro F1 over the classes of each aspect, and its mean over aspects, as AI Challenger 2018
    has it. Both [texts, aspects]."""
    cells = wanted * classes + found

    def score(counts: Floats) -> float:
        return float(np.mean([_macro(_confusion(column, counts, classes)) for column in cells.T]))

    return bootstrap(len(cells), score)


def micro_f1(hits: Floats, found: Floats, wanted: Floats) -> Score:
    """F1 of items: how many each text has right, found and wanted; all [texts]."""

    def score(counts: Floats) -> float:
        right, total = counts @ hits, counts @ (found + wanted)
        return float(2 * right / total) if total else 0.0

    return bootstrap(len(hits), score)


def stance_micro_f1(wanted: Ints, found: Ints, absent: int = 0) -> Score:
    """F1 of (aspect, polarity) where something is said; both [texts, aspects]."""
    return micro_f1(
        ((wanted == found) & (wanted != absent)).sum(axis=1).astype(np.float64),
        (found != absent).sum(axis=1).astype(np.float64),
        (wanted != absent).sum(axis=1).astype(np.float64),
    )


def calibration_error(confidence: Floats, right: NDArray[np.bool_]) -> float:
    """The mean gap between how sure and how often right, over bins of equal size."""
    if not len(confidence):
        return 0.0
    order = np.argsort(confidence, kind="stable")
    gaps = [
        len(part) * abs(float(confidence[part].mean()) - float(right[part].mean()))
        for part in np.array_split(order, min(_BINS, len(order)))
    ]
    return sum(gaps) / len(confidence)


def wilson(right: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share: Wilson, "Probable inference" (1927)."""
    z = 1.96
    share = right / total
    centre = share + z * z / (2 * total)
    half = z * (share * (1 - share) / total + z * z / (4 * total * total)) ** 0.5
    scale = 1 + z * z / total
    return (centre - half) / scale, (centre + half) / scale


def mean_error(wanted: Floats, found: Floats) -> Score:
    """The mean absolute error."""
    gaps = np.abs(wanted - found)
    return bootstrap(len(gaps), lambda counts: float(counts @ gaps / counts.sum()))


def _scored(value: float, drawn: Floats, texts: int) -> Score:
    low, high = np.quantile(drawn, [0.025, 0.975]) if texts else (0.0, 0.0)
    return Score(value, float(low), float(high), texts, drawn)


def _confusion(cells: Ints, counts: Floats, classes: int) -> Floats:
    """Counts by wanted and found class; `cells` are wanted * classes + found."""
    flat = np.bincount(cells, counts, classes * classes).astype(np.float64)
    return flat.reshape(classes, classes)


def _macro(confusion: Floats) -> float:
    wanted, found = confusion.sum(axis=1), confusion.sum(axis=0)
    occurs = wanted > 0
    right = np.diag(confusion)[occurs]
    return float(np.mean(2 * right / (wanted[occurs] + found[occurs])))
