"""Webhooks after Standard Webhooks 1.0: secrets, signature, the frozen body. Pure.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
The body says that something happened and where to look: no words and no identifier of a
customer leave by this way.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import orjson

from heedful.alerting.recipients import Mention, Recipient
from heedful.alerting.signals.shown import Shown
from heedful.common.contracts import CaseEventKind, ClockMetric, Deadlines
from heedful.common.events import deterministic_id

SECRET_PREFIX = "whsec_"  # noqa: S105  # what every secret starts with
_SECRET_BYTES = 32
_SECRET_RANGE = range(24, 65)


class EventType(StrEnum):
    OPENED = "case.opened"
    REOPENED = "case.reopened"
    RAISED = "case.severity_changed"
    WARNING = "case.warning"
    BREACHED = "case.breached"
    ESCALATED = "case.escalated"
    ACKNOWLEDGED = "case.acknowledged"
    CLOSED = "case.closed"
    REPLY_WANTED = "case.reply.wanted"
    SIGNALLED = "case.signalled"
    ISSUE_OPENED = "issue.opened"
    ISSUE_UPDATED = "issue.updated"
    ISSUE_CLOSED = "issue.closed"
    TEST = "endpoint.test"
    FAILING = "endpoint.failing"
    DISABLED = "endpoint.disabled"
    REPORT = "report.monthly"


ALARMS = frozenset(
    {
        EventType.OPENED,
        EventType.REOPENED,
        EventType.RAISED,
        EventType.WARNING,
        EventType.BREACHED,
        EventType.ESCALATED,
        EventType.SIGNALLED,
    }
)
"""Those that ask somebody to act; the others are heard by who asks for them."""

OF_ISSUES = frozenset({EventType.ISSUE_OPENED, EventType.ISSUE_UPDATED, EventType.ISSUE_CLOSED})
"""They tell of many cases at once, in place of what each would tell."""

NOTIFIED: Mapping[CaseEventKind, EventType] = {
    CaseEventKind.OPENED: EventType.OPENED,
    CaseEventKind.REOPENED: EventType.REOPENED,
    CaseEventKind.SEVERITY_CHANGED: EventType.RAISED,
    CaseEventKind.ESCALATED: EventType.ESCALATED,
    CaseEventKind.WARNED: EventType.WARNING,
    CaseEventKind.BREACHED: EventType.BREACHED,
    CaseEventKind.ACKNOWLEDGED: EventType.ACKNOWLEDGED,
    CaseEventKind.CLOSED: EventType.CLOSED,
    CaseEventKind.REPLY_WANTED: EventType.REPLY_WANTED,
    CaseEventKind.SIGNALLED: EventType.SIGNALLED,
}
"""The events of a case that endpoints hear of, where the policy names somebody to tell."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What an endpoint is told about one step of a case.

    Attributes:
        step: name of the ladder's step; empty where no ladder is climbed.
        cycle: which run of the clock it is, from 1.
        audience: whom it is for; empty: everybody.
        mentions: who of them is called by name. Not in the body: names stay within the company's
            own channels.
        not_before: when people may be told; None: at once.
        text: what the customer is to be told, of `case.reply.wanted`.
        signal: of journey, that gave rise to the step.
    """

    type: EventType
    at: datetime
    case_id: str
    tenant: str
    sequence: int
    colour: str
    state: str
    clock: ClockMetric | None
    deadlines: Deadlines
    received_at: datetime
    source: str
    feedback_id: str
    channel: str
    reasons: tuple[Mapping[str, str], ...]
    url: str
    step: str = ""
    cycle: int = 1
    audience: tuple[Recipient, ...] = ()
    mentions: tuple[Mention, ...] = ()
    not_before: datetime | None = None
    text: str | None = None
    signal: Shown | None = None

    def body(self) -> bytes:
        """The bytes that every try sends."""
        data: dict[str, Any] = {
            "case_id": self.case_id,
            "tenant": self.tenant,
            "sequence": self.sequence,
            "colour": self.colour,
            "state": self.state,
            "clock": self.clock,
            "cycle": self.cycle,
            "step": self.step,
            "audience": list(self.audience),
            "deadlines": self.deadlines.model_dump(mode="json", exclude_none=True),
            "received_at": written(self.received_at),
            "feedback": {
                "source": self.source,
                "id": self.feedback_id,
                "channel": self.channel,
            },
            "reasons": [dict(reason) for reason in self.reasons],
            "url": self.url,
        }
        if self.text is not None:
            data["text"] = self.text
        if self.signal is not None:
            data["signal"] = self.signal.body()
        return orjson.dumps({"type": self.type, "timestamp": written(self.at), "data": data})

    def webhook_id(self, endpoint_id: str) -> str:
        """One id per step of a case and endpoint, the same on every try (spec: idempotency)."""
        step = self.type if self.clock is None else f"{self.type}:{self.clock}"
        if self.clock is None and self.sequence > 1:
            # A case can be reopened, raised, acknowledged and closed more than once.
            return deterministic_id("webhook", self.case_id, step, str(self.sequence), endpoint_id)
        if (self.cycle, self.step) == (1, ""):
            return deterministic_id("webhook", self.case_id, step, endpoint_id)
        run = (str(self.cycle), self.step)
        return deterministic_id("webhook", self.case_id, step, *run, endpoint_id)


def new_secret() -> str:
    """A secret for one endpoint."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def secret_bytes(secret: str) -> bytes:
    """The key in a secret.

    Raises:
        ValueError: not `whsec_` with base64 of 24 to 64 bytes.
    """
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not secret.startswith(SECRET_PREFIX) or len(key) not in _SECRET_RANGE:
        raise ValueError("a webhook secret is whsec_ and base64 of 24 to 64 bytes")
    return key


def headers(
    secret: str, webhook_id: str, now: datetime, body: bytes, previous: str | None = None
) -> dict[str, str]:
    """The three headers of one try; the signature covers id, time and body.

    Args:
        previous: the secret before a rotation; the receiver may still verify with it.
    """
    timestamp = str(int(now.timestamp()))
    signed = b".".join((webhook_id.encode(), timestamp.encode(), body))
    keys = [secret] if previous is None else [secret, previous]
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(_signature(key, signed) for key in keys),
    }


def _signature(secret: str, signed: bytes) -> str:
    digest = hmac.digest(secret_bytes(secret), signed, hashlib.sha256)
    return "v1," + base64.b64encode(digest).decode()


def written(value: datetime) -> str:
    """A time as bodies have it."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
