"""Which endpoints hear of what happened to cases, and what each is told."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import store_deliveries, store_endpoints
from heedful.alerting.endpoint import Listener
from heedful.alerting.people import Present
from heedful.alerting.people import store as store_members
from heedful.alerting.recipients import Recipient
from heedful.alerting.records import Recorded, StoredCase
from heedful.alerting.storms.silencing import Addressed, leave
from heedful.alerting.webhook import ALARMS, NOTIFIED, EventType, Notice
from heedful.common.contracts import CaseEventKind

_GRAVITY = (CaseEventKind.WARNED, CaseEventKind.ESCALATED, CaseEventKind.BREACHED)


@dataclass(frozen=True, slots=True)
class _Told:
    """Steps that one notice tells of: those of one clock that were taken at one time."""

    steps: tuple[Recorded, ...]

    @property
    def gravest(self) -> Recorded:
        return max(self.steps, key=lambda one: _gravity(one.step.kind))

    @property
    def audience(self) -> tuple[Recipient, ...]:
        return tuple(dict.fromkeys(who for one in self.steps for who in one.step.notify))


async def tell(
    connection: AsyncConnection,
    now: datetime,
    recorded: Sequence[Recorded],
    base: str,
    joined: Collection[str] = (),
) -> int:
    """Leave a delivery for every endpoint that hears of these steps; of a case that belongs to an
    issue, most hear by that. Gives how many notices were left to issues.

    Args:
        base: start of the links.
        joined: cases that belong to an issue since now.
    """
    told = _combined(recorded)
    if not told:
        return 0
    tenants = {one.steps[0].stored.tenant for one in told}
    listeners = await store_endpoints.listeners(connection, tenants)
    if not listeners:
        return 0
    notices = [_notice(one, now, base) for one in told]
    heard = [[one for one in listeners if one.hears(notice)] for notice in notices]
    if not any(heard):
        return 0
    called = await _called(connection, now, [one.gravest.stored for one in told], notices)
    opened = {one.stored.id for one in recorded if one.step.kind is CaseEventKind.OPENED}
    alone = opened.difference(joined)
    direct, by_issue = _divided(zip(called, heard, strict=True), alone)
    left = await leave(connection, now, by_issue) if by_issue else set()
    direct += [one for one in by_issue if one[0].case_id not in left]
    pairs = [(notice, endpoint) for notice, endpoints in direct for endpoint in endpoints]
    if pairs:
        await store_deliveries.insert(connection, now, pairs)
    return sum(notice.case_id in left for notice, _ in by_issue)


def _divided(
    heard: Iterable[tuple[Notice, Sequence[Listener]]], alone: Collection[str]
) -> tuple[list[Addressed], list[Addressed]]:
    """What is told in any case, and what is left to an issue if the case belongs to one.

    Args:
        alone: cases that belong to none.
    """
    direct: list[Addressed] = []
    by_issue: list[Addressed] = []
    for notice, listeners in heard:
        may_leave = notice.case_id not in alone
        left = [one.id for one in listeners if may_leave and one.leaves_to_issue(notice)]
        told = [one.id for one in listeners if one.id not in left]
        direct += [(notice, told)] if told else []
        by_issue += [(notice, left)] if left else []
    return direct, by_issue


async def _called(
    connection: AsyncConnection,
    now: datetime,
    cases: Sequence[StoredCase],
    notices: Sequence[Notice],
) -> Sequence[Notice]:
    """The notices, with the people who are there now for those whom they are for."""
    tenants = {notice.tenant for notice in notices if notice.audience}
    if not tenants:
        return notices
    owners = {stored.case.owner for stored in cases if stored.case.owner is not None}
    members = await store_members.within_reach(connection, tenants, owners)
    there = {tenant: Present(known, now) for tenant, known in members.items()}
    return [
        replace(
            notice,
            mentions=tuple(
                one.mention
                for one in there[notice.tenant].resolve(
                    notice.audience, stored.case.owner, stored.department
                )
            ),
        )
        if notice.audience
        else notice
        for stored, notice in zip(cases, notices, strict=True)
    ]


def _combined(recorded: Sequence[Recorded]) -> list[_Told]:
    """After a downtime several rungs of a clock are taken at once: one notice tells of them."""
    found: dict[tuple[str, str, int], list[Recorded]] = {}
    for place, one in enumerate(recorded):
        type_ = NOTIFIED.get(one.step.kind)
        # Of an alarm the policy says who is told; nobody is a choice.
        if type_ is None or (type_ in ALARMS and not one.step.notify):
            continue
        clock = one.step.clock.value if one.step.clock else f"#{place}"
        found.setdefault((one.stored.id, clock, one.step.cycle or 0), []).append(one)
    return [_Told(tuple(steps)) for steps in found.values()]


def _gravity(kind: CaseEventKind) -> int:
    return _GRAVITY.index(kind) if kind in _GRAVITY else 0


def _notice(told: _Told, now: datetime, base: str) -> Notice:
    last = told.steps[-1]
    stored, step = last.stored, told.gravest.step
    return Notice(
        type=EventType(NOTIFIED[step.kind]),
        at=step.at,
        case_id=stored.id,
        tenant=stored.tenant,
        sequence=stored.case.sequence,
        colour=stored.case.colour.value,
        state=stored.case.state.value,
        clock=step.clock,
        deadlines=stored.case.deadlines,
        received_at=stored.received_at,
        source=stored.source,
        feedback_id=stored.feedback_id,
        channel=stored.channel,
        reasons=stored.reasons,
        url=f"{base}/v1/cases/{stored.id}",
        step=last.step.rung or step.detail.get("answer", ""),
        cycle=step.cycle or 1,
        audience=told.audience,
        not_before=step.tell_at,
        text=step.note if step.kind is CaseEventKind.REPLY_WANTED else None,
        signal=step.signal,
    )
