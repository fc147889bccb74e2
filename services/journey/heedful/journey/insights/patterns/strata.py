"""Who is compared with whom at B: customers of one stratum. Pure."""

from typing import Final

import numpy as np

from heedful.journey.insights.facts import Facts, Ints
from heedful.journey.insights.patterns.moments import Cohort, Order, count_before

QUARTER: Final = 91.0
TENURES: Final = (90.0, 365.0)
MOST_COUNTED: Final = 10


def strata(
    facts: Facts, order: Order, base: Cohort, segment: Ints, counted: Ints, look_back: float
) -> Ints:
    """The stratum of each member: quarter of B, segment, tenure, and how much they had before it.

    The last one is what keeps people who talk much from being compared with the silent: whoever
    speaks often has A, B and C more often. With as many things said in the look-back, A is one
    of them or it is not.

    Args:
        counted: `running` events: what was said where A is said, else what happened.
    """
    seen = base.at - facts.at[np.searchsorted(order.line, order.turn[base.customer] * order.span)]
    active = count_before(facts, order, base, counted, look_back)
    parts = (
        np.floor((base.at - facts.since) / QUARTER).astype(np.int64),
        segment[base.customer].astype(np.int64),
        np.searchsorted(TENURES, seen, side="right").astype(np.int64),
        np.minimum(active, MOST_COUNTED).astype(np.int64),
    )
    keys = np.zeros(len(base.at), dtype=np.int64)
    for part in parts:
        keys = keys * (int(part.max(initial=0)) + 1) + part
    _, number = np.unique(keys, return_inverse=True)
    return number.astype(np.int32)
