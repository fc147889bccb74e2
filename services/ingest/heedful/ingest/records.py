"""From a posted item to the record of its topic: redacted, keyed, enveloped."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import ValidationError

from heedful.common.bus.base import Outgoing
from heedful.common.contracts import Feedback, Provenance
from heedful.common.events import partition_key, to_record
from heedful.common.metrics import series
from heedful.common.topics import FEEDBACK_RECEIVED, INTERACTION_RECORDED, MAX_RECORD_BYTES
from heedful.common.wording import describe
from heedful.ingest import metrics
from heedful.ingest.item_redaction import ItemRedactor
from heedful.ingest.models import Posted
from heedful.ingest.privacy import Privacy
from heedful.ingest.store import Key

LATE_AFTER = timedelta(hours=24)
"""What was said longer ago than this when it came in is marked as late."""

BY_API = Provenance(adapter="api", version="1")
_LATE_BY_API = Provenance(adapter="api", version="1", late=True)


@dataclass(frozen=True, slots=True)
class Submission:
    """An item and how it came.

    Attributes:
        received_at: when it first came in, where that was before now: what waited in quarantine.
    """

    posted: Posted
    provenance: Provenance = BY_API
    received_at: datetime | None = None


class TooLarge(ValueError):
    """The item makes no record that its topic takes; the text says why."""


class Encoder:
    """Makes records.

    Args:
        key_secret: of the record keys; shared by every ingest process.
    """

    def __init__(self, key_secret: bytes, redactor: ItemRedactor) -> None:
        self._key_secret = key_secret
        self._redactor = redactor

    def record(
        self, given: Submission, key: Key, privacy: Privacy, now: datetime, traceparent: str
    ) -> Outgoing:
        """The record of one item, as the tenant's privacy settings allow it to be published.

        Raises:
            TooLarge: it does not fit its topic.
        """
        try:
            record = self._encode(given, key, privacy, given.received_at or now, traceparent)
        except ValidationError as error:
            # A placeholder may be longer than what it stands for.
            raise TooLarge(
                f"with personal data replaced, the item is too large: {describe(error)}"
            ) from error
        size = len(record.value or b"")
        if size > MAX_RECORD_BYTES:
            raise TooLarge(f"the item makes a record of {size} bytes; {MAX_RECORD_BYTES} fit")
        return record

    def _encode(
        self,
        given: Submission,
        key: Key,
        privacy: Privacy,
        received_at: datetime,
        traceparent: str,
    ) -> Outgoing:
        posted = given.posted
        provenance = _timed(given.provenance, posted.occurred_at, received_at)
        safe = self._redactor.redact(key.tenant, posted, privacy)
        for kind, count in safe.redaction.counts.items():
            series(metrics.REDACTED, kind).inc(count)
        payload = safe.posted.to_contract(
            key.tenant, key.id, received_at, provenance, safe.redaction
        )
        return to_record(
            FEEDBACK_RECEIVED if isinstance(payload, Feedback) else INTERACTION_RECORDED,
            payload,
            id=key.id,
            source=f"/{key.tenant}/{key.source}",
            # Of what was posted: the order of a customer's events outlives a change of settings.
            key=partition_key(
                self._key_secret, key.tenant, posted.conversation_id, posted.identifiers, key.id
            ),
            time=payload.occurred_at,
            traceparent=traceparent,
        )


def _timed(given: Provenance, occurred_at: datetime | None, received_at: datetime) -> Provenance:
    if occurred_at is None or received_at - occurred_at <= LATE_AFTER:
        return given
    return _LATE_BY_API if given is BY_API else given.model_copy(update={"late": True})
