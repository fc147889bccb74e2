"""From submitted items to the log: fit? known before? then no; else write, remember, say yes.

An item is published before it is remembered. If the process dies between the two, the sender
saw no 202, sends again, and the item is published a second time under the same event id, which
every consumer ignores. Nothing that got a 202 can be missing from the log.
"""

import logging
import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from heedful.common import metrics as common_metrics
from heedful.common.bus.base import Bus, Outgoing
from heedful.common.errors import BusUnavailable, Fatal
from heedful.common.http.problems import Problem, unavailable
from heedful.common.logging import OncePerInterval
from heedful.common.metrics import series
from heedful.ingest import metrics
from heedful.ingest.channels import Kind
from heedful.ingest.known import Known
from heedful.ingest.models import Posted, PostedFeedback
from heedful.ingest.privacy import Privacies
from heedful.ingest.records import Encoder, Submission, TooLarge
from heedful.ingest.standards import Standards, Violation
from heedful.ingest.store import ERASED, Accepted, Key

log = logging.getLogger(__name__)
# While a server is away every request fails alike.
log.addFilter(OncePerInterval())


class Outcome(StrEnum):
    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    UNFIT = "unfit"
    INVALID = "invalid"


class Result(NamedTuple):
    """What became of one item.

    Attributes:
        violations: of the tenant's data standard, when it is unfit.
    """

    outcome: Outcome
    source: str
    id: str
    detail: str | None = None
    violations: Sequence[Violation] = ()


class _Candidate(NamedTuple):
    """An item under its key.

    Attributes:
        digest: of what was sent; empty where no id of the sender's makes it repeatable.
    """

    given: Submission
    key: Key
    digest: bytes
    repeatable: bool
    violations: Sequence[Violation]


class Acceptor:
    """Writes items of all routes; bounded."""

    def __init__(
        self,
        bus: Bus,
        known: Known,
        standards: Standards,
        privacies: Privacies,
        max_pending: int,
    ) -> None:
        self._bus = bus
        self._known = known
        self._standards = standards
        self._privacies = privacies
        self._max_pending = max_pending
        self._pending = 0
        self._encoder: Encoder | None = None

    def encode_with(self, encoder: Encoder) -> None:
        """What makes the records; before the first item."""
        self._encoder = encoder

    def check_room(self, kind: Kind, items: int) -> None:
        """Refuse before so many items are read: what is refused in a rush must cost little.

        Raises:
            Problem: 503, too many wait for the log.
        """
        if (full := self._full(items)) is not None:
            series(metrics.ITEMS, kind.value, "unavailable").inc(items)
            raise full

    async def accept(
        self, tenant: str, items: Sequence[Submission], *, now: datetime, traceparent: str
    ) -> list[Result]:
        """Make items durable. One result per item, in order.

        Raises:
            Problem: 503 when the log or the database is slow or absent; some items may have
                been written, sending all again is safe.
        """
        if (full := self._full(len(items))) is not None:
            self._count(items, "unavailable")
            raise full
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

    def _full(self, items: int) -> Problem | None:
        if self._pending + items <= self._max_pending:
            return None
        return unavailable(f"{self._pending} items wait for the log already")

    async def _accept(
        self, tenant: str, items: Sequence[Submission], now: datetime, traceparent: str
    ) -> list[Result]:
        if self._encoder is None:
            raise Fatal("ingest was not started")
        rules, privacy = await self._standards.of(tenant), await self._privacies.of(tenant)
        candidates = [
            _candidate(tenant, given, *rules.judge(given, given.received_at or now))
            for given in items
        ]
        asked = [one.key for one in candidates if one.repeatable]
        found = dict(zip(asked, await self._known.digests(asked), strict=True))
        results: list[Result] = []
        records: list[Outgoing] = []
        fresh: list[Accepted] = []
        for one in candidates:
            result = _judge(one, found.get(one.key))
            if result.outcome is Outcome.ACCEPTED:
                try:
                    records.append(
                        self._encoder.record(one.given, one.key, privacy, now, traceparent)
                    )
                except TooLarge as error:
                    result = _result(one, Outcome.INVALID, str(error))
                else:
                    # The second of two equal ids in one request meets the first one here.
                    found[one.key] = one.digest
                    if one.repeatable:
                        fresh.append(Accepted(one.key, one.digest, now))
            results.append(result)
        await self._bus.producer.send(records)
        await self._known.remember(fresh)
        self._measure(records, candidates, results)
        return results

    def _measure(
        self,
        records: Sequence[Outgoing],
        candidates: Sequence[_Candidate],
        results: Sequence[Result],
    ) -> None:
        for topic, number in Counter([record.topic for record in records]).items():
            series(common_metrics.BUS_PUBLISH, topic, "ok").inc(number)
        outcomes = Counter(
            [
                (one.key.kind, result.outcome.value)
                for one, result in zip(candidates, results, strict=True)
            ]
        )
        for labels, number in outcomes.items():
            series(metrics.ITEMS, *labels).inc(number)

    def _count(self, items: Sequence[Submission], outcome: str) -> None:
        for kind, number in Counter([kind_of(given.posted) for given in items]).items():
            series(metrics.ITEMS, kind.value, outcome).inc(number)


def kind_of(posted: Posted) -> Kind:
    return Kind.FEEDBACK if isinstance(posted, PostedFeedback) else Kind.INTERACTION


def _candidate(
    tenant: str, sent: Submission, placed: Submission, violations: Sequence[Violation]
) -> _Candidate:
    posted = sent.posted
    key = Key(tenant, kind_of(posted).value, posted.source, posted.id or str(uuid.uuid4()))
    # Of what was sent: a standard that changes makes no conflict of what is sent again.
    digest = b"" if posted.id is None else posted.digest()
    return _Candidate(placed, key, digest, posted.id is not None, violations)


def _judge(one: _Candidate, known: bytes | None) -> Result:
    if known is None and one.violations:
        return _result(one, Outcome.UNFIT, "; ".join(map(str, one.violations)))
    if known is None:
        return _result(one, Outcome.ACCEPTED, None)
    if known in (one.digest, ERASED):
        return _result(one, Outcome.DUPLICATE, None)
    return _result(
        one,
        Outcome.CONFLICT,
        f"source {one.key.source!r} already sent id {one.key.id!r} with another body; "
        "give a changed item a new id",
    )


def _result(one: _Candidate, outcome: Outcome, detail: str | None) -> Result:
    return Result(outcome, one.key.source, one.key.id, detail, one.violations)
