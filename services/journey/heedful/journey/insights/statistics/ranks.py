"""Ranks, where ties share their mean rank."""

import numpy as np

from heedful.journey.insights.facts import Floats


def mean_ranks(values: Floats) -> Floats:
    """Ranks from 1 along the last axis, in the shape of `values` (Kendall, Biometrika 33, 1945)."""
    order = np.argsort(values, axis=-1, kind="stable")
    ordered = np.take_along_axis(values, order, axis=-1)
    place = np.arange(1, values.shape[-1] + 1)
    edge = np.ones((*values.shape[:-1], 1), dtype=np.bool_)
    differs = ordered[..., 1:] != ordered[..., :-1]
    begins = np.concatenate([edge, differs], axis=-1)
    ends = np.concatenate([differs, edge], axis=-1)
    first = np.maximum.accumulate(np.where(begins, place, 0), axis=-1)
    backwards = np.where(ends, place, values.shape[-1])[..., ::-1]
    last = np.minimum.accumulate(backwards, axis=-1)[..., ::-1]
    found = np.empty(values.shape)
    np.put_along_axis(found, order, (first + last) / 2, axis=-1)
    return found


def spearman(one: Floats, other: Floats) -> float:
    """Spearman's rank correlation, -1 to 1; neither may be all alike."""
    return float(np.corrcoef(mean_ranks(one), mean_ranks(other))[0, 1])
