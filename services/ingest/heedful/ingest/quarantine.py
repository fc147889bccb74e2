"""What could not be taken: kept sealed, shown, mended, sent again. Nothing is dropped."""

import base64
import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson

from heedful.ingest.channels import ChannelRequest, Kind


class Form(StrEnum):
    """What is kept: a whole request that cannot be read, a part of one, or an item."""

    REQUEST = "request"
    PART = "part"
    ITEM = "item"


class Reason(StrEnum):
    MALFORMED = "malformed"
    INVALID = "invalid"
    UNFIT = "unfit"
    CONFLICT = "conflict"
    FAULT = "fault"


class State(StrEnum):
    OPEN = "open"
    REPLAYED = "replayed"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where it came from.

    Attributes:
        received_at: when it first came in; its clocks count from here.
    """

    tenant: str
    channel: str
    connection_id: str
    adapter_version: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class KeptItem:
    """An item as it was read, to be mended field by field."""

    kind: Kind
    fields: Mapping[str, Any]
    mapping: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in quarantine.

    Attributes:
        content: what was sent, in the form that `form` says; sealed where it is stored.
        people: keyed hashes of whom it is about, for erasure.
    """

    id: str
    origin: Origin
    form: Form
    reason: Reason
    detail: str
    content: bytes
    people: Sequence[str] = ()

    @property
    def digest(self) -> bytes:
        """Of the content: what a vendor sends again and again is kept once."""
        return hashlib.sha256(self.content).digest()


@dataclass(frozen=True, slots=True)
class Stored:
    """What the list shows of one: no words."""

    id: str
    origin: Origin
    form: Form
    reason: Reason
    detail: str
    state: State
    tries: int
    resolved_at: datetime | None
    resolved_by: str | None


def of_request(origin: Origin, request: ChannelRequest, reason: Reason, detail: str) -> Entry:
    """A whole request that could not be read, as it was proven and opened."""
    kept = {
        "method": request.method,
        "query": dict(request.query),
        "headers": dict(request.headers),
        "body": base64.b64encode(request.body).decode(),
    }
    return _entry(origin, Form.REQUEST, reason, detail, orjson.dumps(kept))


def of_part(origin: Origin, raw: bytes, detail: str) -> Entry:
    """One of several items that could not be read."""
    return _entry(origin, Form.PART, Reason.MALFORMED, detail, raw)


def of_item(
    origin: Origin, item: KeptItem, reason: Reason, detail: str, people: Sequence[str]
) -> Entry:
    kept = {
        "kind": item.kind.value,
        "fields": dict(item.fields),
        "mapping": dict(item.mapping),
    }
    return _entry(origin, Form.ITEM, reason, detail, orjson.dumps(kept), people)


def request_in(content: bytes, received_at: datetime) -> ChannelRequest:
    """The request that `of_request` kept."""
    kept = orjson.loads(content)
    return ChannelRequest(
        method=kept["method"],
        query=kept["query"],
        headers=kept["headers"],
        body=base64.b64decode(kept["body"]),
        received_at=received_at,
    )


def item_in(content: bytes) -> KeptItem:
    """The item that `of_item` kept."""
    kept = orjson.loads(content)
    return KeptItem(Kind(kept["kind"]), kept["fields"], kept["mapping"])


def _entry(
    origin: Origin,
    form: Form,
    reason: Reason,
    detail: str,
    content: bytes,
    people: Sequence[str] = (),
) -> Entry:
    return Entry(f"qu-{uuid.uuid4()}", origin, form, reason, detail, content, people)
