"""Who could leave at a moment, and who had left some time later. Pure."""

from dataclasses import dataclass

import numpy as np

from heedful.journey.insights.facts import NONE, Facts, Flags
from heedful.journey.insights.followup import FollowUp
from heedful.journey.insights.purchases import bought
from heedful.journey.insights.segments import of_plan


def contracts(facts: Facts, follow: FollowUp) -> Flags:
    """By the number of the customer: their leaving is recorded, as with contracts.

    So it is where any customer of the same plan has a departure. All others leave by not buying
    again, and nobody sees when.
    """
    plans = of_plan(facts)
    departures = np.bincount(plans, follow.left)
    found: Flags = departures[plans] > 0
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Leavers:
    """By the number of the customer.

    Attributes:
        at_risk: a customer at the moment: known from what happened before it alone.
        left: those of them who left within the horizon after it.
    """

    at_risk: Flags
    left: Flags


def leavers(
    facts: Facts, follow: FollowUp, contract: Flags, moment: float, horizon: float
) -> Leavers:
    """At a moment, in days.

    With a contract: seen before and not departed; left who departed. Without: bought before; left
    who bought nothing in the horizon.
    """
    seen = (follow.entry < moment) & (follow.exit >= moment)
    departed = seen & follow.left & (follow.exit < moment + horizon)
    own = bought(facts)
    before = anybody(facts, own & (facts.at < moment))
    again = anybody(facts, own & (facts.at >= moment) & (facts.at < moment + horizon))
    return Leavers(np.where(contract, seen, before), np.where(contract, departed, before & ~again))


def anybody(facts: Facts, events: Flags) -> Flags:
    """By the number of the customer: they have any of these events."""
    found = np.zeros(len(facts.customers), dtype=np.bool_)
    found[facts.customer[events & (facts.customer != NONE)]] = True
    return found
