"""What may drive customers away, and when it happened to them. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from heedful.journey.insights.complaints import complaints
from heedful.journey.insights.distinct import distinct
from heedful.journey.insights.facts import NONE, Facts, Flags, Ints

THIRD: Final = 3
"""The contact at which one matter is not solved by asking once more."""


class Kind(StrEnum):
    TOPIC = "topic"
    LIGHT = "light"
    WAIT = "wait"
    CONTACT = "contact"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class Driver:
    kind: Kind
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """Each entry: this driver happened in this event. Events rise within a driver.

    Attributes:
        driver: index of `drivers`.
        event: index of the facts; of somebody.
    """

    drivers: tuple[Driver, ...]
    driver: Ints
    event: Ints

    def of(self, driver: int) -> Ints:
        """The events in which one driver happened, in order."""
        found: Ints = self.event[self.driver == driver]
        return found


def marks(facts: Facts, within: Flags, window: float, topics: int) -> Marks:
    """All drivers that happened to anybody.

    Args:
        within: which events may count.
        window: days in which three contacts are three on one matter.
        topics: at most so many, those with most customers first.
    """
    # Who says that they leave is leaving already: that is no driver of it.
    some = within & (facts.customer != NONE) & ~facts.leaving
    found: dict[Driver, Ints] = _complained(facts, some, topics)
    found[Driver(Kind.LIGHT, "red")] = _where(some & facts.voiced & facts.colour.having("red"))
    found[Driver(Kind.WAIT, "long_wait")] = _long(facts, some)
    found[Driver(Kind.CONTACT, "third_contact")] = _third(facts, some, window)
    found[Driver(Kind.REFUND, "refund")] = _where(some & facts.interaction.having("refund"))
    there = {driver: events for driver, events in found.items() if len(events)}
    lengths = [len(events) for events in there.values()]
    return Marks(
        tuple(there),
        np.repeat(np.arange(len(there), dtype=np.int32), lengths),
        np.concatenate([*there.values(), np.empty(0, dtype=np.intp)]).astype(np.int32),
    )


def _complained(facts: Facts, some: Flags, most: int) -> dict[Driver, Ints]:
    blamed = (some & complaints(facts))[facts.topics.events]
    events, codes = facts.topics.events[blamed], facts.topics.codes[blamed]
    pairs = distinct(codes.astype(np.int64) * len(facts.customers) + facts.customer[events])
    customers = np.bincount(
        pairs // max(len(facts.customers), 1), minlength=len(facts.topics.names)
    )
    order = sorted(range(len(customers)), key=lambda code: (-customers[code], code))
    return {
        Driver(Kind.TOPIC, facts.topics.names[code]): distinct(events[codes == code])
        for code in order[:most]
    }


def _long(facts: Facts, some: Flags) -> Ints:
    """Calls, visits and the like that are among the longest tenth of all."""
    timed = some & ~facts.feedback & ~np.isnan(facts.duration_s)
    if not timed.any():
        return np.empty(0, dtype=np.int32)
    longest = np.quantile(facts.duration_s[timed], 0.9)
    return _where(timed & (facts.duration_s > longest))


def _third(facts: Facts, some: Flags, window: float) -> Ints:
    """Contacts that are at least the third of their customer within the window."""
    contacts = _where(some & facts.interaction.having("contact"))
    if len(contacts) < THIRD:
        return np.empty(0, dtype=np.int32)
    last, first = contacts[THIRD - 1 :], contacts[: 1 - THIRD]
    same = facts.customer[last] == facts.customer[first]
    near = facts.at[last] - facts.at[first] <= window
    found: Ints = last[same & near]
    return found


def _where(some: Flags) -> Ints:
    return np.flatnonzero(some).astype(np.int32)
