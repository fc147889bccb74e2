"""What an application changes of cases that were read: the same for a preview and in earnest."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import store_calendars, store_facts, store_history
from heedful.alerting.applying import steps
from heedful.alerting.applying.steps import Change, Order
from heedful.alerting.applying.store import Kind, Subject
from heedful.alerting.calendars import Calendar
from heedful.alerting.history import KINDS, History, last_run
from heedful.alerting.policies import store as store_policies
from heedful.alerting.policies.matching import Item
from heedful.alerting.records import FeedbackKey, StoredCase
from heedful.alerting.rulebook import Active, Book
from heedful.common.errors import HeedfulError

Changed = Sequence[tuple[StoredCase, Change]]


class Gone(HeedfulError):
    """The version that is applied, or a calendar that it names, is not there."""


@dataclass(frozen=True, slots=True)
class Version:
    """What is applied: a policy with the calendars that its names stand for, or one calendar."""

    policy: Active | None
    calendars: Mapping[str, Calendar]

    def active_in(self, book: Book, tenant: str, subject: Subject) -> bool:
        """Whether clocks that start now take it."""
        active = book.active[tenant]
        if subject.kind is Kind.POLICY:
            return active.ref == subject.ref
        named = active.named.get(subject.name)
        return named is not None and named.ref == subject.ref

    def within(self, book: Book, tenant: str) -> Book:
        """The book with what cases are measured by that have gone over."""
        refs = {one.ref: one for one in self.calendars.values()}
        own = {} if self.policy is None else {(tenant, self.policy.ref): self.policy.policy}
        return Book(
            active=book.active,
            policies={**book.policies, **own},
            calendars={**book.calendars, tenant: {**book.calendars[tenant], **refs}},
        )


async def version_of(
    connection: AsyncConnection, tenant: str, subject: Subject, pinned: Mapping[str, str]
) -> Version:
    """Read what is applied.

    Args:
        pinned: the refs that names of calendars stand for.

    Raises:
        Gone: there is no such version, or a calendar is missing.
    """
    keys = {(tenant, ref) for ref in pinned.values()}
    found = await store_calendars.versions(connection, keys)
    missing = sorted(ref for _, ref in keys - found.keys())
    if missing:
        raise Gone(f"there is no calendar {', '.join(missing)}")
    calendars = {name: found[tenant, ref] for name, ref in pinned.items()}
    if subject.kind is Kind.CALENDAR:
        return Version(None, calendars)
    policy = await store_policies.get(connection, tenant, subject.version)
    if policy is None:
        raise Gone(f"there is no policy {subject.ref}")
    return Version(Active(policy.ref, policy.document, calendars), calendars)


async def changes(
    connection: AsyncConnection,
    now: datetime,
    book: Book,
    cases: Sequence[StoredCase],
    version: Version,
    order: Order,
) -> Changed:
    """What becomes of each case.

    Args:
        book: as `Version.within` gives it.
    """
    if version.policy is None:
        (calendar,) = version.calendars.values()
        return await asyncio.to_thread(_by_calendar, cases, calendar, book, now, order)
    told = await store_history.steps_of(connection, [one.id for one in cases], KINDS)
    found = []
    for one in cases:
        history = last_run(told[one.id])
        ref = history.feedback
        key = None if ref is None else FeedbackKey(one.tenant, ref.source, ref.id)
        found.append((one, history, key))
    items = await store_facts.items(connection, {key for *_, key in found if key is not None})
    known = [(one, history, items.get(key) if key else None) for one, history, key in found]
    return await asyncio.to_thread(_by_policy, known, version.policy, book, now, order)


def _by_calendar(
    cases: Sequence[StoredCase], calendar: Calendar, book: Book, now: datetime, order: Order
) -> Changed:
    return [
        (one, steps.by_calendar(one, calendar, book.calendars[one.tenant], now, order))
        for one in cases
    ]


def _by_policy(
    known: Sequence[tuple[StoredCase, History, Item | None]],
    active: Active,
    book: Book,
    now: datetime,
    order: Order,
) -> Changed:
    return [
        (
            one,
            steps.by_policy(one, history, item, active, book.calendars[one.tenant], now, order),
        )
        for one, history, item in known
    ]
