"""From when to when each customer was observed, and whether they left in between. Pure."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from heedful.journey.insights.facts import NONE, Facts, Flags, Floats, Ints

CHURN: Final = "churn"


@dataclass(frozen=True, slots=True, eq=False)
class FollowUp:
    """By the number of the customer.

    Attributes:
        entry: their first event, in days; NaN for who has none.
        exit: their first departure, or the end of the period.
        left: they departed; the others are censored at `exit`.
        departure: the event of it; `NONE` without.
    """

    entry: Floats
    exit: Floats
    left: Flags
    departure: Ints

    @property
    def customers(self) -> int:
        """How many were observed at all."""
        return int((~np.isnan(self.entry)).sum())


def followed(facts: Facts) -> FollowUp:
    """Every customer of the facts. Who comes back after leaving is not observed again."""
    known = np.flatnonzero(facts.customer != NONE)
    entry = np.full(len(facts.customers), np.nan)
    # Backwards: of several values for one index numpy keeps the last, which is their first event.
    entry[facts.customer[known[::-1]]] = facts.at[known[::-1]]
    departures = np.flatnonzero(facts.interaction.having(CHURN) & (facts.customer != NONE))[::-1]
    departure = np.full(len(facts.customers), NONE, dtype=np.int32)
    departure[facts.customer[departures]] = departures
    left = departure != NONE
    exit_ = np.where(left, facts.at[departure] if len(facts) else np.nan, facts.until)
    return FollowUp(entry, exit_, left, departure)
