"""What customers bought, summed up as models of repeat buying read it. Pure."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from heedful.journey.insights.facts import NONE, Facts, Flags, Floats, Ints

WEEK: Final = 7.0


def bought(facts: Facts) -> Flags:
    """Orders; payments of customers who have no order, or one purchase would count twice."""
    known = facts.customer != NONE
    orders = known & facts.interaction.having("order")
    orderers = np.zeros(len(facts.customers) + 1, dtype=np.bool_)
    orderers[facts.customer[orders]] = True
    found: Flags = orders | (
        known & facts.interaction.having("payment") & ~orderers[facts.customer]
    )
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Purchases:
    """A row for each customer who bought anything; several orders of one day are one purchase.

    Attributes:
        x: repeat purchases: days on which they bought, less the first.
        t_x: weeks from the first purchase to the last.
        T: weeks from the first purchase to the end of what is known.
        mean: of the repeat purchases that have an amount, a purchase; NaN without one.
        priced: how many repeat purchases that is.
    """

    customer: Ints
    x: Floats
    t_x: Floats
    T: Floats
    mean: Floats
    priced: Floats


def came(facts: Facts) -> Flags:
    """What customers do of themselves that shows they are still there: they buy or visit."""
    visits = (facts.customer != NONE) & facts.interaction.having("visit")
    found: Flags = bought(facts) | visits
    return found


def purchases(facts: Facts, counted: Flags, until: float) -> Purchases:
    """All that is counted before `until`, in days; nothing after it is looked at.

    Args:
        counted: events that are purchases, or whatever shows that customers are there.
    """
    events = np.flatnonzero(counted & (facts.at < until))
    day = np.floor(facts.at[events]).astype(np.int64)
    base = int(np.ceil(until)) + 1
    keys, place = np.unique(
        facts.customer[events].astype(np.int64) * base + day, return_inverse=True
    )
    amount = facts.amount[events]
    priced = ~np.isnan(amount)
    money = np.bincount(place, np.where(priced, amount, 0.0), minlength=len(keys))
    known = np.bincount(place, priced, minlength=len(keys)) > 0

    owner, when = keys // base, (keys % base).astype(np.float64)
    customer, first, times = np.unique(owner, return_index=True, return_counts=True)
    last = first + times - 1
    group = np.repeat(np.arange(len(customer)), times)
    repeat = np.ones(len(keys), dtype=np.bool_)
    repeat[first] = False
    with_amount = repeat & known
    priced_days = np.bincount(group, with_amount, minlength=len(customer)).astype(np.float64)
    spent = np.bincount(group, np.where(with_amount, money, 0.0), minlength=len(customer))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = spent / priced_days
    return Purchases(
        customer=customer.astype(np.int32),
        x=(times - 1).astype(np.float64),
        t_x=(when[last] - when[first]) / WEEK,
        T=(until - when[first]) / WEEK,
        mean=mean,
        priced=priced_days,
    )
