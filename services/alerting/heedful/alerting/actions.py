"""What the API does to a case: one transaction under the case's row lock."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import store_cases, store_links, store_queries, store_verifications, work
from heedful.alerting.case import Case, Step
from heedful.alerting.database import Database
from heedful.alerting.folding import apply
from heedful.alerting.ledger import Ledger
from heedful.alerting.records import FeedbackKey, StoredCase, Tally
from heedful.alerting.responses import Responses
from heedful.alerting.rulebook import Book
from heedful.alerting.states import WORKING, State, WrongTransition
from heedful.alerting.verification.plan import Fix, Plan
from heedful.alerting.work import NotAllowed
from heedful.common.contracts import Actor, CaseEventKind, FeedbackRef
from heedful.common.errors import HeedfulError

Making = Callable[[Case, datetime], Sequence[Step]]
"""The steps that a caller wants, of the case as it is then."""


class NoSuchCase(HeedfulError):
    """The tenant has no such case."""


class Moved(HeedfulError):
    """Something happened to the case since the caller saw it: `event` is the last."""

    def __init__(self, state: State, sequence: int, event: Row[Any]) -> None:
        super().__init__(f"event {sequence} has happened to the case by now, and it is {state}")
        self.state = state
        self.sequence = sequence
        self.actor = Actor(type=event.actor_type, id=event.actor_id)
        self.at: datetime = event.recorded_at


@dataclass(frozen=True, slots=True)
class Seen:
    """A case of a tenant as a caller saw it.

    Attributes:
        sequences: it must be at one of these events, or nothing is done; None: at any.
    """

    tenant: str
    case_id: str
    sequences: frozenset[int] | None = None


@dataclass(slots=True)
class _Work:
    """A transaction over cases of one tenant, locked."""

    connection: AsyncConnection
    now: datetime
    tally: Tally
    cases: dict[str, StoredCase]


class Actions:
    """The steps that a caller can take.

    Args:
        zone: in whose days fixes are looked at.
    """

    def __init__(
        self, database: Database, ledger: Ledger, woken: Callable[[], None], zone: tzinfo
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._responses = Responses(ledger)
        self._woken = woken
        self._zone = zone

    async def take(self, seen: Seen, making: Making) -> str:
        """Append the steps that `making` gives; gives the id of the case.

        Raises:
            NoSuchCase: the tenant has none of that id.
            Moved: the case is not as it was seen.
            WrongTransition: the state does not allow it.
            NotAllowed: who asks may not do it.
            NotAnswered: the customer still waits for a person.
        """
        async with self._locked(seen) as held:
            stored = held.cases[seen.case_id]
            steps = [(stored, step) for step in making(stored.case, held.now)]
            await self._ledger.append(held.connection, held.now, steps, held.tally)
        return seen.case_id

    async def land(self, seen: Seen, making: Making, plan: Plan | None) -> str:
        """Append the steps that `making` gives, and look later at what the fix has moved.

        Raises:
            NoSuchCase, Moved, WrongTransition: as of `take`.
        """
        async with self._locked(seen) as held:
            stored = held.cases[seen.case_id]
            steps = [(stored, step) for step in making(stored.case, held.now)]
            after = await self._ledger.append(held.connection, held.now, steps, held.tally)
            if plan is not None:
                sequence = after[stored.id].case.sequence
                received = stored.received_at
                fix = Fix.of(
                    stored.tenant, stored.id, sequence, plan, received, held.now, self._zone
                )
                await store_verifications.plan(held.connection, fix, self._zone)
        return seen.case_id

    async def reopen(self, seen: Seen, actor: Actor, note: str | None) -> str:
        """Every clock that has ended runs anew, by the policy of today.

        Raises:
            NoSuchCase, Moved, WrongTransition: as of `take`.
        """
        async with self._locked(seen) as held:
            stored = held.cases[seen.case_id]
            book = await self._ledger.rulebook.book(held.connection, [stored])
            active, rule = book.active[seen.tenant], book.rule_now(stored)
            found = work.reopened(held.now, actor, active, rule, note)
            steps = [(stored, step) for step in found]
            await self._ledger.append(held.connection, held.now, steps, held.tally, book)
        return seen.case_id

    async def merge(self, seen: Seen, into: str, actor: Actor) -> str:
        """One matter: the case `into` goes on with what both know.

        Raises:
            NoSuchCase, Moved, WrongTransition, NotAllowed: as of `take`.
        """
        case_id = seen.case_id
        async with self._locked(seen, into) as held:
            if into == case_id:
                raise NotAllowed("into: a case cannot be merged into itself")
            gone, survivor = held.cases[case_id], held.cases[into]
            if survivor.case.state not in WORKING:
                allowed = tuple(sorted(WORKING))
                raise WrongTransition(CaseEventKind.FEEDBACK_LINKED, survivor.case.state, allowed)
            book = await self._ledger.rulebook.book(held.connection, [gone, survivor])
            terms = book.active[seen.tenant].terms(book.rule_now(gone), gone.received_at)
            steps = [
                *(
                    (survivor, _linked(one.key, held.now, actor))
                    for one in await store_links.of_case(held.connection, case_id)
                ),
                *(
                    (survivor, step)
                    for step in work.taken_in(survivor.case, gone.case, held.now, actor, terms)
                ),
                *((gone, step) for step in work.merged(held.now, actor, into)),
            ]
            await self._ledger.append(held.connection, held.now, steps, held.tally, book)
            await store_links.share_keys(held.connection, case_id, into)
            await self._match(held, into)
        return case_id

    async def unmerge(self, seen: Seen, actor: Actor, note: str | None) -> str:
        """A matter of its own after all.

        Raises:
            NoSuchCase, Moved, WrongTransition: as of `take`.
        """
        case_id = seen.case_id
        async with self._locked(seen) as held:
            stored = held.cases[case_id]
            into = stored.case.merged_into
            steps = [(stored, step) for step in work.unmerged(held.now, actor, note)]
            await self._ledger.append(held.connection, held.now, steps, held.tally)
            if into is not None:
                await store_links.unshare_keys(held.connection, case_id, into)
            await self._match(held, case_id)
        return case_id

    async def split(self, seen: Seen, source: str, id_: str, actor: Actor) -> str:
        """One feedback becomes a case of its own; gives its id.

        Raises:
            NoSuchCase, Moved, WrongTransition, NotAllowed: as of `take`.
        """
        case_id, key = seen.case_id, FeedbackKey(seen.tenant, source, id_)
        async with self._locked(seen) as held:
            stored = held.cases[case_id]
            linked = await store_links.of_case(held.connection, case_id)
            one = next((link for link in linked if link.key == key), None)
            if one is None:
                raise NotAllowed("source, id: this feedback is not on the case")
            if len(linked) == 1 or key.case_id == case_id:
                raise NotAllowed("this case was opened for this feedback; split another one off")
            book = await self._ledger.rulebook.book(held.connection, [stored])
            ref = FeedbackRef(source=source, id=id_)
            step = Step(CaseEventKind.SPLIT, held.now, actor, feedback=ref)
            await self._ledger.append(held.connection, held.now, [(stored, step)], held.tally, book)
            child = _child(stored, one, book, held.now, actor)
            made = await self._ledger.open(held.connection, held.now, [child], book, held.tally)
            if not made:
                raise NotAllowed("this feedback was split off before; reopen that case instead")
            await store_links.move(held.connection, one, case_id, key.case_id)
            await self._match(held, key.case_id)
        return key.case_id

    async def _match(self, held: _Work, case_id: str) -> None:
        """Somebody may have been answered before the clock that waits for it was there."""
        await self._responses.match(held.connection, held.now, [case_id], (), held.tally)

    @asynccontextmanager
    async def _locked(self, seen: Seen, other: str | None = None) -> AsyncIterator[_Work]:
        tally = Tally()
        wanted = [seen.case_id] if other is None else [seen.case_id, other]
        async with self._database.begin() as (connection, now):
            locked = await store_cases.lock_cases(connection, wanted)
            cases = {name: one for name, one in locked.items() if one.tenant == seen.tenant}
            if seen.case_id not in cases:
                raise NoSuchCase
            await _require_unmoved(connection, seen, cases[seen.case_id].case)
            if other is not None and other not in cases:
                raise NotAllowed("into: there is no such case")
            yield _Work(connection, now, tally, cases)
        tally.publish()
        self._woken()


async def _require_unmoved(connection: AsyncConnection, seen: Seen, case: Case) -> None:
    """RFC 9110 §13.1.1, once nobody else can move the case any more."""
    if seen.sequences is not None and case.sequence not in seen.sequences:
        last = await store_queries.last_event(connection, seen.case_id)
        raise Moved(case.state, case.sequence, last)


def _linked(key: FeedbackKey, now: datetime, actor: Actor) -> Step:
    ref = FeedbackRef(source=key.source, id=key.id)
    return Step(CaseEventKind.FEEDBACK_LINKED, now, actor, feedback=ref)


def _child(
    parent: StoredCase, one: store_links.Linked, book: Book, now: datetime, actor: Actor
) -> tuple[StoredCase, Step]:
    """The case of a feedback that is split off; its clocks count from when that was received."""
    active, rule = book.active[parent.tenant], book.rule_now(parent)
    step = Step(
        kind=CaseEventKind.OPENED,
        at=now,
        actor=actor,
        colour=one.colour,
        feedback=FeedbackRef(source=one.key.source, id=one.key.id),
        terms=active.terms(rule, one.received_at),
        since=one.received_at,
        detail={"policy": active.ref, "rule": rule.name, "split_from": parent.id},
    )
    child = replace(
        parent,
        id=one.key.case_id,
        source=one.key.source,
        feedback_id=one.key.id,
        channel=one.channel,
        received_at=one.received_at,
        case=apply(None, step, book.calendars[parent.tenant]),
    )
    return child, step
