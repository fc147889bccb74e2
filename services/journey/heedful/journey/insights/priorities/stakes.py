"""How much of what customers spend is spent by those who complain of a topic. Pure.

A few customers spend much, so a share is less sure than one of as many customers who spend alike,
and so is its variance: where none of the few complained, share and variance are both too small, and
a normal interval misses the truth oftener than it says. The interval is therefore Wilson's, on the
number of equal customers that the variance is worth, widened as Student's t is against the normal
one by the number that the variance rests on (Korn and Graubard, Survey Methodology 24, 1998; Dean
and Pagano, J. Surv. Stat. Methodol. 3, 2015).
"""

from dataclasses import dataclass

import numpy as np

from heedful.journey.insights.complaints import complaints
from heedful.journey.insights.distinct import distinct
from heedful.journey.insights.facts import NONE, Facts, Floats, Ints
from heedful.journey.insights.purchases import bought
from heedful.journey.insights.report import Estimate
from heedful.journey.insights.statistics.distributions import student_quantile
from heedful.journey.touchpoints import Z95, wilson


@dataclass(frozen=True, slots=True, eq=False)
class Stakes:
    """By topic.

    Attributes:
        money: what was spent in the period by customers who complained of it.
        share: of all that was spent; of all customers where no amount is known.
        worth: how many customers who spend alike the share rests on; 0 where nothing was spent.
        customers: who complained of it.
        priced: amounts are known.
    """

    money: Floats
    share: Floats
    worth: Floats
    customers: Ints
    priced: bool

    def estimate(self, topic: int) -> Estimate:
        """The share with its 95 % interval."""
        share, worth = float(self.share[topic]), float(self.worth[topic])
        found = wilson(share * worth, worth)
        if found is None:
            return Estimate(value=share, low=0.0, high=1.0)
        return Estimate(value=share, low=min(share, found.low), high=max(share, found.high))


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
    pairs = distinct(
        facts.topics.codes[of].astype(np.int64) * max(customers, 1) + facts.customer[entries[of]]
    )
    topic, customer = pairs // max(customers, 1), pairs % max(customers, 1)
    money = np.bincount(topic, weights=worth[customer], minlength=topics)
    share = money / total if total else np.zeros(topics)

    def powers(power: int) -> Floats:
        """The sum over all customers of (worth x (complained - share)) to an even power, each
        topic's; of a share of all or nothing that of worth alone."""
        theirs = np.bincount(topic, weights=worth[customer] ** power, minlength=topics)
        all_of = float((worth**power).sum())
        found = theirs * (1 - share) ** power + (all_of - theirs) * share**power
        return np.where((share > 0) & (share < 1), found, all_of)

    return Stakes(
        money=money.astype(np.float64),
        share=share,
        worth=_worth(share, total, powers(2), powers(4)) if total else np.zeros(topics),
        customers=np.bincount(topic, minlength=topics).astype(np.int32),
        priced=priced,
    )


def _worth(share: Floats, total: float, squares: Floats, fourths: Floats) -> Floats:
    """Equal customers: by the linearised variance, and by how many make up that variance."""
    binomial = np.where((share > 0) & (share < 1), share * (1 - share), 1.0)
    made_up = squares**2 / fourths
    wider = student_quantile(0.975, made_up) / Z95
    found: Floats = binomial * total**2 / squares / wider**2
    return found
