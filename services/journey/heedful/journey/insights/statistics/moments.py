"""Sums of products over blocks of customers: all that covariances are made of."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from heedful.journey.insights.facts import Floats, Ints


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """`products`: blocks x columns x columns, the last column being a one for each event."""

    products: Floats

    def total(self) -> Floats:
        """Over all blocks."""
        found: Floats = self.products.sum(axis=0)
        return found

    def totals(self, draws: Floats) -> Floats:
        """Over all blocks, each as often as it was drawn: one for each draw."""
        found: Floats = np.tensordot(draws, self.products, 1)
        return found


def moments(columns: sp.csr_array, block: Ints, blocks: int) -> Moments:
    """Of events x columns; a column of ones is put behind them."""
    events, width = columns.shape
    order = np.argsort(block, kind="stable")
    wide = sp.csr_array(sp.hstack([columns, np.ones((events, 1))]))[order]
    ends = np.cumsum(np.bincount(block, minlength=blocks))
    found = np.zeros((blocks, width + 1, width + 1))
    for number, (start, end) in enumerate(zip([0, *ends[:-1]], ends, strict=True)):
        part = wide[start:end]
        found[number] = (part.T @ part).toarray()
    return Moments(found)


def covariance(total: Floats) -> Floats:
    """Of all columns but the ones, from their summed products; of one sum or of several."""
    n = total[..., -1:, -1:]
    means = total[..., :-1, -1:] / n
    found: Floats = total[..., :-1, :-1] / n - means @ np.swapaxes(means, -1, -2)
    return found
