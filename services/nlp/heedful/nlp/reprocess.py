"""A new version of enrichments beside the old: what was said before, read by the present model.

A feedback that is read again is history: its new enrichment says so (`reprocessed`, and `backfill`
of the feedback, which every consumer heeds that heeds anything), so nobody is paged. Its id follows
from the feedback and the versions, so that whoever begins again repeats it.
"""

import hashlib
import json
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from heedful.common.bus.base import Outgoing, Record
from heedful.common.contracts import Enrichment, Feedback, Versions
from heedful.common.errors import InvalidMessage
from heedful.common.events import Delivery, from_record
from heedful.common.topics import FEEDBACK_ENRICHED, FEEDBACK_RECEIVED, MAX_RECORD_BYTES, Topic
from heedful.nlp.consumer import record_of
from heedful.nlp.identity import REPROCESSED, enrichment_id
from heedful.nlp.records import FeedbackKey
from heedful.nlp.workers import Workers

REMEMBERED: Final = 200_000
"""So many feedback, the last ones, are not enriched twice when they come twice."""


class Source(StrEnum):
    """Where the words are taken from."""

    RECEIVED = "received"
    ENRICHED = "enriched"

    @property
    def topic(self) -> Topic:
        return FEEDBACK_RECEIVED if self is Source.RECEIVED else FEEDBACK_ENRICHED


class Fate(StrEnum):
    """What became of a record."""

    PUBLISHED = "published"
    OUTSIDE = "outside the period"
    PRESENT = "of these versions already"
    AGAIN = "seen before"
    UNREADABLE = "not readable"
    ERASED = "of customers who were erased"
    TOO_LARGE = "too large when enriched"


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be made anew: feedback received from `since` until before `until`."""

    source: Source
    since: datetime
    until: datetime
    versions: Versions

    @property
    def group(self) -> str:
        """The consumer group, which remembers how far the job has come. Every job has its own."""
        name = [
            self.source.value,
            self.since.isoformat(),
            self.until.isoformat(),
            self.versions.model_dump(),
        ]
        digest = hashlib.sha256(json.dumps(name, sort_keys=True).encode()).hexdigest()[:16]
        return f"heedful.nlp.reprocess.{digest}"


def as_reprocessed(enrichment: Enrichment) -> Enrichment:
    """An enrichment as the new version of one that was published before."""
    said = enrichment.feedback.model_copy(update={"backfill": True})
    return enrichment.model_copy(
        update={
            "id": enrichment_id(said, enrichment.versions, REPROCESSED),
            "feedback": said,
            "reprocessed": True,
        }
    )


class Selection:
    """Chooses what a job makes anew. Its memory is bounded."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._seen: OrderedDict[str, None] = OrderedDict()

    def judge(self, record: Record) -> tuple[Fate, Delivery | None, Feedback | None]:
        """What becomes of a record, with its feedback where that is to be enriched."""
        try:
            delivery = from_record(record, self._job.source.topic)
        except InvalidMessage:
            return Fate.UNREADABLE, None, None
        payload = delivery.payload
        said = payload.feedback if isinstance(payload, Enrichment) else payload
        if not isinstance(said, Feedback):
            return Fate.UNREADABLE, None, None
        fate = self._fate(said, payload)
        return (fate, delivery, said) if fate is Fate.PUBLISHED else (fate, None, None)

    def _fate(self, said: Feedback, payload: object) -> Fate:
        if not self._job.since <= said.received_at < self._job.until:
            return Fate.OUTSIDE
        name = enrichment_id(said, self._job.versions, REPROCESSED)
        known = name in self._seen
        self._seen[name] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        if isinstance(payload, Enrichment) and payload.versions == self._job.versions:
            return Fate.PRESENT
        return Fate.AGAIN if known else Fate.PUBLISHED


FindErased = Callable[[Sequence[Feedback]], Awaitable[Collection[FeedbackKey]]]


class Reprocessor:
    """From records of the source to records of the new version.

    Args:
        erased: finds those of customers who were erased: they are not made again.
    """

    def __init__(self, job: Job, workers: Workers, erased: FindErased) -> None:
        self._workers = workers
        self._selection = Selection(job)
        self._erased = erased

    async def __call__(self, records: Sequence[Record]) -> tuple[list[Outgoing], Counter[Fate]]:
        """The new enrichments of a batch, and what became of its records.

        Raises:
            Retryable: the workers are being closed.
        """
        judged = [self._selection.judge(record) for record in records]
        fates = Counter(fate for fate, _, _ in judged)
        chosen = [(one, said) for _, one, said in judged if one is not None and said is not None]
        gone = await self._erased([said for _, said in chosen])
        living = [(one, said) for one, said in chosen if FeedbackKey.of(said) not in gone]
        fates[Fate.ERASED] += len(chosen) - len(living)
        fates[Fate.PUBLISHED] -= len(chosen) - len(living)
        chosen = living
        enriched = await self._workers.enrich([said for _, said in chosen])
        found = []
        for (delivery, _), enrichment in zip(chosen, enriched, strict=True):
            record = record_of(delivery, as_reprocessed(enrichment))
            if len(record.value or b"") > MAX_RECORD_BYTES:
                fates[Fate.PUBLISHED] -= 1
                fates[Fate.TOO_LARGE] += 1
            else:
                found.append(record)
        return found, fates
