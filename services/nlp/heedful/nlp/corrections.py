"""Corrects labels: remembered with who and when, and published, in one transaction."""

import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from heedful.common import outbox
from heedful.common.bus.base import Outgoing
from heedful.common.contracts import Actor, Correction, Enrichment
from heedful.common.db.transaction import begin
from heedful.common.errors import HeedfulError
from heedful.common.events import to_record
from heedful.common.topics import FEEDBACK_ENRICHED
from heedful.nlp import store_corrections, store_enrichments
from heedful.nlp.correction import Label, WrongLabel, folded
from heedful.nlp.records import Basis, Change, FeedbackKey, Kept, StoredCorrection

SERVICE: Final = "nlp"
_TICK: Final = timedelta(microseconds=1)


class UnknownFeedback(HeedfulError):
    """nlp has no enrichment of it, or no longer."""


class Stale(HeedfulError):
    """Whoever corrects looks at something that is no longer so.

    Args:
        current: the id of the enrichment that holds now, and what it says.
    """

    def __init__(self, what: str, current: str, value: str | None) -> None:
        super().__init__(what)
        self.current = current
        self.value = value


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to be corrected. `was` is what they saw in that enrichment."""

    key: FeedbackKey
    enrichment_id: str
    change: Change
    note: str | None


class Corrections:
    """The one place where labels are corrected.

    Args:
        topics: codes of the taxonomy.
        woken: called after a commit that has put something into the outbox.
    """

    def __init__(
        self, engine: AsyncEngine, topics: Collection[str], woken: Callable[[], None]
    ) -> None:
        self._engine = engine
        self._topics = topics
        self._woken = woken

    async def correct(self, asked: Asked, actor: Actor, now: datetime) -> StoredCorrection:
        """Set one label.

        Raises:
            UnknownFeedback: it is not there.
            WrongLabel: no such label or value, or no change.
            Stale: the enrichment is another one by now, or says something else.
        """
        change = asked.change
        label = Label.read(change.label, self._topics)
        label.check(change.value)
        if change.value == change.was:
            raise WrongLabel(f"{label.name} is to be {_shown(change.value)}, as it was")
        async with begin(self._engine) as connection:
            kept = await store_enrichments.lock(connection, asked.key)
            if kept is None:
                raise UnknownFeedback
            held = (await store_corrections.of(connection, [asked.key])).get(asked.key, ())
            _require_current(asked, label, kept.enrichment, held)
            (made,) = await append(
                connection, kept, held, [change], actor, asked.note, Basis.CORRECTION, now
            )
        self._woken()
        return made

    def read(self, change: Change) -> Label:
        """The label of a change that an auditor wants.

        Raises:
            WrongLabel: no such label or value.
        """
        label = Label.read(change.label, self._topics)
        label.check(change.value)
        return label


async def append(
    connection: AsyncConnection,
    kept: Kept,
    held: Sequence[Correction],
    changes: Sequence[Change],
    actor: Actor,
    note: str | None,
    basis: Basis,
    now: datetime,
) -> list[StoredCorrection]:
    """Remember and publish changes of a locked enrichment; `held` are its corrections so far.

    Raises:
        RecordTooLarge: no log would take the corrected enrichment.
    """
    current = folded(kept.enrichment, held)
    # What is published must be newer than all before it, whatever the clocks of two machines say.
    at = max(now, current.enriched_at + _TICK)
    made = [
        StoredCorrection(
            key=kept.key,
            enrichment_id=current.id,
            correction=Correction(
                id=str(uuid.uuid4()),
                label=change.label,
                was=change.was,
                value=change.value,
                actor=actor,
                at=at,
            ),
            note=note,
            basis=basis,
            versions=kept.enrichment.versions,
            text=kept.enrichment.feedback.text,
        )
        for change in changes
    ]
    for one in made:
        await store_corrections.insert(connection, one)
    corrected = folded(kept.enrichment, [*held, *(one.correction for one in made)])
    await outbox.put(connection, SERVICE, [record(corrected, kept.record_key)])
    return made


def record(enrichment: Enrichment, key: str) -> Outgoing:
    """The record of a corrected enrichment."""
    return to_record(
        FEEDBACK_ENRICHED,
        enrichment,
        id=enrichment.id,
        source=f"/{enrichment.tenant}/nlp",
        key=key,
        time=enrichment.enriched_at,
    )


def _require_current(
    asked: Asked, label: Label, machine: Enrichment, held: Sequence[Correction]
) -> None:
    current = folded(machine, held)
    says = label.value_in(current)
    if asked.enrichment_id not in (machine.id, current.id):
        raise Stale("this feedback has another enrichment by now", current.id, says)
    if asked.change.was != says:
        raise Stale(f"{label.name} is {_shown(says)} by now", current.id, says)


def _shown(value: str | None) -> str:
    return "absent" if value is None else value
