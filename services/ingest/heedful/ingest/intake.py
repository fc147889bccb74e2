"""What a channel sent, to the log or to quarantine: proven, read, completed, judged, accepted."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from heedful.common.contracts import Provenance
from heedful.common.errors import Fatal
from heedful.common.http.problems import Problem
from heedful.common.wording import describe
from heedful.ingest import metrics, quarantine
from heedful.ingest.accept import Acceptor, Outcome, Result
from heedful.ingest.channels import (
    ChannelRequest,
    Draft,
    Failed,
    Kind,
    Malformed,
    Parsed,
    Part,
    Unverified,
)
from heedful.ingest.connections import Connection
from heedful.ingest.models import Posted, PostedFeedback, PostedInteraction
from heedful.ingest.people import People
from heedful.ingest.quarantine import Entry, KeptItem, Origin, Reason, Stored
from heedful.ingest.records import Submission
from heedful.ingest.store_parts import PartStore
from heedful.ingest.store_quarantine import QuarantineStore

log = logging.getLogger(__name__)

_MODELS: Mapping[Kind, type[PostedFeedback] | type[PostedInteraction]] = {
    Kind.FEEDBACK: PostedFeedback,
    Kind.INTERACTION: PostedInteraction,
}
REASONS = {
    Outcome.CONFLICT: Reason.CONFLICT,
    Outcome.UNFIT: Reason.UNFIT,
    Outcome.INVALID: Reason.INVALID,
}


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the items of one request."""

    accepted: int
    duplicate: int
    quarantined: int


class Intake:
    """Takes what channels send."""

    def __init__(self, acceptor: Acceptor, kept: QuarantineStore, parts: PartStore) -> None:
        self._acceptor = acceptor
        self._kept = kept
        self._parts = parts
        self._people: People | None = None

    def know_people(self, people: People) -> None:
        """What hashes whom a quarantined item is about; before the first request."""
        self._people = people

    async def opened(self, connection: Connection, request: ChannelRequest) -> ChannelRequest:
        """The request, proven.

        Raises:
            Problem: 401 when it is not proven, 400 when it is not even in that form.
        """
        channel = connection.adapter.name
        try:
            return connection.verify(request)
        except Unverified as error:
            metrics.REQUESTS.labels(channel, "unverified").inc()
            raise Problem(401, "unverified", str(error)) from error
        except Malformed as error:
            metrics.REQUESTS.labels(channel, "malformed").inc()
            raise Problem(400, "malformed", str(error)) from error

    async def parsed(self, connection: Connection, request: ChannelRequest) -> Parsed:
        """What a proven request holds. One that cannot be read is kept in quarantine.

        Raises:
            Problem: 400, it is not in the vendor's documented shape; 500, the adapter failed;
                503, the quarantine is away: the vendor must send it again.
        """
        adapter = connection.adapter
        try:
            return adapter.parse(request, connection.options)
        except Malformed as error:
            problem = Problem(400, "malformed", str(error))
            reason, detail = Reason.MALFORMED, str(error)
        except Exception as error:  # a plug-in; nothing of it may be lost
            log.error("an adapter failed", extra={"channel": adapter.name}, exc_info=error)
            problem = Problem(500, "adapter-failed", "the channel's adapter failed; it was logged")
            reason, detail = Reason.FAULT, f"the adapter failed: {type(error).__name__}"
        metrics.REQUESTS.labels(adapter.name, reason.value).inc()
        origin = origin_of(connection, request.received_at)
        await self._keep([quarantine.of_request(origin, request, reason, detail)])
        raise problem

    async def take(
        self,
        connection: Connection,
        items: Sequence[Draft | Failed],
        *,
        received_at: datetime,
        now: datetime,
        traceparent: str,
    ) -> Taken:
        """The items to the log; what cannot be taken to quarantine.

        Raises:
            Problem: 503, the log or the quarantine is away; all of it may be sent again.
        """
        origin = origin_of(connection, received_at)
        kept: list[Entry] = []
        given: list[tuple[KeptItem, Submission]] = []
        for item in items:
            if isinstance(item, Failed):
                kept.append(quarantine.of_part(origin, item.raw, item.detail))
                continue
            read = KeptItem(item.kind, item.values, item.mapping)
            made = submission(connection, read, received_at)
            if isinstance(made, str):
                kept.append(self.entry(origin, read, Reason.INVALID, made))
            else:
                given.append((read, made))
        results = await self._acceptor.accept(
            connection.tenant, [made for _, made in given], now=now, traceparent=traceparent
        )
        kept += [
            self.entry(origin, read, REASONS[result.outcome], result.detail or "")
            for (read, _), result in zip(given, results, strict=True)
            if result.outcome in REASONS
        ]
        await self._keep(kept)
        metrics.REQUESTS.labels(connection.adapter.name, "taken").inc()
        return _counted(results, len(kept))

    async def hold(self, connection: Connection, parts: Sequence[Part], now: datetime) -> None:
        """Keep pieces of items until the others are there."""
        await self._parts.add(connection.id, parts, now)

    def mended(self, stored: Stored, item: KeptItem) -> Entry:
        """The entry with other fields in it."""
        made = self.entry(stored.origin, item, stored.reason, stored.detail)
        return replace(made, id=stored.id)

    def entry(self, origin: Origin, item: KeptItem, reason: Reason, detail: str) -> Entry:
        """An item in quarantine, with whom it is about.

        Raises:
            Fatal: ingest was not started.
        """
        if self._people is None:
            raise Fatal("ingest was not started")
        people = self._people.of(origin.tenant, item.fields.get("identifiers"))
        return quarantine.of_item(origin, item, reason, detail, people)

    async def _keep(self, entries: Sequence[Entry]) -> None:
        await self._kept.add(entries)
        for entry in entries:
            metrics.QUARANTINED.labels(entry.origin.channel, entry.reason.value).inc()


def origin_of(connection: Connection, received_at: datetime) -> Origin:
    return Origin(
        tenant=connection.tenant,
        channel=connection.adapter.name,
        connection_id=connection.id,
        adapter_version=connection.adapter.version,
        received_at=received_at,
    )


def submission(connection: Connection, item: KeptItem, received_at: datetime) -> Submission | str:
    """The item with what its connection says, or what is wrong with it."""
    said: dict[str, Any] = {
        "touchpoint": connection.touchpoint,
        "department": connection.department,
    }
    fields = {
        **{name: value for name, value in said.items() if value is not None},
        **item.fields,
        "source": connection.source,
    }
    fields.pop("backfill", None)
    try:
        posted: Posted = _MODELS[item.kind].model_validate(fields)
        if connection.is_history(posted.occurred_at):
            posted = posted.model_copy(update={"backfill": True})
        provenance = Provenance(
            adapter=connection.adapter.name,
            version=connection.adapter.version,
            connection_id=connection.id,
            mapping=dict(item.mapping),
        )
    except ValidationError as error:
        return describe(error)
    return Submission(posted, provenance, received_at)


def _counted(results: Sequence[Result], quarantined: int) -> Taken:
    outcomes = [result.outcome for result in results]
    return Taken(
        accepted=outcomes.count(Outcome.ACCEPTED),
        duplicate=outcomes.count(Outcome.DUPLICATE),
        quarantined=quarantined,
    )
