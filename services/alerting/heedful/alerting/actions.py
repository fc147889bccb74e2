"""What the API does to a case: one transaction under the case's row lock."""

from collections.abc import Callable
from datetime import datetime

from heedful.alerting import case as cases
from heedful.alerting import store_cases
from heedful.alerting.case import Step
from heedful.alerting.database import Database
from heedful.alerting.ledger import Ledger
from heedful.alerting.records import Fulfilment, Tally
from heedful.alerting.responses import fulfil
from heedful.common.contracts import Actor, CaseEventKind, ClockMetric

_FULFILS = {
    CaseEventKind.PLANNED: ClockMetric.PLAN,
    CaseEventKind.LANDED: ClockMetric.LAND,
}
"""Which clock a step ends. None ends respond: a key is a machine, and a machine cannot answer
a customer; not even closing the case stops that clock."""


class Actions:
    """The steps that a caller can take."""

    def __init__(self, database: Database, ledger: Ledger, woken: Callable[[], None]) -> None:
        self._database = database
        self._ledger = ledger
        self._woken = woken

    async def acknowledge(self, tenant: str, case_id: str, actor: Actor, note: str | None) -> bool:
        return await self._take(
            tenant, case_id, CaseEventKind.ACKNOWLEDGED, actor, note=note, detail={}
        )

    async def plan(
        self, tenant: str, case_id: str, actor: Actor, owner: str, action: str, due: datetime
    ) -> bool:
        detail = cases.plan_of(owner, action, due)
        return await self._take(
            tenant, case_id, CaseEventKind.PLANNED, actor, note=None, detail=detail
        )

    async def land(
        self, tenant: str, case_id: str, actor: Actor, root_cause: str, action_taken: str
    ) -> bool:
        detail = cases.landing_of(root_cause, action_taken)
        return await self._take(
            tenant, case_id, CaseEventKind.LANDED, actor, note=None, detail=detail
        )

    async def close(self, tenant: str, case_id: str, actor: Actor, note: str | None) -> bool:
        return await self._take(tenant, case_id, CaseEventKind.CLOSED, actor, note=note, detail={})

    async def _take(
        self,
        tenant: str,
        case_id: str,
        kind: CaseEventKind,
        actor: Actor,
        *,
        note: str | None,
        detail: dict[str, str],
    ) -> bool:
        """False when the tenant has no such case.

        Raises:
            WrongTransition: the state does not allow it.
        """
        tally = Tally()
        async with self._database.begin() as (connection, now):
            stored = (await store_cases.lock_cases(connection, [case_id])).get(case_id)
            if stored is None or stored.tenant != tenant:
                return False
            metric = _FULFILS.get(kind)
            step = Step(kind=kind, at=now, actor=actor, clock=metric, note=note, detail=detail)
            await self._ledger.append(connection, now, [(stored, step)], tally)
            if metric is not None:
                by = f"{actor.type}:{actor.id}"
                await fulfil(connection, now, [Fulfilment(case_id, metric, now, by)], tally)
        tally.publish()
        self._woken()
        return True
