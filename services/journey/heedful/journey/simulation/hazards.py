"""By how much each customer's hazard of leaving is multiplied, at any time."""

from dataclasses import dataclass

import numpy as np

from heedful.journey.insights.facts import Flags, Floats, Ints
from heedful.journey.simulation import world
from heedful.journey.simulation.effects import ChurnDrivers
from heedful.journey.simulation.feelings import INTENSE
from heedful.journey.simulation.rows import Rows, mentions

_LONGEST = 1e4
"""Days: more than any simulation has. With it a customer and a time are one number to sort by."""


@dataclass(frozen=True, slots=True, eq=False)
class Hazards:
    """Logarithms of hazard ratios, constant between breakpoints.

    Attributes:
        keys: customer and time of each breakpoint, as one number, ascending.
        log_ratio: from each breakpoint to the next one of the customer.
    """

    since: float
    keys: Floats
    log_ratio: Floats

    def key(self, customer: Ints, at: Floats) -> Floats:
        found: Floats = customer * _LONGEST + (at - self.since)
        return found

    def at(self, customer: Ints, at: Floats) -> Floats:
        """The logarithm of the ratio of each customer at each time."""
        return self._at(self.key(customer, at))

    def first(
        self, customer: Ints, start: Floats, end: Floats, rate: float, draw: Floats
    ) -> Floats:
        """When the hazard, `rate` a day times the ratio, has added up to `draw`; infinity where
        it has not before `end`. Customers are ascending and distinct."""
        starts, ends = self.key(customer, start), self.key(customer, end)
        inside = self.keys[_within(self.keys, starts, ends)]
        edges = np.sort(np.concatenate([starts, inside, ends]))
        who = (edges // _LONGEST).astype(np.int32)
        ratio = np.exp(self._at(edges[:-1]))
        length = np.where(who[1:] == who[:-1], np.diff(edges), 0.0)
        total = np.concatenate([[0.0], np.cumsum(rate * ratio * length)])
        target = total[np.searchsorted(edges, starts)] + draw
        place = np.minimum(np.searchsorted(total, target, side="right") - 1, len(ratio) - 1)
        reached = target < total[np.searchsorted(edges, ends)]
        slope = np.where(reached, rate * ratio[place], 1.0)
        into = (target - total[place]) / slope
        found: Floats = np.where(reached, edges[place] + into - starts + start, np.inf)
        return found

    def _at(self, keys: Floats) -> Floats:
        # Every customer's sum is back at 0 behind their last breakpoint.
        place = np.searchsorted(self.keys, keys, side="right")
        found: Floats = np.concatenate([[0.0], self.log_ratio])[place]
        return found


def hazards(drivers: ChurnDrivers | None, since: float, rows: Rows) -> Hazards:
    """Ratios of drivers multiply; a driver that comes again while it lasts only lasts longer."""
    if drivers is None:
        return Hazards(since, np.array([]), np.array([]))
    customers, times, steps = [], [], []
    for found, ratio in _driving(drivers, rows):
        who, at, change = _spells(found["customer"], found["at"], drivers.window_days)
        customers.append(who)
        times.append(at)
        steps.append(change * np.log(ratio))
    keys = np.concatenate(customers) * _LONGEST + (np.concatenate(times) - since)
    order = np.argsort(keys, kind="stable")
    return Hazards(since, keys[order], np.cumsum(np.concatenate(steps)[order]))


def long_wait_s(drivers: ChurnDrivers | None, rows: Rows) -> float:
    """From which duration on a visit or call is among the longest; infinity without any."""
    timed = rows["duration_s"][~np.isnan(rows["duration_s"])]
    if drivers is None or not len(timed):
        return float("inf")
    return float(np.quantile(timed, 1 - drivers.longest))


def _driving(drivers: ChurnDrivers, rows: Rows) -> list[tuple[Rows, float]]:
    negative = rows["valence"] < 0
    found = [
        (rows[negative & mentions(rows, world.topic(topic))], ratio)
        for topic, ratio in drivers.topics.items()
    ]
    return [
        *found,
        (rows[rows["valence"] <= -INTENSE], drivers.red),
        (rows[rows["duration_s"] > long_wait_s(drivers, rows)], drivers.wait),
    ]


def _spells(who: Ints, at: Floats, window: float) -> tuple[Ints, Floats, Ints]:
    """Begins (+1) and ends (-1) of the times in which a customer is under at least one event."""
    customers = np.concatenate([who, who])
    times = np.concatenate([at, at + window])
    change = np.repeat(np.array([1, -1], dtype=np.int32), len(who))
    order = np.lexsort((change, times, customers))
    running = np.cumsum(change[order])
    edge = ((change[order] == 1) & (running == 1)) | ((change[order] == -1) & (running == 0))
    chosen = order[edge]
    return customers[chosen], times[chosen], change[chosen]


def _within(keys: Floats, starts: Floats, ends: Floats) -> Flags:
    """Which keys lie between a start and the end that belongs to it."""
    if not len(starts):
        return np.zeros(len(keys), dtype=np.bool_)
    place = np.searchsorted(starts, keys, side="right") - 1
    found: Flags = (place >= 0) & (keys > starts[place]) & (keys < ends[place])
    return found
