"""Opens cases in bulk: exactly one per feedback, whoever comes first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import clocks, store_cases, store_clocks, store_intake
from heedful.alerting.case import SERVICE, Step, apply
from heedful.alerting.clocks import Targets
from heedful.alerting.ledger import Ledger
from heedful.alerting.records import FeedbackKey, Opening, Recorded, StoredCase, Tally
from heedful.common.contracts import CaseEventKind, Colour, Deadlines, FeedbackRef


@dataclass(frozen=True, slots=True)
class Classified:
    """What an enrichment says about a feedback."""

    key: FeedbackKey
    colour: Colour
    reasons: tuple[Mapping[str, str], ...]


class Openings:
    """The one place where cases begin."""

    def __init__(self, targets: Targets, ledger: Ledger) -> None:
        self._targets = targets
        self._ledger = ledger

    async def open(
        self,
        connection: AsyncConnection,
        now: datetime,
        openings: Sequence[Opening],
        tally: Tally,
    ) -> None:
        """Open a case for each that has none. A replay finds them all and does nothing."""
        wanted = {
            opening.case_id: (
                opening,
                clocks.deadlines(opening.feedback.received_at, self._targets),
            )
            for opening in openings
        }
        if not wanted:
            return
        fresh = await store_cases.insert_cases(connection, now, list(wanted.values()))
        opened = [wanted[case_id] for case_id in wanted if case_id in fresh]
        if not opened:
            return
        await store_clocks.start_clocks(connection, opened)
        await store_clocks.set_timers(
            connection,
            [
                spec
                for opening, limits in opened
                for spec in clocks.timers(opening.case_id, limits, self._targets.warn_before)
            ],
        )
        await store_intake.keep_case_keys(connection, [opening.feedback for opening, _ in opened])
        recorded = [_opened(opening, limits, now) for opening, limits in opened]
        await self._ledger.record_opened(connection, now, recorded, tally)

    async def classify(
        self,
        connection: AsyncConnection,
        now: datetime,
        found: Sequence[Classified],
        tally: Tally,
    ) -> None:
        """Late labels of cases that the watch opened: the case takes their colour."""
        by_case = {one.key.case_id: one for one in found}
        links = [(one.key.tenant, one.key.source, one.key.id, one.colour) for one in found]
        waiting = await store_cases.classify_links(connection, links)
        if not waiting:
            return
        locked = await store_cases.lock_cases(connection, waiting)
        steps = []
        for case_id, stored in locked.items():
            one = by_case[case_id]
            ref = FeedbackRef(source=one.key.source, id=one.key.id)
            steps.append(
                (
                    stored,
                    Step(
                        kind=CaseEventKind.FEEDBACK_LINKED,
                        at=now,
                        actor=SERVICE,
                        colour=one.colour,
                        feedback=ref,
                    ),
                )
            )
        await store_cases.set_reasons(
            connection, {case_id: by_case[case_id].reasons for case_id in locked}
        )
        await self._ledger.append(connection, now, steps, tally)


def _opened(opening: Opening, limits: Deadlines, now: datetime) -> Recorded:
    feedback = opening.feedback
    step = Step(
        kind=CaseEventKind.OPENED,
        at=now,
        actor=SERVICE,
        colour=opening.colour,
        feedback=FeedbackRef(source=feedback.key.source, id=feedback.key.id),
        deadlines=limits,
    )
    stored = StoredCase(
        id=opening.case_id,
        tenant=feedback.key.tenant,
        source=feedback.key.source,
        feedback_id=feedback.key.id,
        channel=feedback.channel,
        received_at=feedback.received_at,
        reasons=opening.reasons,
        case=apply(None, step),
    )
    return Recorded(stored, step)
