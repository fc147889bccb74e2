"""What could not be taken: kept sealed, shown, mended, sent again. Nothing is dropped."""

import base64
import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import orjson

from heedful.common.events import deterministic_id
from heedful.ingest.channels import ChannelRequest, Kind

_OF_THE_FILE: Final = ("source", "backfill")


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
        connection_id: None of a row of a file.
        received_at: when it first came in; its clocks count from here.
        import_id: of the file.
        row: its number in the file, the header included.
    """

    tenant: str
    channel: str
    connection_id: str | None
    adapter_version: str
    received_at: datetime
    import_id: str | None = None
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Which entries; None is any."""

    channel: str | None = None
    connection_id: str | None = None
    import_id: str | None = None
    reason: Reason | None = None


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
        """Of the content: what a vendor sends again and again is kept once. Rows of a file are
        told apart by their numbers: two customers may have said the same."""
        row = b"" if self.origin.row is None else b"row %d:" % self.origin.row
        return hashlib.sha256(row + self.content).digest()


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
    made = _entry(origin, Form.ITEM, reason, detail, orjson.dumps(kept), people)
    if origin.import_id is None:
        return made
    # A batch that is sent again, because a process died behind it, is not kept again.
    row = deterministic_id("quarantine", origin.tenant, origin.import_id, str(origin.row))
    return replace(made, id=f"qu-{row}")


def mended_fields(origin: Origin, read: KeptItem, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields that somebody has put in place of those that were read. Where a row comes from,
    and whether it is history, was said for its whole file."""
    if origin.import_id is None:
        return given
    row = {name: value for name, value in given.items() if name not in _OF_THE_FILE}
    return row | {name: read.fields[name] for name in _OF_THE_FILE if name in read.fields}


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
