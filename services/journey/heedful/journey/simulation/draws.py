"""Draws that every mechanism needs. Each mechanism has a stream of its own: switching one off
leaves what the others draw as it was."""

from collections.abc import Mapping, Sequence
from zlib import crc32

import numpy as np

from heedful.journey.insights.facts import Floats, Ints


def stream(seed: int, mechanism: str) -> np.random.Generator:
    return np.random.default_rng([seed, crc32(mechanism.encode())])


def moments(
    rng: np.random.Generator, per_day: Floats | float, start: Floats, end: Floats
) -> tuple[Ints, Floats]:
    """Poisson processes, one a customer from `start` to `end` (days): of whom, and when."""
    spans = np.maximum(end - start, 0.0)
    counts = rng.poisson(per_day * spans)
    who = np.repeat(np.arange(len(start), dtype=np.int32), counts)
    return who, start[who] + rng.random(len(who)) * spans[who]


def chosen(rng: np.random.Generator, weights: Floats | Sequence[float], count: int) -> Ints:
    """Indices, drawn by weight."""
    shares = np.asarray(weights, dtype=np.float64)
    found: Ints = rng.choice(len(shares), count, p=shares / shares.sum()).astype(np.int32)
    return found


def chosen_by(rng: np.random.Generator, table: Floats, given: Ints) -> Ints:
    """Indices of columns, each drawn by the weights in the row that is given."""
    below = np.cumsum(table / table.sum(axis=1, keepdims=True), axis=1)[given, :-1]
    found: Ints = (rng.random(len(given))[:, None] >= below).sum(axis=1).astype(np.int32)
    return found


def named(
    rng: np.random.Generator, weights: Mapping[str, float], names: Sequence[str], count: int
) -> Ints:
    """Codes of `names`, drawn by the weights of some of them."""
    codes = np.array([names.index(name) for name in weights], dtype=np.int32)
    found: Ints = codes[chosen(rng, list(weights.values()), count)]
    return found
