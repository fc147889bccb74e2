"""What ends a clock: a person's contact for respond, the state of the case for the others."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import clocks, store_cases, store_clocks, store_intake
from heedful.alerting.case import Step
from heedful.alerting.ledger import Ledger
from heedful.alerting.records import Contact, Fulfilment, StoredCase, Tally
from heedful.common.contracts import (
    Actor,
    ActorType,
    CaseEventKind,
    ClockMetric,
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
    ) -> None:
        """Fulfil the respond clocks of these cases, and of cases that these contacts answer."""
        found = await store_intake.find_matches(connection, cases, contacts)
        if not found:
            return
        locked = await store_cases.lock_cases(connection, [one.case_id for one in found])
        fulfilled = await fulfil(
            connection,
            now,
            [
                Fulfilment(
                    one.case_id,
                    ClockMetric.RESPOND,
                    one.occurred_at,
                    f"interaction:{one.source}:{one.interaction_id}",
                )
                for one in found
            ],
            tally,
        )
        steps: list[tuple[StoredCase, Step]] = [
            (
                locked[one.case_id],
                Step(
                    kind=CaseEventKind.RESPONDED,
                    at=one.occurred_at,
                    actor=Actor(type=ActorType.HUMAN, id=one.actor_id),
                    clock=ClockMetric.RESPOND,
                    detail={"source": one.source, "interaction_id": one.interaction_id},
                ),
            )
            for one in found
            if one.case_id in fulfilled
        ]
        await self._ledger.append(connection, now, steps, tally)


async def fulfil(
    connection: AsyncConnection, now: datetime, found: Sequence[Fulfilment], tally: Tally
) -> set[str]:
    """Fulfil clocks of locked cases; gives the cases whose clock was still running."""
    done = await store_clocks.fulfil(connection, now, found)
    # One that was fulfilled too late is counted by its breach.
    tally.results.update((one.metric.value, clocks.Result.MET.value) for one in done if one.in_time)
    return {one.case_id for one in done}
