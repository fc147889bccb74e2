"""Lets time pass for a household: at every look the steps that are due are taken.

Nothing here is known of how heedful finds them: a step is taken at the first look at which it is
due and still means something.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tests.integration.alerting.year.oracle.case import Case
from tests.integration.alerting.year.oracle.clock import Rise, Taken
from tests.integration.alerting.year.oracle.household import PATIENCE, Household
from tests.integration.alerting.year.oracle.rules import Book
from tests.integration.alerting.year.scene import Act, Happening, Year

TIMERS_FIRST, RECORDS, WATCH, TIMERS = range(4)
"""What is done in this order at one moment."""
_TOLD: Final = {"warned", "escalated", "breached"}


@dataclass(frozen=True, slots=True)
class Facts:
    """What only the run itself knows.

    Attributes:
        again: by tick, when it was looked once more because a replica had been killed.
        resumed: by the item that opened the case, when heedful ended pauses by itself.
        until: the last tick.
    """

    again: Mapping[int, Sequence[int]]
    resumed: Mapping[str, Sequence[int]]
    until: int


@dataclass(frozen=True, slots=True, order=True)
class Look:
    """At the timers, or at what waits for labels."""

    at: int
    rank: int
    tick: int


class Looks:
    """All of a year, in order."""

    def __init__(self, year: Year, facts: Facts) -> None:
        ticks = [at for at in year.ticks() if at <= facts.until]
        first = {one.until for one in year.downtimes if one.timers_first}
        timers = [Look(at, TIMERS, at) for at in ticks]
        timers += [Look(at, TIMERS_FIRST, at) for at in ticks if at in first]
        timers += [Look(at, TIMERS, tick) for tick, more in facts.again.items() for at in more]
        self._timers = sorted(timers)
        self._watch = [Look(at, WATCH, at) for at in ticks]
        self._last = {tick: tick for tick in ticks}
        self._last |= {tick: max(more) for tick, more in facts.again.items() if more}

    def at_timers(self, due: int, after: tuple[int, int]) -> Look | None:
        """The first at which something is due, behind a moment and what was done at it."""
        return _first(self._timers, due, after)

    def at_watch(self, due: int, after: tuple[int, int]) -> Look | None:
        return _first(self._watch, due, after)

    def last(self, look: Look) -> int:
        """The last of its tick."""
        return self._last[look.tick]


def lived(book: Book, happenings: Sequence[Happening], looks: Looks, facts: Facts) -> Household:
    """The household at the end.

    Args:
        happenings: all of its own, in their order.
    """
    household = Household(book)
    life = _Life(household, looks, facts)
    for batch in _batches([one for one in happenings if one.at <= facts.until]):
        life.pass_until((batch[0].at, RECORDS))
        first = batch[0]
        if isinstance(first, Act):
            household.act(first)
        else:
            household.take(batch, first.at)
        life.reached = (first.at, RECORDS)
    life.pass_until(None)
    return household


def _batches(happenings: Sequence[Happening]) -> Iterator[list[Happening]]:
    """Records of one moment come together; a request comes alone."""
    batch: list[Happening] = []
    for one in happenings:
        if batch and (isinstance(one, Act) or isinstance(batch[0], Act) or one.at != batch[0].at):
            yield batch
            batch = []
        batch.append(one)
    if batch:
        yield batch


@dataclass(slots=True)
class _Life:
    household: Household
    looks: Looks
    facts: Facts
    reached: tuple[int, int] = (0, RECORDS)

    def pass_until(self, end: tuple[int, int] | None) -> None:
        """Every look before that."""
        while True:
            look = self._next()
            if look is None or (end is not None and (look.at, look.rank) >= end):
                return
            if look.rank == WATCH:
                self.household.give_up(look.at)
            else:
                for case in list(self.household.cases.values()):
                    self._look_at(case, look)
            self.reached = (look.at, look.rank)

    def _next(self) -> Look | None:
        found = [
            self.looks.at_watch(one.received_at + PATIENCE, self.reached)
            for one in self.household.watched.values()
        ]
        for case in self.household.cases.values():
            if case.waits_until is not None:
                found.append(self._resumption(case))
            coming = self._coming(case, self.reached[0])
            if coming:
                soonest = min(rise.at for _, rise in coming)
                found.append(self.looks.at_timers(soonest, self.reached))
        return min((look for look in found if look is not None), default=None)

    def _look_at(self, case: Case, look: Look) -> None:
        if case.waits_until is not None and self._resumption(case) == look:
            case.resume(look.at)
        for number, rise in self._coming(case, look.at):
            if rise.at <= look.at:
                run = case.runs[number]
                run.taken[rise.name] = Taken(rise, look.at, look.rank, self.looks.last(look))
                if rise.kind == "breached":
                    run.breached_at = rise.at

    def _coming(self, case: Case, now: int) -> list[tuple[int, Rise]]:
        if not case.runs:
            return []
        ladder = case.ruled.policy.ladders[case.ruled.rule.ladder]
        desk = self.household.book.desk(case.ruled, now)
        return [
            (number, rise)
            for number, run in enumerate(case.runs)
            for rise in run.coming(ladder, desk)
        ]

    def _resumption(self, case: Case) -> Look | None:
        """When heedful ends a pause: at the first look, or at a later one of that tick if it was
        seen to be so."""
        due = case.waits_until
        look = None if due is None else self.looks.at_timers(due, self.reached)
        if look is None:
            return None
        seen = [
            at
            for at in self.facts.resumed.get(case.item.id, ())
            if look.at <= at <= self.looks.last(look)
        ]
        return self.looks.at_timers(seen[0], self.reached) if seen else look


def _first(looks: Sequence[Look], due: int, after: tuple[int, int]) -> Look | None:
    place = max(
        bisect_left(looks, (due,), key=lambda look: (look.at,)),
        bisect_left(looks, (*after, True), key=lambda look: (look.at, look.rank, False)),
    )
    return looks[place] if place < len(looks) else None
