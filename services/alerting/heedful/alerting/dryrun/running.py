"""Runs a policy over what was received in the last days: newest first, within a time limit."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.calendars import BeyondLookAhead
from heedful.alerting.database import Database
from heedful.alerting.dryrun import store
from heedful.alerting.dryrun.counting import Outcome
from heedful.alerting.dryrun.life import opened_by, opened_under
from heedful.alerting.dryrun.replay import replayed
from heedful.alerting.dryrun.signals import Fate, Shown, judged
from heedful.alerting.dryrun.store import Recorded, Stretch, Unheard
from heedful.alerting.rulebook import Active
from heedful.common.contracts import Colour

LIMIT_S: Final = 30.0
"""After so long nothing older is looked at."""
_STRETCH = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class DryRun:
    """What came out.

    Attributes:
        since, until: what was received in between was looked at.
        complete: that is all that was asked for.
    """

    outcome: Outcome
    since: datetime
    until: datetime
    complete: bool


async def dry_run(
    database: Database,
    tenant: str,
    active: Active,
    now: datetime,
    days: int,
    zone: tzinfo,
    limit_s: float = LIMIT_S,
) -> DryRun:
    """Try a policy on what was received in so many days before `now`.

    Each stretch of time is a transaction of its own, and nothing of it is kept but counts.
    """
    loop = asyncio.get_running_loop()
    stop, until = loop.time() + limit_s, now
    first, outcome = now - timedelta(days=days), Outcome(zone)
    while until > first and loop.time() < stop:
        stretch = Stretch(tenant, max(first, until - _STRETCH), until)
        async with database.begin() as (connection, _):
            await _look(connection, stretch, active, now, outcome)
        until = stretch.since
    return DryRun(outcome, until, now, complete=until <= first)


async def _look(
    connection: AsyncConnection, stretch: Stretch, active: Active, now: datetime, outcome: Outcome
) -> None:
    known, unknown = await store.received(connection, stretch)
    outcome.received += known
    outcome.without_labels += unknown
    async for cases in store.opened(connection, stretch):
        await asyncio.to_thread(_count_cases, cases, active, now, outcome)
    async for feedback in store.on_no_case(connection, stretch):
        await asyncio.to_thread(_count_feedback, feedback, active, now, outcome)
    async for signals in store.shown(connection, stretch):
        await asyncio.to_thread(_count_signals, signals, active, now, outcome)


def _count_cases(
    cases: Sequence[Recorded], active: Active, now: datetime, outcome: Outcome
) -> None:
    for one in cases:
        opened, clocks = one.steps[0], one.stored.case.clocks
        try:
            life = replayed(one.stored, one.steps, one.heard, active, now)
        except BeyondLookAhead:
            outcome.out_of_reach += 1
            life = None
        outcome.add_case(opened.at, opened.colour or Colour.GREY, clocks, life)


def _count_feedback(
    feedback: Sequence[Unheard], active: Active, now: datetime, outcome: Outcome
) -> None:
    for one in feedback:
        try:
            life = opened_by(one.item, one.received_at, active, now)
        except BeyondLookAhead:
            outcome.out_of_reach += 1
            life = None
        if life is not None:
            outcome.add_unheard(one.received_at, life)


def _count_signals(
    signals: Sequence[Shown], active: Active, now: datetime, outcome: Outcome
) -> None:
    for one in signals:
        fate, meant = judged(one, active.policy)
        outcome.add_signal(one.facts.kind, one.fate, fate)
        if fate is not Fate.OPENED or one.fate in (Fate.OPENED, Fate.JOINED):
            continue  # of a case that there was its steps tell
        try:
            life = opened_under(meant.rule, meant.light, one.detected_at, active, now)
        except BeyondLookAhead:
            outcome.out_of_reach += 1
        else:
            outcome.add_unheard(one.detected_at, life)
