"""Corrections of a light, on the case of the feedback: each once, however often it comes.

To red it opens or raises the case like any red light (`openings`). Away from red it changes
neither state, colour nor clock: what was opened ends by the steps of a case alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import store_cases, store_intake, store_links
from heedful.alerting.case import Step
from heedful.alerting.ledger import Ledger
from heedful.alerting.records import FeedbackKey, Tally
from heedful.common.contracts import (
    CaseEventKind,
    Correction,
    Enrichment,
    FeedbackRef,
)

_LIGHT: Final = "light"


@dataclass(frozen=True, slots=True)
class Corrected:
    """A feedback whose light somebody has set."""

    key: FeedbackKey
    light: Correction


def light_of(enrichment: Enrichment) -> Correction | None:
    """The correction of the light, if there is one."""
    return next((one for one in enrichment.corrections if one.label == _LIGHT), None)


class Corrections:
    """Appends corrections to cases."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def record(
        self,
        connection: AsyncConnection,
        now: datetime,
        found: Sequence[Corrected],
        tally: Tally,
    ) -> None:
        """Append those that are new to the cases that there are; of others nothing is kept."""
        links = await store_links.find(connection, [one.key for one in found])
        about = [(links[one.key].case_id, one) for one in found if one.key in links]
        locked = await store_cases.lock_cases(connection, {case_id for case_id, _ in about})
        if not locked:
            return
        fresh = await store_intake.keep_corrections(
            connection, [(case_id, one.light.id) for case_id, one in about]
        )
        steps = [(locked[case_id], _step(one)) for case_id, one in about if one.light.id in fresh]
        await self._ledger.append(connection, now, steps, tally)


def _step(one: Corrected) -> Step:
    light = one.light
    return Step(
        kind=CaseEventKind.CORRECTED,
        at=light.at,
        actor=light.actor,
        feedback=FeedbackRef(source=one.key.source, id=one.key.id),
        note=f"light: {light.was} → {light.value}",
    )
