"""What the API does to a case: one transaction under the case's row lock."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import store_cases, store_links, store_verifications, work
from heedful.alerting.case import Case, Step
from heedful.alerting.database import Database
from heedful.alerting.folding import apply
from heedful.alerting.ledger import Ledger
from heedful.alerting.records import FeedbackKey, StoredCase, Tally
from heedful.alerting.responses import Responses
from heedful.alerting.rulebook import Book
from heedful.alerting.states import WORKING, WrongTransition
from heedful.alerting.verification.plan import Fix, Plan
from heedful.alerting.work import NotAllowed
from heedful.common.contracts import Actor, CaseEventKind, FeedbackRef
from heedful.common.errors import HeedfulError

Making = Callable[[Case, datetime], Sequence[Step]]
"""The steps that a caller wants, of the case as it is then."""


class NoSuchCase(HeedfulError):
    """The tenant has no such case."""


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

    async def take(self, tenant: str, case_id: str, making: Making) -> str:
        """Append the steps that `making` gives; gives the id of the case.

        Raises:
            NoSuchCase: the tenant has none of that id.
            WrongTransition: the state does not allow it.
            NotAllowed: who asks may not do it.
            NotAnswered: the customer still waits for a person.
        """
        async with self._locked(tenant, case_id) as held:
            stored = held.cases[case_id]
            steps = [(stored, step) for step in making(stored.case, held.now)]
            await self._ledger.append(held.connection, held.now, steps, held.tally)
        return case_id

    async def land(self, tenant: str, case_id: str, making: Making, plan: Plan | None) -> str:
        """Append the steps that `making` gives, and look later at what the fix has moved.

        Raises:
            NoSuchCase, WrongTransition: as of `take`.
        """
        async with self._locked(tenant, case_id) as held:
            stored = held.cases[case_id]
            steps = [(stored, step) for step in making(stored.case, held.now)]
            after = await self._ledger.append(held.connection, held.now, steps, held.tally)
            if plan is not None:
                sequence = after[case_id].case.sequence
                fix = Fix.of(
                    tenant, case_id, sequence, plan, stored.received_at, held.now, self._zone
                )
                await store_verifications.plan(held.connection, fix, self._zone)
        return case_id

    async def reopen(self, tenant: str, case_id: str, actor: Actor, note: str | None) -> str:
        """Every clock that has ended runs anew, by the policy of today.

        Raises:
            NoSuchCase, WrongTransition: as of `take`.
        """
        async with self._locked(tenant, case_id) as held:
            stored = held.cases[case_id]
            book = await self._ledger.rulebook.book(held.connection, [stored])
            active, rule = book.active[tenant], book.rule_now(stored)
            found = work.reopened(held.now, actor, active, rule, note)
            steps = [(stored, step) for step in found]
            await self._ledger.append(held.connection, held.now, steps, held.tally, book)
        return case_id

    async def merge(self, tenant: str, case_id: str, into: str, actor: Actor) -> str:
        """One matter: the case `into` goes on with what both know.

        Raises:
            NoSuchCase, WrongTransition, NotAllowed: as of `take`.
        """
        async with self._locked(tenant, case_id, other=into) as held:
            if into == case_id:
                raise NotAllowed("into: a case cannot be merged into itself")
            gone, survivor = held.cases[case_id], held.cases[into]
            if survivor.case.state not in WORKING:
                allowed = tuple(sorted(WORKING))
                raise WrongTransition(CaseEventKind.FEEDBACK_LINKED, survivor.case.state, allowed)
            book = await self._ledger.rulebook.book(held.connection, [gone, survivor])
            terms = book.active[tenant].terms(book.rule_now(gone), gone.received_at)
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

    async def unmerge(self, tenant: str, case_id: str, actor: Actor, note: str | None) -> str:
        """A matter of its own after all.

        Raises:
            NoSuchCase, WrongTransition: as of `take`.
        """
        async with self._locked(tenant, case_id) as held:
            stored = held.cases[case_id]
            into = stored.case.merged_into
            steps = [(stored, step) for step in work.unmerged(held.now, actor, note)]
            await self._ledger.append(held.connection, held.now, steps, held.tally)
            if into is not None:
                await store_links.unshare_keys(held.connection, case_id, into)
            await self._match(held, case_id)
        return case_id

    async def split(self, tenant: str, case_id: str, source: str, id_: str, actor: Actor) -> str:
        """One feedback becomes a case of its own; gives its id.

        Raises:
            NoSuchCase, WrongTransition, NotAllowed: as of `take`.
        """
        key = FeedbackKey(tenant, source, id_)
        async with self._locked(tenant, case_id) as held:
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
    async def _locked(
        self, tenant: str, case_id: str, other: str | None = None
    ) -> AsyncIterator[_Work]:
        tally = Tally()
        wanted = [case_id] if other is None else [case_id, other]
        async with self._database.begin() as (connection, now):
            locked = await store_cases.lock_cases(connection, wanted)
            cases = {name: one for name, one in locked.items() if one.tenant == tenant}
            if case_id not in cases:
                raise NoSuchCase
            if other is not None and other not in cases:
                raise NotAllowed("into: there is no such case")
            yield _Work(connection, now, tally, cases)
        tally.publish()
        self._woken()


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
