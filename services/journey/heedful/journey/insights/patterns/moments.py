"""What came before and after a step, customer by customer. Pure.

Events stand customer by customer and by time, so before and after are comparisons of their
numbers. What happened at the same moment is neither.
"""

from dataclasses import dataclass

import numpy as np

from heedful.journey.insights.facts import NONE, Facts, Flags, Floats, Ints
from heedful.journey.insights.selecting import Places


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """
    Attributes:
        first, last: by event: the first and the last one of the same customer at the same time.
        line: by event: all customers' times behind each other, `span` days for each customer.
        turn: by the number of the customer: their place in the line.
    """

    first: Ints
    last: Ints
    line: Floats
    turn: Ints
    span: float
    start: float

    @classmethod
    def of(cls, facts: Facts) -> "Order":
        """Of facts with events of customers only."""
        begins = np.ones(len(facts), dtype=np.bool_)
        customers = begins.copy()
        customers[1:] = facts.customer[1:] != facts.customer[:-1]
        begins[1:] = customers[1:] | (facts.at[1:] != facts.at[:-1])
        starts = np.flatnonzero(begins)
        group = np.cumsum(begins) - 1
        ends = np.append(starts[1:], len(facts)) - 1
        place = np.cumsum(customers) - 1
        turn = np.zeros(len(facts.customers), dtype=np.int32)
        turn[facts.customer] = place
        start = float(facts.at.min(initial=facts.since))
        span = float(facts.at.max(initial=facts.until)) - start + 1
        line = place * span + (facts.at - start)
        return cls(
            starts[group].astype(np.int32), ends[group].astype(np.int32), line, turn, span, start
        )

    def since(self, customer: Ints, at: Floats) -> Ints:
        """The first event of each customer that is not before this time."""
        own = np.maximum(at - self.start, 0.0)
        return np.searchsorted(self.line, self.turn[customer] * self.span + own).astype(np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class Cohort:
    """Everybody at their first B, with all of the look-back and of the follow-up in the period.

    Attributes:
        events: the first B of each.
        at: when that was.
    """

    events: Ints
    customer: Ints
    at: Floats


def cohort(facts: Facts, events: Ints, look_back: float, follow: float) -> Cohort:
    """The risk set at B: later B's of the same customer do not count, so each counts once.

    Who is not followed for the whole span is left out, whatever they had before: exposed and
    others are followed for equally long from the same kind of moment.
    """
    # Customer by customer: the first of each is where another one begins.
    own = events[np.diff(facts.customer[events], prepend=NONE) != 0]
    at = facts.at[own]
    whole = (at - look_back >= facts.since) & (at + follow <= facts.until)
    own = own[whole]
    return Cohort(own, facts.customer[own], facts.at[own])


@dataclass(frozen=True, slots=True, eq=False)
class Exposure:
    """Before B, by member of the cohort.

    Attributes:
        last: the event of it that was last before B; -1 without one.
        exposed: the step happened within the look-back.
        never: it did not happen before B, as far as is known. Who had it only before the
            look-back is neither.
    """

    last: Ints
    exposed: Flags
    never: Flags


def exposure(facts: Facts, order: Order, base: Cohort, events: Ints, look_back: float) -> Exposure:
    """Who had this step before B."""
    last = latest(facts, order, base, events)
    never = last < 0
    ago = base.at - facts.at[last]
    return Exposure(last, ~never & (ago <= look_back), never)


def latest(facts: Facts, order: Order, base: Cohort, events: Ints) -> Ints:
    """The last of these events before B, by member; -1 without one."""
    some = _among(facts, base, events)
    place = np.searchsorted(events, order.first[base.events[some]]) - 1
    found = events[np.maximum(place, 0)]
    own = (place >= 0) & (facts.customer[found] == base.customer[some])
    return _of_members(base, some[own], found[own])


def earliest(facts: Facts, order: Order, base: Cohort, events: Ints, follow: float) -> Ints:
    """The first of these events after B and within the follow-up, by member; -1 without one."""
    some = _among(facts, base, events)
    place = np.searchsorted(events, order.last[base.events[some]], side="right")
    found = events[np.minimum(place, len(events) - 1)]
    own = (place < len(events)) & (facts.customer[found] == base.customer[some])
    own &= facts.at[found] <= base.at[some] + follow
    return _of_members(base, some[own], found[own])


def _among(facts: Facts, base: Cohort, events: Ints) -> Places:
    """The members to whom any of these events happened: few, as a rule."""
    theirs = np.zeros(len(facts.customers), dtype=np.bool_)
    theirs[facts.customer[events]] = True
    return np.flatnonzero(theirs[base.customer])


def _of_members(base: Cohort, some: Places, events: Ints) -> Ints:
    found = np.full(len(base.events), -1, dtype=np.int32)
    found[some] = events
    return found


def running(some: Flags) -> Ints:
    """How many of some events stand before each, and after the last one."""
    return np.concatenate([[0], np.cumsum(some)]).astype(np.int32)


def count_before(facts: Facts, order: Order, base: Cohort, counted: Ints, look_back: float) -> Ints:
    """How many of the `running` events each member had within the look-back before B."""
    begin = order.since(base.customer, base.at - look_back)
    found: Ints = (counted[order.first[base.events]] - counted[begin]).astype(np.int32)
    return found
