"""What is at risk where customers without contracts complain: their value times how much more often
such customers buy no more. Pure.

Nobody sees when they leave. How much more often they do is looked up in the past, at a moment with
all of the horizon after it: who had complained of a topic shortly before it, against who had not,
in the same segment and as long known.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy.sparse as sp

from heedful.journey.insights.complaints import complaints
from heedful.journey.insights.facts import NONE, Facts, Flags, Floats, Ints
from heedful.journey.insights.leavers import Leavers
from heedful.journey.insights.report import Estimate
from heedful.journey.insights.statistics.mantel_haenszel import Compared, Tables, compared
from heedful.journey.insights.statistics.resampling import dealt, drawn, interval
from heedful.journey.touchpoints import Z95

TENURES: Final = (90.0, 365.0)


@dataclass(frozen=True, slots=True, eq=False)
class AtRisk:
    """By topic.

    Attributes:
        now: customers who complained of it lately and are still there.
        worth: what they are expected to bring.
        association: the comparison of the past.
        value: worth times the difference of risks, with its 95 % bootstrap interval.
        excess: the difference of risks, with its 95 % interval.
    """

    now: Ints
    worth: Floats
    association: Compared
    value: list[Estimate | None]
    excess: list[Estimate | None]


def complained(facts: Facts, since: float, until: float, within: Flags) -> sp.csr_array:
    """Who complained of what from `since` until before `until`: topics x customers, 0 or 1."""
    lately = (facts.at >= since) & (facts.at < until) & within
    some = complaints(facts) & lately & (facts.customer != NONE)
    chosen = some[facts.topics.events]
    who = facts.customer[facts.topics.events[chosen]]
    what = facts.topics.codes[chosen]
    shape = (len(facts.topics.names), len(facts.customers))
    found = sp.csr_array((np.ones(len(who)), (what, who)), shape=shape)
    found.sum_duplicates()
    found.data[:] = 1.0
    return found


def at_risk(
    then: sp.csr_array, now: sp.csr_array, past: Leavers, stratum: Ints, expected: Floats
) -> AtRisk:
    """All topics at once.

    Args:
        then, now: who had complained shortly before the moment in the past, and who lately.
        past: who could leave at that moment and who did.
        stratum: by customer, from 0.
        expected: by customer, what they are expected to bring; 0 for who is gone.
    """
    strata = int(stratum.max(initial=0)) + 1
    customers = np.arange(len(stratum), dtype=np.int32)
    block, blocks = dealt(customers)
    cell = block.astype(np.int64) * strata + stratum
    size = blocks * strata
    of = sp.csr_array((np.ones(len(cell)), (customers, cell)), shape=(len(cell), size))
    risky, left = past.at_risk.astype(np.float64), past.left.astype(np.float64)
    n1 = (then.multiply(risky).tocsr() @ of).toarray()
    a = (then.multiply(left).tocsr() @ of).toarray()
    n, m = risky @ of, left @ of
    shape = (-1, blocks, strata)
    parts = [one.reshape(shape) for one in (a, n1, m - a, n - n1)]
    sums = compared(Tables(*(one.sum(axis=1) for one in parts)))

    dealt_to = sp.csr_array((np.ones(len(block)), (customers, block)), shape=(len(block), blocks))
    worth = (now.multiply(expected).tocsr() @ dealt_to).toarray()
    draws = drawn(blocks)
    again = compared(Tables(*(draws @ one for one in parts)))
    lost = again.difference * (worth @ draws.T)
    totals = worth.sum(axis=1)
    there = now.multiply(expected > 0).sum(axis=1)
    return AtRisk(
        now=np.asarray(there).ravel().astype(np.int32),
        worth=totals,
        association=sums,
        value=[
            interval(float(rd * total), row) if np.isfinite(rd) else None
            for rd, total, row in zip(sums.difference, totals, lost, strict=True)
        ],
        excess=[
            normal(float(rd), float(error))
            for rd, error in zip(sums.difference, sums.error, strict=True)
        ],
    )


def normal(value: float, error: float) -> Estimate | None:
    """With its 95 % interval; None where either is unknown."""
    if not (np.isfinite(value) and np.isfinite(error)):
        return None
    return Estimate(value=value, low=value - Z95 * error, high=value + Z95 * error)
