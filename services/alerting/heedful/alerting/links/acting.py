"""Does what a link is for, as its member, in the transaction that burns it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import store_cases, work
from heedful.alerting.case import Case, Step
from heedful.alerting.ledger import Ledger
from heedful.alerting.links.link import LinkAction, Wanted
from heedful.alerting.links.standing import Standing, standing
from heedful.alerting.records import Tally
from heedful.alerting.states import WrongTransition
from heedful.common.contracts import Actor, ActorType


class LinkSteps:
    """The steps that links take."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def take(
        self, connection: AsyncConnection, now: datetime, wanted: Wanted, tally: Tally
    ) -> Standing:
        """Take the step of a link if the case is open to it; gives how the case stood."""
        cases = await store_cases.lock_cases(connection, [wanted.case_id])
        stored = cases.get(wanted.case_id)
        if stored is None or stored.tenant != wanted.tenant:
            return Standing.TAKEN
        found = standing(stored.case, wanted.action, wanted.member_id)
        if found is not Standing.OPEN:
            return found
        steps = [(stored, step) for step in _steps(wanted, stored.case, now)]
        try:
            await self._ledger.append(connection, now, steps, tally)
        except WrongTransition:
            return Standing.TAKEN
        return found


def _steps(wanted: Wanted, case: Case, now: datetime) -> Sequence[Step]:
    actor = Actor(type=ActorType.HUMAN, id=wanted.member_id)
    match wanted.action:
        case LinkAction.ACKNOWLEDGE:
            return work.acknowledged(now, actor, None)
        case LinkAction.CLAIM:
            return work.claimed(case, now, actor)
