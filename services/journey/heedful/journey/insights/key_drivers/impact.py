"""What a topic costs or brings the overall score: the overall against what it is without it."""

import numpy as np
import scipy.sparse as sp

from heedful.journey.insights.facts import Floats, Ints
from heedful.journey.insights.report import Estimate
from heedful.journey.insights.statistics.resampling import drawn, interval


def impacts(
    mentioned: sp.csr_array, score: Floats, block: Ints, blocks: int
) -> list[Estimate | None]:
    """By topic n (T - O) / (N - n): O is the mean score of all N, T that of the n that speak of the
    topic. It is O less the mean of all others, so that a topic that drags the score is below 0.

    None for a topic of which all speak, or none. Thematic and Qualtrics publish the same formula
    in two forms.

    Args:
        mentioned: events x topics, ones.
        block: of each event, from `resampling.dealt`.
    """
    events = len(score)
    by_block = sp.csr_array((np.ones(events), (block, np.arange(events))), shape=(blocks, events))
    sums = _Sums(
        n=(by_block @ mentioned).toarray(),
        told=(by_block @ mentioned.multiply(score[:, None]).tocsr()).toarray(),
        everything=np.bincount(block, minlength=blocks).astype(np.float64),
        total=np.bincount(block, weights=score, minlength=blocks).astype(np.float64),
    )
    value = sums.impact(np.ones((1, blocks)))[0]
    draws = sums.impact(drawn(blocks))
    return [
        interval(float(v), draws[:, topic]) if np.isfinite(v) else None
        for topic, v in enumerate(value)
    ]


class _Sums:
    """Blocks x topics: mentions and their scores; by block: all feedback and its scores."""

    def __init__(self, n: Floats, told: Floats, everything: Floats, total: Floats) -> None:
        self._n, self._told = n, told
        self._everything, self._total = everything, total

    def impact(self, draws: Floats) -> Floats:
        """Draws x topics."""
        n, told = draws @ self._n, draws @ self._told
        everything, total = (draws @ self._everything)[:, None], (draws @ self._total)[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            mean, overall = told / n, total / everything
            found: Floats = n * (mean - overall) / (everything - n)
        return found
