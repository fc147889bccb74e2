"""What an item with its light means: a new case, more about one that there is, or nothing.

Exactly one case for each feedback, whoever comes first and however often it comes.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import store_cases, store_links
from heedful.alerting.case import Step
from heedful.alerting.grouping import Grouped, Known, group
from heedful.alerting.joining import begun, changed, explains, joined, opened
from heedful.alerting.ledger import Ledger
from heedful.alerting.policies.document import Rule
from heedful.alerting.policies.matching import match
from heedful.alerting.records import Classified, Recorded, StoredCase, Tally
from heedful.alerting.rulebook import Active
from heedful.alerting.store_links import Link
from heedful.common.contracts import Colour

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Judged:
    """A feedback with the rule of the active policy that it falls under."""

    one: Classified
    active: Active
    rule: Rule


class Openings:
    """The one place where cases begin and grow."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def take(
        self,
        connection: AsyncConnection,
        now: datetime,
        found: Sequence[Classified],
        tally: Tally,
    ) -> set[str]:
        """Open, join and reclassify; gives the cases that were touched. A replay touches none."""
        if not found:
            return set()
        active = await self._ledger.rulebook.active(connection, {one.key.tenant for one in found})
        judged = []
        for one in found:
            held = active[one.key.tenant]
            judged.append(Judged(one, held, match(held.policy, one.feedback.item)))
        # Two replicas that hear of one person at one time must not open a case each.
        wanted = [one.one.feedback for one in judged if one.rule.clocks]
        await store_links.lock_people(connection, wanted)
        links = await store_links.find(connection, [one.one.key for one in judged])
        linked = deque(
            (links[one.one.key], one)
            for one in judged
            if one.one.key in links and _tells(links[one.one.key], one.one)
        )
        untold: list[Recorded] = []
        touched: set[str] = set()
        while linked:
            touched |= await self._reclassify(connection, now, linked, tally, untold)
        news = [one for one in judged if one.rule.clocks and one.one.key not in links]
        touched |= await self._start(connection, now, news, active, tally, untold)
        await self._ledger.tell(connection, now, untold, active, tally)
        return touched

    async def _reclassify(
        self,
        connection: AsyncConnection,
        now: datetime,
        linked: deque[tuple[Link, Judged]],
        tally: Tally,
        untold: list[Recorded],
    ) -> set[str]:
        """One feedback for each case: the next one finds the case as this one left it."""
        this_time = _one_each(linked, lambda pair: pair[0].worked_on)
        locked = await store_cases.lock_cases(connection, this_time)
        for case_id, into in _merged(locked).items():
            link, one = this_time.pop(case_id)
            linked.append((replace(link, worked_on=into), one))
        lights = [(one.one.key, one.one.shown) for _, one in this_time.values()]
        await store_links.recolour(connection, lights)
        waiting = await store_links.without_labels(connection, this_time)
        steps, reasons = [], {}
        for case_id, (link, one) in this_time.items():
            stored = locked[case_id]
            found = changed(
                stored,
                one.one,
                one.active,
                one.rule,
                now,
                first=not link.classified,
                waiting=case_id in waiting,
            )
            steps += [(stored, step) for step in found]
            if explains(found, one.one, stored.case):
                reasons[case_id] = one.one.reasons
        await store_cases.set_reasons(connection, reasons)
        await self._ledger.append(connection, now, steps, tally, untold=untold)
        return set(this_time)

    async def _start(
        self,
        connection: AsyncConnection,
        now: datetime,
        fresh: Sequence[Judged],
        active: Mapping[str, Active],
        tally: Tally,
        untold: list[Recorded],
    ) -> set[str]:
        if not fresh:
            return set()
        news = {one.one.key: one for one in fresh}
        known = await store_links.find_cases(connection, [one.one.feedback for one in fresh])
        grouped = _grouped(list(news.values()), known)
        openings = [_opening(news[one.key], now) for one in grouped.opening]
        opened_cases = [stored for stored, _ in openings]
        book = await self._ledger.rulebook.book(connection, opened_cases, active)
        touched = await self._ledger.open(connection, now, openings, book, tally, untold)
        links_of = [(one.key.case_id, one) for one in grouped.opening]
        await store_links.insert(connection, [pair for pair in links_of if pair[0] in touched])
        joining = deque((case_id, news[one.key]) for case_id, one in grouped.joining)
        while joining:
            touched |= await self._join(connection, now, joining, tally, untold)
        return touched

    async def _join(
        self,
        connection: AsyncConnection,
        now: datetime,
        joining: deque[tuple[str, Judged]],
        tally: Tally,
        untold: list[Recorded],
    ) -> set[str]:
        """One feedback for each case: the next one finds the case as this one left it."""
        placed = _one_each(joining, lambda pair: pair[0])
        this_time = {case_id: one for case_id, (_, one) in placed.items()}
        locked = await store_cases.lock_cases(connection, this_time)
        for case_id, into in _merged(locked).items():
            joining.append((into, this_time.pop(case_id)))
        pairs = [(case_id, one.one) for case_id, one in this_time.items() if case_id in locked]
        fresh = await store_links.insert(connection, pairs)
        steps, reasons = [], {}
        for case_id, one in this_time.items():
            if one.one.key in fresh:
                stored = locked[case_id]
                found = joined(stored, one.one, one.active, one.rule, now)
                steps += [(stored, step) for step in found]
                if explains(found, one.one, stored.case):
                    reasons[case_id] = one.one.reasons
        await store_cases.set_reasons(connection, reasons)
        return set(await self._ledger.append(connection, now, steps, tally, untold=untold))


def _one_each(waiting: deque[T], case_of: Callable[[T], str]) -> dict[str, T]:
    """Take the first for each case; the others wait, in their order."""
    found: dict[str, T] = {}
    for _ in range(len(waiting)):
        one = waiting.popleft()
        if case_of(one) in found:
            waiting.append(one)
        else:
            found[case_of(one)] = one
    return found


def _merged(locked: Mapping[str, StoredCase]) -> dict[str, str]:
    """Those that went into another case while we waited for them, with that one."""
    found = {case_id: stored.case.merged_into for case_id, stored in locked.items()}
    return {case_id: into for case_id, into in found.items() if into is not None}


def _tells(link: Link, one: Classified) -> bool:
    """Whether its light is news to the case that it is on."""
    first = one.colour is not None and not link.classified
    return first or (one.colour is Colour.RED and link.colour is not Colour.RED)


def _grouped(news: Sequence[Judged], known: Sequence[Known]) -> Grouped:
    """By tenant, for each has its own idea of how long a matter stays one."""
    result = Grouped()
    within = {one.one.key.tenant: one.active.policy.regroup_within for one in news}
    for tenant, limit in within.items():
        ours = [one.one for one in news if one.one.key.tenant == tenant]
        found = group(ours, [one for one in known if one.tenant == tenant], limit)
        result.opening += found.opening
        result.joining += found.joining
    return result


def _opening(judged: Judged, now: datetime) -> tuple[StoredCase, Step]:
    one, active = judged.one, judged.active
    step = opened(one, active, judged.rule, now)
    return begun(one.key.case_id, one, active, step), step
