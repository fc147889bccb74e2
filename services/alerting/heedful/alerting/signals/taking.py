"""Takes a signal: once, into the case of its matter or a new one, as the tenant's policy says."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import store_cases, store_facts, store_links
from heedful.alerting.batch import names
from heedful.alerting.case import Step
from heedful.alerting.database import Database
from heedful.alerting.joining import SETTLED, begun, explains
from heedful.alerting.ledger import Ledger
from heedful.alerting.policies.judging import judge
from heedful.alerting.policies.matching import Item
from heedful.alerting.policies.signals import Effect
from heedful.alerting.records import Classified, FeedbackKey, Heard, StoredCase, Tally
from heedful.alerting.signals import store
from heedful.alerting.signals.grouping import Near, belongs
from heedful.alerting.signals.signal import Signal, SignalOutcome
from heedful.alerting.signals.steps import Judged, joined, opened
from heedful.common.contracts import CaseEventKind, Colour
from heedful.common.erasure import Traces, met


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a signal. `case_id`: the case that it is on."""

    outcome: SignalOutcome
    case_id: str | None = None


class Signals:
    """The one place where signals become something."""

    def __init__(self, database: Database, ledger: Ledger) -> None:
        self._database = database
        self._ledger = ledger

    async def erased(self, connection: AsyncConnection, signal: Signal) -> bool:
        """Whether it is of a customer who was erased."""
        stones = self._database.tombstones
        tenant, evidence = signal.tenant, (*signal.evidence, signal.trigger)
        items = [stones.item(tenant, one.kind, one.source, one.id) for one in evidence if one]
        customer = signal.customer
        told = names(stones, tenant, customer.keys, anonymous=customer.anonymous)
        found = await stones.find(connection, {*items, *told})
        of_items = items or [b""]
        return any(met(Traces(item, signal.detected_at, told), found) for item in of_items)

    async def take(
        self, connection: AsyncConnection, now: datetime, signal: Signal, tally: Tally
    ) -> Taken | None:
        """None: it was taken before."""
        active = (await self._ledger.rulebook.active(connection, {signal.tenant}))[signal.tenant]
        known = await self._known(connection, signal)
        matter = signal.matter(known)
        one = Judged(signal, active, judge(active.policy, signal.shown.facts, matter))
        outcome = _unplaced(one, now)
        if not await store.take(connection, now, signal, matter, outcome):
            return None
        if outcome is not SignalOutcome.UNPLACED:
            return Taken(outcome)
        # Two replicas that hear of one person at one time must not open a case each.
        await store_links.lock_customers(connection, [(signal.tenant, signal.customer)])
        near = await store.near(connection, signal)
        within = active.policy.regroup_within
        item, effect = one.meant.item, one.meant.effect
        case = belongs(near, item, effect, signal.detected_at, within)
        if case is not None:
            case_id, outcome = await self._join(connection, now, one, case, tally)
        elif effect is Effect.OPEN:
            case_id = await self._open(connection, now, one, known, tally)
            outcome = SignalOutcome.OPENED
        else:
            return Taken(outcome)
        await store.place(connection, signal, case_id, outcome)
        return Taken(outcome, case_id)

    async def _known(self, connection: AsyncConnection, signal: Signal) -> Item | None:
        """What is remembered of the feedback that it shows by."""
        said = signal.said
        if said is None:
            return None
        return (await store_facts.items(connection, [said])).get(said)

    async def _join(
        self,
        connection: AsyncConnection,
        now: datetime,
        one: Judged,
        near: Near,
        tally: Tally,
    ) -> tuple[str, SignalOutcome]:
        stored = await _locked(connection, near.case_id)
        steps = joined(stored, one, now, known=near.trigger)
        await self._ledger.append(connection, now, [(stored, step) for step in steps], tally)
        if explains(steps, one.classified, stored.case):
            await store_cases.set_reasons(connection, {stored.id: one.classified.reasons})
        if any(step.kind is CaseEventKind.REOPENED for step in steps):
            return stored.id, SignalOutcome.REOPENED
        settled = stored.case.state in SETTLED
        return stored.id, SignalOutcome.NOTED if settled else SignalOutcome.JOINED

    async def _open(
        self,
        connection: AsyncConnection,
        now: datetime,
        one: Judged,
        known: Item | None,
        tally: Tally,
    ) -> str:
        signal = one.signal
        # Its feedback may have had a case of that id before, which is over or is about others now.
        for key in signal.keys:
            stored, step = _opening(one, key, now)
            active = {stored.tenant: one.active}
            book = await self._ledger.rulebook.book(connection, [stored], active)
            if await self._ledger.open(connection, now, [(stored, step)], book, tally):
                break
        if signal.said is not None:
            await store_links.insert(connection, [(stored.id, _said(signal, signal.said, known))])
        await store_links.keep_keys(connection, [(stored.id, stored.tenant, signal.customer)])
        return stored.id


async def _locked(connection: AsyncConnection, case_id: str) -> StoredCase:
    """The case, or that which it was merged into while we waited for it."""
    stored = (await store_cases.lock_cases(connection, [case_id]))[case_id]
    into = stored.case.merged_into
    return stored if into is None else await _locked(connection, into)


def _unplaced(one: Judged, now: datetime) -> SignalOutcome:
    """What comes of it unless there is a case for it."""
    if now - one.signal.detected_at > one.active.policy.signal_news:
        return SignalOutcome.LATE
    return SignalOutcome.IGNORED if one.meant.effect is Effect.IGNORE else SignalOutcome.UNPLACED


def _opening(one: Judged, key: FeedbackKey, now: datetime) -> tuple[StoredCase, Step]:
    """The case has the id that the feedback would give it, so that it has the same whichever of
    the two is heard of first, and on every replay."""
    step = opened(one, now)
    return begun(key.case_id, one.classified, one.active, step), step


def _said(signal: Signal, key: FeedbackKey, known: Item | None) -> Classified:
    """The feedback that it shows by, which may come with its labels later."""
    item = signal.item if known is None else known
    heard = Heard(key, item, signal.detected_at, signal.detected_at, signal.customer)
    colour = None if known is None or known.colour is None else Colour(known.colour)
    return Classified(heard, colour, ())
