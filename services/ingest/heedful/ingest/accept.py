"""From posted items to the log: known before? then no; else write, remember, and only then say yes.

An item is published before it is remembered. If the process dies between the two, the sender
saw no 202, sends again, and the item is published a second time under the same event id, which
every consumer ignores. Nothing that got a 202 can be missing from the log.
"""

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from heedful.common import metrics as common_metrics
from heedful.common.bus.base import Bus, Outgoing
from heedful.common.errors import BusUnavailable, Fatal
from heedful.common.events import describe, partition_key, to_record
from heedful.common.http.problems import unavailable
from heedful.common.logging import OncePerInterval
from heedful.common.topics import FEEDBACK_RECEIVED, INTERACTION_RECORDED, MAX_RECORD_BYTES
from heedful.ingest import metrics
from heedful.ingest.models import Posted, PostedFeedback
from heedful.ingest.redaction import redact
from heedful.ingest.store import Accepted, AcceptedStore, Key

log = logging.getLogger(__name__)
# While a server is away every request fails alike.
log.addFilter(OncePerInterval())


class Kind(StrEnum):
    FEEDBACK = "feedback"
    INTERACTION = "interaction"


class Outcome(StrEnum):
    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one item."""

    outcome: Outcome
    source: str
    id: str
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class _Candidate:
    posted: Posted
    key: Key
    digest: bytes
    repeatable: bool


class Acceptor:
    """Writes items of all routes; bounded."""

    def __init__(self, bus: Bus, store: AcceptedStore, max_pending: int) -> None:
        self._bus = bus
        self._store = store
        self._max_pending = max_pending
        self._pending = 0
        self._key_secret: bytes | None = None

    def use_key_secret(self, secret: bytes) -> None:
        """The secret of record keys; shared by every ingest process."""
        self._key_secret = secret

    async def accept(
        self, tenant: str, items: Sequence[Posted], *, now: datetime, traceparent: str
    ) -> list[Result]:
        """Make items durable. One result per item, in order.

        Raises:
            Problem: 503 when the log or the database is slow or absent; some items may have
                been written, sending all again is safe.
        """
        if self._pending + len(items) > self._max_pending:
            self._count(items, "unavailable")
            raise unavailable(f"{self._pending} items wait for the log already")
        self._pending += len(items)
        metrics.PENDING.set(self._pending)
        try:
            return await self._accept(tenant, items, now, traceparent)
        except BusUnavailable as error:
            self._count(items, "unavailable")
            log.warning("the log took nothing", extra={"error": str(error)})
            raise unavailable("the log did not take the items in time; send them again") from error
        except (DBAPIError, PoolTimeoutError, TimeoutError, OSError) as error:
            self._count(items, "unavailable")
            # The error of a statement may be a fault of ours, so it is logged whole.
            log.warning("database", exc_info=error if isinstance(error, DBAPIError) else None)
            raise unavailable(
                "the database that knows what was sent before does not answer; send them again"
            ) from error
        finally:
            self._pending -= len(items)
            metrics.PENDING.set(self._pending)

    async def _accept(
        self, tenant: str, items: Sequence[Posted], now: datetime, traceparent: str
    ) -> list[Result]:
        candidates = [_candidate(tenant, posted) for posted in items]
        asked = [one.key for one in candidates if one.repeatable]
        found = dict(zip(asked, await self._store.digests(asked), strict=True))
        results: list[Result] = []
        records: list[Outgoing] = []
        fresh: list[Accepted] = []
        for one in candidates:
            known = found.get(one.key)
            result = _judge(one, known)
            if result.outcome is Outcome.ACCEPTED:
                record = self._record(one, now, traceparent)
                if isinstance(record, str):
                    result = _result(one, Outcome.INVALID, record)
                else:
                    records.append(record)
                    # The second of two equal ids in one request meets the first one here.
                    found[one.key] = one.digest
                    if one.repeatable:
                        fresh.append(Accepted(one.key, one.digest, now))
            results.append(result)
        await self._bus.producer.send(records)
        await self._store.remember(fresh)
        self._measure(records, candidates, results)
        return results

    def _record(self, one: _Candidate, now: datetime, traceparent: str) -> Outgoing | str:
        """The record, or why the item makes none that the topic takes."""
        try:
            record = self._encode(one, now, traceparent)
        except ValidationError as error:
            # A placeholder may be longer than what it stands for.
            return f"with personal data replaced, the item is too large: {describe(error)}"
        size = len(record.value or b"")
        if size > MAX_RECORD_BYTES:
            return f"the item makes a record of {size} bytes; {MAX_RECORD_BYTES} fit"
        return record

    def _encode(self, one: _Candidate, now: datetime, traceparent: str) -> Outgoing:
        if self._key_secret is None:
            raise Fatal("ingest was not started")
        posted, key = one.posted, one.key
        record_key = partition_key(
            self._key_secret, key.tenant, posted.conversation_id, posted.identifiers, key.id
        )
        if isinstance(posted, PostedFeedback):
            topic = FEEDBACK_RECEIVED
            payload = posted.to_contract(key.tenant, key.id, now, redact(posted.text))
            return to_record(
                topic, payload, id=key.id, source=f"/{key.tenant}/{key.source}",
                key=record_key, time=payload.occurred_at, traceparent=traceparent,
            )  # fmt: skip
        summary = None if posted.summary is None else redact(posted.summary)
        happened = posted.to_contract(key.tenant, key.id, now, summary)
        return to_record(
            INTERACTION_RECORDED, happened, id=key.id, source=f"/{key.tenant}/{key.source}",
            key=record_key, time=happened.occurred_at, traceparent=traceparent,
        )  # fmt: skip

    def _measure(
        self,
        records: Sequence[Outgoing],
        candidates: Sequence[_Candidate],
        results: Sequence[Result],
    ) -> None:
        for record in records:
            common_metrics.BUS_PUBLISH.labels(record.topic, "ok").inc()
        for one, result in zip(candidates, results, strict=True):
            metrics.ITEMS.labels(one.key.kind, result.outcome.value).inc()

    def _count(self, items: Sequence[Posted], outcome: str) -> None:
        for posted in items:
            metrics.ITEMS.labels(_kind(posted).value, outcome).inc()


def _kind(posted: Posted) -> Kind:
    return Kind.FEEDBACK if isinstance(posted, PostedFeedback) else Kind.INTERACTION


def _candidate(tenant: str, posted: Posted) -> _Candidate:
    key = Key(tenant, _kind(posted).value, posted.source, posted.id or str(uuid.uuid4()))
    return _Candidate(posted, key, posted.digest(), repeatable=posted.id is not None)


def _judge(one: _Candidate, known: bytes | None) -> Result:
    if known is None:
        return _result(one, Outcome.ACCEPTED, None)
    if known == one.digest:
        return _result(one, Outcome.DUPLICATE, None)
    return _result(
        one,
        Outcome.CONFLICT,
        f"source {one.key.source!r} already sent id {one.key.id!r} with another body; "
        "give a changed item a new id",
    )


def _result(one: _Candidate, outcome: Outcome, detail: str | None) -> Result:
    return Result(outcome, one.key.source, one.key.id, detail)
