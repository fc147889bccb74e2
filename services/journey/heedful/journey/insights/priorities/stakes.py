"""How much of what customers spend is spent by those who complain of a topic. Pure."""

from dataclasses import dataclass

import numpy as np

from heedful.journey.insights.complaints import complaints
from heedful.journey.insights.facts import NONE, Facts, Floats, Ints
from heedful.journey.insights.purchases import bought
from heedful.journey.insights.report import Estimate


@dataclass(frozen=True, slots=True, eq=False)
class Stakes:
    """By topic.

    Attributes:
        money: what was spent in the period by customers who complained of it.
        share: of all that was spent; of all customers where no amount is known.
        error: standard error of the share.
        customers: who complained of it.
        priced: amounts are known.
    """

    money: Floats
    share: Floats
    error: Floats
    customers: Ints
    priced: bool

    def estimate(self, topic: int) -> Estimate:
        """The share with its 95 % interval: normal, of a ratio over customers."""
        value, half = float(self.share[topic]), 1.959964 * float(self.error[topic])
        return Estimate(value=value, low=max(0.0, value - half), high=min(1.0, value + half))


def stakes(facts: Facts) -> Stakes:
    """Association only: what they would spend without a complaint nobody knows."""
    customers, topics = len(facts.customers), len(facts.topics.names)
    paid = bought(facts) & ~np.isnan(facts.amount)
    spent = np.bincount(facts.customer[paid], weights=facts.amount[paid], minlength=customers)
    priced = bool(spent.sum() > 0)
    known = facts.customer[facts.customer != NONE]
    worth = spent if priced else (np.bincount(known, minlength=customers) > 0).astype(np.float64)
    total = float(worth.sum())
    entries = facts.topics.events
    of = (complaints(facts) & (facts.customer != NONE))[entries]
    pairs = np.unique(
        facts.topics.codes[of].astype(np.int64) * max(customers, 1) + facts.customer[entries[of]]
    )
    topic, customer = pairs // max(customers, 1), pairs % max(customers, 1)
    money = np.bincount(topic, weights=worth[customer], minlength=topics)
    squares = np.bincount(topic, weights=worth[customer] ** 2, minlength=topics)
    share = money / total if total else np.zeros(topics)
    # The sum over all customers of (worth x (complained - share))².
    residual = squares * (1 - 2 * share) + share**2 * float((worth**2).sum())
    return Stakes(
        money=money.astype(np.float64),
        share=share,
        error=np.sqrt(np.maximum(residual, 0.0)) / total if total else np.zeros(topics),
        customers=np.bincount(topic, minlength=topics).astype(np.int32),
        priced=priced,
    )
