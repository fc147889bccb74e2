"""CloudEvents 1.0 over Kafka: binary mode out, binary and structured mode in.

Source: cloudevents/spec, `cloudevents/bindings/kafka-protocol-binding.md` §3 and
`cloudevents/extensions/partitioning.md`. The receiver tells the modes apart by the
content-type prefix alone (§3), and `partitionkey` stays an attribute when it also becomes
the record key (§3.1). Where the Python SDK 2.2 differs from the text, a test says so:
tests/unit/common/test_cloudevents_sdk.py.
"""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson

from heedful.common.errors import InvalidMessage

Headers = Sequence[tuple[str, bytes]]

SPEC_VERSION = "1.0"
STRUCTURED_PREFIX = "application/cloudevents"
STRUCTURED_JSON = "application/cloudevents+json; charset=UTF-8"
JSON = "application/json"
_REQUIRED = ("id", "source", "type")
_CORE = frozenset(
    {"specversion", "id", "source", "type", "time", "subject", "dataschema", "datacontenttype"}
)
_RESERVED = _CORE | {"data"}
_ATTRIBUTE_NAME = re.compile(r"[a-z0-9]+")
# What we write ourselves has fewer.
_NAMES = 64
# A name that somebody's program gave. Anything else may be a customer's words out of place.
_QUOTABLE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,39}")
_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})?"
)


@dataclass(frozen=True, slots=True)
class CloudEvent:
    """One event. `data` is the payload's bytes as they travel; `None` has no payload."""

    id: str
    source: str
    type: str
    data: bytes | None
    time: datetime | None = None
    subject: str | None = None
    dataschema: str | None = None
    datacontenttype: str | None = JSON
    extensions: Mapping[str, str] = field(default_factory=dict)

    @property
    def partition_key(self) -> str | None:
        return self.extensions.get("partitionkey")


@dataclass(frozen=True, slots=True)
class Message:
    """A CloudEvent as a Kafka record: key, value, headers."""

    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


def to_binary(event: CloudEvent) -> Message:
    """Binary content mode (§3.2): attributes in `ce_` headers, data as the value."""
    headers = [(_header(name), value.encode()) for name, value in _attributes(event)]
    if event.datacontenttype is not None:
        headers.append(("content-type", event.datacontenttype.encode()))
    if "traceparent" in event.extensions:
        # OpenTelemetry's Kafka propagators read the plain header, not the CloudEvents one.
        headers.append(("traceparent", event.extensions["traceparent"].encode()))
    return Message(_record_key(event), event.data, tuple(headers))


def to_structured(event: CloudEvent) -> Message:
    """Structured content mode (§3.3): the whole event as one JSON document."""
    body: dict[str, Any] = dict(_attributes(event))
    if event.datacontenttype is not None:
        body["datacontenttype"] = event.datacontenttype
    if event.data is not None:
        if _is_json(event.datacontenttype):
            body["data"] = orjson.Fragment(event.data)
        else:
            body["data_base64"] = base64.b64encode(event.data).decode()
    headers = (("content-type", STRUCTURED_JSON.encode()),)
    return Message(_record_key(event), orjson.dumps(body), headers)


def from_kafka(value: bytes | None, headers: Headers) -> CloudEvent:
    """Read a record in either mode.

    Raises:
        InvalidMessage: code `not_cloudevent`, `missing_attribute`, `bad_attribute` or
            `bad_structured`; the message names the attribute and never quotes the payload.
    """
    # Kafka headers may repeat; as with HTTP's last-write habit of Kafka clients, the last counts.
    by_name = {name.lower(): raw for name, raw in headers}
    content_type = _text("content-type", by_name.get("content-type"))
    if content_type is not None and content_type.lower().startswith(STRUCTURED_PREFIX):
        return from_structured(value)
    if "ce_specversion" not in by_name:
        raise InvalidMessage(
            "not_cloudevent", "neither a ce_specversion header nor a cloudevents content-type"
        )
    attributes = {
        name[3:]: text
        for name, raw in by_name.items()
        if name.startswith("ce_") and (text := _text(name, raw)) is not None
    }
    declared = attributes.pop("datacontenttype", None)
    return _build(attributes, value, declared if content_type is None else content_type)


def from_structured(value: bytes | None) -> CloudEvent:
    """Read one structured-mode JSON document.

    Raises:
        InvalidMessage: as `from_kafka`.
    """
    try:
        body = orjson.loads(value or b"")
    except orjson.JSONDecodeError as error:
        raise InvalidMessage("bad_structured", f"the event is not JSON: {error.msg}") from error
    if not isinstance(body, dict):
        raise InvalidMessage("bad_structured", "the event is not a JSON object")
    return from_mapping(body)


def from_mapping(body: Mapping[str, Any]) -> CloudEvent:
    """Read an event from its JSON object (one element of a batch)."""
    rest = dict(body)
    content_type = rest.pop("datacontenttype", None)
    if content_type is None:
        content_type = JSON
    if not isinstance(content_type, str):
        raise InvalidMessage("bad_attribute", "attribute 'datacontenttype' is not a string")
    data = _structured_data(rest, content_type)
    attributes = {}
    for name, value in rest.items():
        if value is None:
            continue
        if isinstance(value, bool):
            attributes[name] = "true" if value else "false"
        elif isinstance(value, str | int):
            attributes[name] = str(value)
        else:
            raise InvalidMessage(
                "bad_attribute", f"{_named('an attribute', name)} is not a simple value"
            )
    return _build(attributes, data, content_type)


def _structured_data(rest: dict[str, Any], content_type: str) -> bytes | None:
    if "data" in rest and "data_base64" in rest:
        raise InvalidMessage("bad_structured", "both data and data_base64 are present")
    if "data_base64" in rest:
        try:
            return base64.b64decode(rest.pop("data_base64"), validate=True)
        except (ValueError, TypeError) as error:
            raise InvalidMessage("bad_structured", "data_base64 is not base64") from error
    if "data" not in rest:
        return None
    data = rest.pop("data")
    if isinstance(data, str) and not _is_json(content_type):
        return data.encode()
    try:
        return orjson.dumps(data)
    except orjson.JSONEncodeError as error:
        raise InvalidMessage("bad_structured", "data is nested too deeply") from error


def _build(attributes: dict[str, str], data: bytes | None, content_type: str | None) -> CloudEvent:
    version = attributes.pop("specversion", None)
    if version != SPEC_VERSION:
        raise InvalidMessage("bad_attribute", f"specversion must be {SPEC_VERSION!r}")
    for name in _REQUIRED:
        if not attributes.get(name):
            raise InvalidMessage("missing_attribute", f"attribute {name!r} is missing or empty")
    for name in attributes:
        if not _ATTRIBUTE_NAME.fullmatch(name):
            raise InvalidMessage(
                "bad_attribute",
                f"{_named('an attribute name', name)} must be lower-case letters and digits",
            )
        if name == "data":
            raise InvalidMessage("bad_attribute", "'data' cannot be an attribute")
    return CloudEvent(
        id=attributes.pop("id"),
        source=attributes.pop("source"),
        type=attributes.pop("type"),
        time=_time(attributes.pop("time", None)),
        subject=attributes.pop("subject", None),
        dataschema=attributes.pop("dataschema", None),
        datacontenttype=content_type,
        data=data,
        extensions=attributes,
    )


def _attributes(event: CloudEvent) -> list[tuple[str, str]]:
    """Those that the event has, in the order in which they are written."""
    found = [
        ("specversion", SPEC_VERSION),
        ("id", event.id),
        ("source", event.source),
        ("type", event.type),
    ]
    if event.time is not None:
        found.append(("time", _rfc3339(event.time)))
    if event.subject is not None:
        found.append(("subject", event.subject))
    if event.dataschema is not None:
        found.append(("dataschema", event.dataschema))
    found += [(_extension(name), value) for name, value in event.extensions.items()]
    return found


@lru_cache(_NAMES)
def _header(attribute: str) -> str:
    return f"ce_{attribute}"


@lru_cache(_NAMES)
def _extension(name: str) -> str:
    """The name itself.

    Raises:
        ValueError: no attribute may have it.
    """
    if name in _RESERVED or not _ATTRIBUTE_NAME.fullmatch(name):
        raise ValueError(f"{name!r} cannot be an extension attribute")
    return name


def _record_key(event: CloudEvent) -> bytes | None:
    return None if event.partition_key is None else event.partition_key.encode()


def _named(what: str, name: str) -> str:
    return f"{what} ({name})" if _QUOTABLE_NAME.fullmatch(name) else what


def _text(name: str, raw: bytes | None) -> str | None:
    if raw is None:
        return None
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise InvalidMessage("bad_attribute", f"{_named('a header', name)} is not UTF-8") from error


def _time(value: str | None) -> datetime | None:
    if value is None:
        return None
    written = _RFC3339.fullmatch(value)
    if written is None:
        raise InvalidMessage("bad_attribute", "attribute 'time' is not an RFC 3339 time")
    if written.group(1) is None:
        raise InvalidMessage("bad_attribute", "attribute 'time' has no UTC offset")
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except ValueError as error:
        raise InvalidMessage("bad_attribute", "attribute 'time' is not an RFC 3339 time") from error
    except OverflowError as error:
        raise InvalidMessage("bad_attribute", "attribute 'time' is out of range") from error


def _rfc3339(time: datetime) -> str:
    utc = time if time.tzinfo is UTC else time.astimezone(UTC)
    return utc.isoformat().replace("+00:00", "Z")


def _is_json(content_type: str | None) -> bool:
    # JSON format §3.1: an absent datacontenttype means application/json.
    if content_type is None:
        return True
    media = content_type.split(";")[0].strip().lower()
    return media.endswith(("/json", "+json"))
