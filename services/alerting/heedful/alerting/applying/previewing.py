"""What an application would move, counted without changing anything."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import store_cases
from heedful.alerting.applying import store
from heedful.alerting.applying.changing import Changed, changes, version_of
from heedful.alerting.applying.steps import Order
from heedful.alerting.applying.store import Subject
from heedful.alerting.applying.summary import Summary
from heedful.alerting.case import SERVICE
from heedful.alerting.folding import apply
from heedful.alerting.rulebook import Book, Rulebook

MAX_CASES: Final = 20_000
"""Looked at by one preview."""
LIMIT_S: Final = 20.0
"""After so long it says what it has seen."""
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Preview:
    """`complete`: every case was looked at that would be concerned."""

    summary: Summary
    complete: bool


async def preview(
    connection: AsyncConnection,
    now: datetime,
    rulebook: Rulebook,
    tenant: str,
    subject: Subject,
    pinned: Mapping[str, str],
) -> Preview:
    """What applying it now would do; the cases are read and not locked.

    Raises:
        Gone: as of `version_of`.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + LIMIT_S
    version = await version_of(connection, tenant, subject, pinned)
    ids = await store.concerned(connection, now, tenant, subject, MAX_CASES + 1)
    summary, seen = Summary(), 0
    for start in range(0, min(len(ids), MAX_CASES), _PAGE):
        if loop.time() > until:
            break
        page = ids[start : start + _PAGE]
        read = await store_cases.read_cases(connection, page)
        cases = list(read.values())
        book = version.within(await rulebook.book(connection, cases), tenant)
        found = await changes(connection, now, book, cases, version, Order(SERVICE))
        await asyncio.to_thread(_count, summary, found, book, now)
        seen += len(page)
    return Preview(summary, seen == len(ids))


def _count(summary: Summary, found: Changed, book: Book, now: datetime) -> None:
    for stored, change in found:
        after = stored.case
        for step in change.steps:
            after = apply(after, step, book.calendars[stored.tenant])
        summary.add(stored.id, stored.case, after, change, now)
