"""Many tests at once: the false-discovery rate."""

from collections.abc import Sequence

import numpy as np

from heedful.journey.insights.facts import Floats


def adjusted(p: Sequence[float] | Floats) -> Floats:
    """Benjamini and Hochberg's adjusted p-values (J. R. Stat. Soc. B 57, 1995), in the order given.

    To call those up to q significant keeps the expected share of false ones among them at most q,
    for tests that are independent or positively dependent. NaN (no test was possible) stays NaN
    and counts for none.
    """
    values = np.asarray(p, dtype=np.float64)
    found = np.full(len(values), np.nan)
    tested = ~np.isnan(values)
    if tested.any():
        found[tested] = _stepped_up(values[tested])
    return found


def _stepped_up(p: Floats) -> Floats:
    order = np.argsort(p)
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    found = np.empty(len(p))
    found[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return found
