"""The satisfaction-loyalty gap: how many are satisfied, and how many come back. Pure."""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from heedful.journey.insights.facts import NONE, Facts, Flags, Ints
from heedful.journey.insights.leaving.flags import last
from heedful.journey.insights.purchases import came
from heedful.journey.insights.report import Estimate
from heedful.journey.insights.statistics.proportions import share
from heedful.journey.touchpoints import Z95


@dataclass(frozen=True, slots=True)
class Gap:
    """
    Attributes:
        customers: who gave a score with all of the horizon after it in the period.
        satisfied: the share whose last such score was at least satisfied.
        back: the share who bought or visited within the horizon after it.
        satisfied_back: the share who came back of the satisfied.
        gap: satisfied less back, of the same customers.
    """

    customers: int
    satisfied: Estimate
    back: Estimate
    satisfied_back: Estimate | None
    gap: Estimate


def gap(facts: Facts, given: Flags, satisfied: float, horizon: float) -> Gap | None:
    """None where nobody gave a score early enough.

    Args:
        given: the scores that count.
        satisfied: from which score on.
        horizon: days within which they come back, or not.
    """
    newest = last(facts, given & (facts.at <= facts.until - horizon))
    who = np.flatnonzero(newest != NONE)
    if not len(who):
        return None
    pleased = facts.score[newest[who]] >= satisfied
    back = _returned(facts, newest, horizon)[who]
    n, sat, came_back = len(who), int(pleased.sum()), int(back.sum())
    shares = share(sat, n), share(came_back, n)
    if shares[0] is None or shares[1] is None:
        return None
    return Gap(
        n,
        shares[0],
        shares[1],
        share(int((pleased & back).sum()), sat),
        paired(int((pleased & ~back).sum()), int((~pleased & back).sum()), n),
    )


def paired(only_first: int, only_second: int, n: int) -> Estimate:
    """The difference of two shares of the same n customers, with Bonett and Price's adjusted Wald
    95 % interval (J. Educ. Behav. Stat. 37, 2012).

    Args:
        only_first, only_second: customers who count for one share and not for the other.
    """
    value = (only_first - only_second) / n
    first, second = (only_first + 1) / (n + 2), (only_second + 1) / (n + 2)
    middle = first - second
    half = Z95 * sqrt((first + second - middle**2) / (n + 2))
    low, high = max(-1.0, middle - half), min(1.0, middle + half)
    return Estimate(value=value, low=min(low, value), high=max(high, value))


def _returned(facts: Facts, newest: Ints, horizon: float) -> Flags:
    """By customer: they came within the horizon after this event of theirs."""
    events = np.flatnonzero(came(facts))
    of = newest[facts.customer[events]]
    after = facts.at[events] - facts.at[of]
    found = np.zeros(len(facts.customers), dtype=np.bool_)
    found[facts.customer[events[(of != NONE) & (after > 0) & (after <= horizon)]]] = True
    return found
