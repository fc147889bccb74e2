"""Customers' time cut where their covariates change: the rows that Cox's model is fitted on. Pure.

Only the moments at which somebody left count in the partial likelihood, so time is their number:
a row that lies between two of them is never made.
"""

from dataclasses import dataclass

import numpy as np

from heedful.journey.insights.churn_drivers.marks import Marks
from heedful.journey.insights.distinct import distinct
from heedful.journey.insights.facts import Facts, Flags, Floats, Ints
from heedful.journey.insights.followup import FollowUp


@dataclass(frozen=True, slots=True, eq=False)
class Intervals:
    """Rows (start, stop] of customers, in which their covariates stay the same.

    Attributes:
        start, stop: numbers of moments of departure.
        left: the customer departed at `stop`.
        x: (rows, drivers): it happened to them at most a window ago, and before this moment.
    """

    customer: Ints
    start: Ints
    stop: Ints
    left: Flags
    x: Flags

    @property
    def moments(self) -> Ints:
        """At how many departures of anybody a row was at risk."""
        return self.stop - self.start


def intervals(facts: Facts, follow: FollowUp, marks: Marks, window: float) -> Intervals:
    """All rows of all customers who were at risk when anybody left.

    A driver holds from just after it happened for `window` days: what happens at the moment of
    leaving is part of leaving, not a driver of it.
    """
    moments = distinct(follow.exit[follow.left])
    base = len(moments) + 1

    def rank(at: Floats) -> Ints:
        return np.searchsorted(moments, at, side="right").astype(np.int64)

    entry, exit_ = rank(follow.entry), rank(follow.exit)
    watched = ~np.isnan(follow.entry) & (entry < exit_)
    of = facts.customer[marks.event].astype(np.int64)
    on = np.maximum(rank(facts.at[marks.event]), entry[of])
    off = np.minimum(rank(facts.at[marks.event] + window), exit_[of])
    counts = watched[of] & (on < off)
    of, on, off, driver = of[counts], on[counts], off[counts], marks.driver[counts]

    customers = np.flatnonzero(watched)
    early = off < exit_[of]
    keys = distinct(
        np.concatenate(
            [
                customers * base + entry[customers],
                of * base + on,
                of[early] * base + off[early],
            ]
        )
    )
    customer, start = keys // base, keys % base
    last = np.ones(len(keys), dtype=np.bool_)
    last[:-1] = customer[1:] != customer[:-1]
    stop = np.where(last, exit_[customer], np.roll(start, -1))
    # A driver that holds to the end holds up to where the next customer begins.
    ends = np.where(early, of * base + off, (of + 1) * base)
    begin, end = np.searchsorted(keys, of * base + on), np.searchsorted(keys, ends)
    lengths = end - begin
    before = np.cumsum(lengths) - lengths
    rows = np.repeat(begin - before, lengths) + np.arange(int(lengths.sum()))
    x = np.zeros((len(keys), len(marks.drivers)), dtype=np.bool_)
    x[rows, np.repeat(driver, lengths)] = True
    left = last & follow.left[customer]
    return Intervals(
        customer.astype(np.int32), start.astype(np.int32), stop.astype(np.int32), left, x
    )
