"""The bootstrap over customers, at a cost that does not grow with them.

Customers are dealt at random into at most `BLOCKS` blocks, what is estimated is made a function of
sums over blocks, and blocks are drawn with replacement (the random-group form of the bootstrap:
Wolter, Introduction to Variance Estimation, 2nd ed. 2007, chapters 2 and 5). With fewer customers
than blocks it is the ordinary bootstrap over customers. The seed is fixed: the same facts give the
same intervals.
"""

from typing import Final

import numpy as np

from heedful.journey.insights.facts import Floats, Ints
from heedful.journey.insights.report import Estimate

BLOCKS: Final = 400
REPEATS: Final = 400
_SEED: Final = 20240229


def dealt(cluster: Ints) -> tuple[Ints, int]:
    """The block of each event, from the number of its customer, and how many blocks there are."""
    present, position = np.unique(cluster, return_inverse=True)
    blocks = min(BLOCKS, len(present))
    order = np.random.default_rng(_SEED).permutation(len(present)).astype(np.int32)
    return order[position] % max(blocks, 1), blocks


def drawn(blocks: int, repeats: int = REPEATS) -> Floats:
    """How often each block was drawn: repeats x blocks."""
    if not blocks:
        return np.zeros((repeats, 0))
    generator = np.random.default_rng(_SEED + 1)
    found = generator.multinomial(blocks, np.full(blocks, 1 / blocks), size=repeats)
    return found.astype(np.float64)


def interval(value: float, draws: Floats) -> Estimate:
    """The 95 % percentile interval, extended to the value where bias has put it outside.

    Draws where nothing could be estimated (NaN) are left out.
    """
    sound = draws[np.isfinite(draws)]
    low, high = np.percentile(sound, [2.5, 97.5]) if len(sound) else (value, value)
    return Estimate(value=value, low=min(float(low), value), high=max(float(high), value))
