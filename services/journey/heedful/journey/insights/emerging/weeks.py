"""How often each topic is spoken of, week by week."""

from dataclasses import dataclass

import numpy as np

from heedful.journey.insights.facts import Facts, Flags, Floats

WEEK = 7.0


@dataclass(frozen=True, slots=True, eq=False)
class Weeks:
    """Whole weeks, the last of which ends with the period; what is left at its begin is not there.

    Attributes:
        begin: of the first, days since 1970-01-01 UTC.
        counts: topics x weeks.
        totals: all feedback, by week.
    """

    begin: float
    counts: Floats
    totals: Floats

    def __len__(self) -> int:
        return len(self.totals)


def weekly(facts: Facts, said: Flags) -> Weeks:
    """Of the feedback `said`."""
    weeks = int((facts.until - facts.since) // WEEK)
    begin = facts.until - weeks * WEEK
    of = np.floor((facts.at - begin) / WEEK).astype(np.int64)
    inside = said & (of >= 0) & (of < weeks)
    totals = np.bincount(of[inside], minlength=weeks)
    event = facts.topics.events
    counted = inside[event]
    topics = len(facts.topics.names)
    cell = facts.topics.codes[counted].astype(np.int64) * weeks + of[event[counted]]
    counts = np.bincount(cell, minlength=topics * weeks).reshape(topics, weeks)
    return Weeks(begin, counts.astype(np.float64), totals.astype(np.float64))
