"""Who speaks in each event. Pure."""

import numpy as np

from heedful.journey.insights.facts import NONE, Facts, Flags, Ints


def speakers(facts: Facts) -> tuple[Ints, int]:
    """Who speaks in each event, by number, and how many they are.

    Customers keep their number; each event of nobody has a speaker of its own behind them.
    """
    found = facts.customer.copy()
    nobody = found == NONE
    strangers = int(nobody.sum())
    found[nobody] = len(facts.customers) + np.arange(strangers, dtype=np.int32)
    return found, len(facts.customers) + strangers


def customers(facts: Facts, of: Flags) -> int:
    """How many known customers these events are of."""
    seen = np.zeros(len(facts.customers), dtype=bool)
    seen[facts.customer[of & (facts.customer != NONE)]] = True
    return int(seen.sum())
