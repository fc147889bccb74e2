"""What a person's contact ends: the respond clock, and whoever waits for the next reply."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import store_cases, store_intake
from heedful.alerting.case import Step
from heedful.alerting.ledger import Ledger
from heedful.alerting.records import Contact, StoredCase, Tally
from heedful.alerting.store_intake import Match
from heedful.common.contracts import (
    Actor,
    ActorType,
    CaseEventKind,
    Direction,
    Interaction,
    InteractionKind,
)


def answers(interaction: Interaction) -> bool:
    """Whether a person of the business reached out: nothing else fulfils a respond clock."""
    return (
        interaction.kind is InteractionKind.CONTACT
        and interaction.direction is Direction.OUTBOUND
        and interaction.actor is not None
        and interaction.actor.type is ActorType.HUMAN
    )


class Responses:
    """Matches contacts and cases, whichever came first."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def match(
        self,
        connection: AsyncConnection,
        now: datetime,
        cases: Sequence[str],
        contacts: Sequence[Contact],
        tally: Tally,
    ) -> dict[str, StoredCase]:
        """Fulfil the clocks of these cases, and of cases that these contacts answer; gives the
        cases that were answered, as they are then."""
        found = await store_intake.find_matches(connection, cases, contacts)
        if not found:
            return {}
        locked = await store_cases.lock_cases(connection, [one.case_id for one in found])
        steps = [
            (locked[one.case_id], _step(one)) for one in found if _waits(locked[one.case_id], one)
        ]
        return await self._ledger.append(connection, now, steps, tally)


def _waits(stored: StoredCase, match: Match) -> bool:
    """Whether the clock was not fulfilled while we waited for the case."""
    clock = stored.case.run(match.metric, match.cycle)
    return clock is not None and clock.open


def _step(match: Match) -> Step:
    return Step(
        kind=CaseEventKind.RESPONDED,
        at=match.occurred_at,
        actor=Actor(type=ActorType.HUMAN, id=match.actor_id),
        clock=match.metric,
        cycle=match.cycle,
        detail={"source": match.source, "interaction_id": match.interaction_id},
    )
