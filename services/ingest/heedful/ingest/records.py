"""From a posted item to the record of its topic: redacted, keyed, enveloped."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import ValidationError

from heedful.common.bus.base import Outgoing
from heedful.common.contracts import Dialogue, Feedback, Interaction, Provenance
from heedful.common.events import partition_key, to_record
from heedful.common.topics import FEEDBACK_RECEIVED, INTERACTION_RECORDED, MAX_RECORD_BYTES
from heedful.common.wording import describe
from heedful.ingest.models import Posted, PostedFeedback
from heedful.ingest.redaction import redact
from heedful.ingest.store import Key

LATE_AFTER = timedelta(hours=24)
"""What was said longer ago than this when it came in is marked as late."""

BY_API = Provenance(adapter="api", version="1")


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

    def __init__(self, key_secret: bytes) -> None:
        self._key_secret = key_secret

    def record(self, given: Submission, key: Key, now: datetime, traceparent: str) -> Outgoing:
        """The record of one item.

        Raises:
            TooLarge: it does not fit its topic.
        """
        try:
            record = self._encode(given, key, given.received_at or now, traceparent)
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
        self, given: Submission, key: Key, received_at: datetime, traceparent: str
    ) -> Outgoing:
        posted = given.posted
        provenance = _timed(given.provenance, posted.occurred_at, received_at)
        payload: Feedback | Interaction
        if isinstance(posted, PostedFeedback):
            topic, said = FEEDBACK_RECEIVED, redact(posted.text)
            turns = _redacted(posted.dialogue)
            payload = posted.to_contract(key.tenant, key.id, received_at, said, turns, provenance)
        else:
            topic = INTERACTION_RECORDED
            summary = None if posted.summary is None else redact(posted.summary)
            payload = posted.to_contract(key.tenant, key.id, received_at, summary, provenance)
        return to_record(
            topic,
            payload,
            id=key.id,
            source=f"/{key.tenant}/{key.source}",
            key=partition_key(
                self._key_secret, key.tenant, posted.conversation_id, posted.identifiers, key.id
            ),
            time=payload.occurred_at,
            traceparent=traceparent,
        )


def _redacted(dialogue: Dialogue | None) -> Dialogue | None:
    if dialogue is None:
        return None
    return tuple(turn.model_copy(update={"text": redact(turn.text)}) for turn in dialogue)


def _timed(given: Provenance, occurred_at: datetime | None, received_at: datetime) -> Provenance:
    if occurred_at is None or received_at - occurred_at <= LATE_AFTER:
        return given
    return given.model_copy(update={"late": True})
