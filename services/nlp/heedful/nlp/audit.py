"""Takes what auditors say of the weekly sample; what they correct is corrected."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.contracts import Actor, Enrichment
from heedful.common.db.transaction import begin
from heedful.common.erasure import Tombstones
from heedful.common.errors import HeedfulError
from heedful.nlp import store_corrections, store_enrichments, store_sample
from heedful.nlp.correction import Kind, Label, WrongLabel, folded
from heedful.nlp.corrections import Corrections, append
from heedful.nlp.records import Basis, Change
from heedful.nlp.store_sample import Sampled, Verdict


class UnknownItem(HeedfulError):
    """No sample holds it, or no longer."""


class AlreadyJudged(HeedfulError):
    """Somebody was faster."""


class Audit:
    """Verdicts on the sample: one for each item, for ever."""

    def __init__(
        self,
        engine: AsyncEngine,
        tombstones: Tombstones,
        corrections: Corrections,
        woken: Callable[[], None],
    ) -> None:
        self._engine = engine
        self._tombstones = tombstones
        self._corrections = corrections
        self._woken = woken

    async def judge(
        self,
        tenant: str,
        sample_id: str,
        corrected: Sequence[tuple[str, str | None]],
        note: str | None,
        actor: Actor,
        now: datetime,
    ) -> Sampled:
        """All labels are right but those that are corrected, which are set as by a correction.

        Raises:
            UnknownItem: the tenant's samples do not hold it.
            AlreadyJudged: it has a verdict.
            WrongLabel: no such label or value, one that is so already, or a label twice.
            RecordTooLarge: no log would take the corrected enrichment.
        """
        async with begin(self._engine) as connection:
            # The words of the sample may go into a correction: no erasure runs beside it.
            await self._tombstones.admit(connection)
            found = await store_sample.find(connection, tenant, sample_id)
            if found is None:
                raise UnknownItem
            labels = self._labels(found.kept.enrichment, corrected)
            # The row of the enrichment goes first, as it does for whoever keeps enrichments.
            kept = await store_enrichments.lock(connection, found.kept.key) or found.kept
            verdict = Verdict(labels, note, actor, now)
            if not await store_sample.judge(connection, found, verdict):
                raise AlreadyJudged
            held = (await store_corrections.of(connection, [kept.key])).get(kept.key, ())
            current = folded(kept.enrichment, held)
            changes = _changes(current, [one for one in labels if one.was != one.value])
            if changes:
                await append(connection, kept, held, changes, actor, note, Basis.AUDIT, now)
        self._woken()
        return Sampled(found.id, found.week, found.kept, verdict)

    def _labels(
        self, machine: Enrichment, corrected: Sequence[tuple[str, str | None]]
    ) -> tuple[Change, ...]:
        """Every label that was looked at, as nlp said it and as it is."""
        labels = {label.name: label for label in judged_labels(machine)}
        values: dict[str, str | None] = {}
        for name, value in corrected:
            label = self._corrections.read(Change(name, None, value))
            if name in values:
                raise WrongLabel(f"{name} stands there twice")
            if value == label.value_in(machine):
                raise WrongLabel(f"{name} is so already; leave out what is right")
            labels[name], values[name] = label, value
        return tuple(
            Change(name, was := label.value_in(machine), values.get(name, was))
            for name, label in labels.items()
        )


def judged_labels(machine: Enrichment) -> list[Label]:
    """What an auditor looks at: every label but the topics that the text does not have."""
    plain = [Label(kind) for kind in Kind if kind is not Kind.TOPIC]
    return [*plain, *(Label(Kind.TOPIC, aspect.topic) for aspect in machine.aspects)]


def _changes(current: Enrichment, wanted: Sequence[Change]) -> list[Change]:
    """What is not so yet: somebody may have corrected it before the audit."""
    changes = []
    for one in wanted:
        kind, _, topic = one.label.partition(":")
        holds = Label(Kind(kind), topic or None).value_in(current)
        if holds != one.value:
            changes.append(Change(one.label, holds, one.value))
    return changes
