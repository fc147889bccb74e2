"""Which endpoints hear of what happened to cases, and what each is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import store_deliveries, store_endpoints
from heedful.alerting.recipients import Recipient
from heedful.alerting.records import Recorded
from heedful.alerting.webhook import NOTIFIED, EventType, Notice
from heedful.common.contracts import CaseEventKind

_ADDRESSED = frozenset(
    {
        CaseEventKind.OPENED,
        CaseEventKind.REOPENED,
        CaseEventKind.SEVERITY_CHANGED,
        CaseEventKind.WARNED,
        CaseEventKind.ESCALATED,
        CaseEventKind.BREACHED,
    }
)
"""Steps of which the policy says who is told."""

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
    connection: AsyncConnection, now: datetime, recorded: Sequence[Recorded], base: str
) -> None:
    """Leave a delivery for every endpoint that hears of these steps.

    Args:
        base: start of the links.
    """
    notices = [_notice(told, now, base) for told in _combined(recorded)]
    if not notices:
        return
    listeners = await store_endpoints.listeners(connection, {one.tenant for one in notices})
    addressed = [
        (notice, listener.id)
        for notice in notices
        for listener in listeners
        if listener.hears(notice)
    ]
    if addressed:
        await store_deliveries.insert(connection, now, addressed)


def _combined(recorded: Sequence[Recorded]) -> list[_Told]:
    """After a downtime several rungs of a clock are taken at once: one notice tells of them."""
    found: dict[tuple[str, str, int], list[Recorded]] = {}
    for place, one in enumerate(recorded):
        if one.step.kind not in NOTIFIED or (one.step.kind in _ADDRESSED and not one.step.notify):
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
        step=last.step.rung or "",
        cycle=step.cycle or 1,
        audience=told.audience,
    )
