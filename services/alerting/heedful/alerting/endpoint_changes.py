"""What the audit says of a change of an endpoint. Pure."""

from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import orjson

from heedful.alerting.audit import Entry, Subject
from heedful.alerting.endpoint import Endpoint
from heedful.common.contracts import Actor


def created(by: Actor, endpoint: Endpoint) -> Entry:
    return _entry(by, "created", endpoint, None, _told(endpoint))


def changed(by: Actor, before: Endpoint, after: Endpoint) -> Entry:
    return _entry(by, "changed", after, _told(before), _told(after))


def rotated(by: Actor, before: Endpoint, after: Endpoint) -> Entry:
    """It has another secret."""
    return _entry(by, "rotated", after, _told(before), _told(after))


def deleted(by: Actor, endpoint: Endpoint) -> Entry:
    return _entry(by, "deleted", endpoint, _told(endpoint), None)


def _entry(
    by: Actor,
    done: str,
    endpoint: Endpoint,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
) -> Entry:
    return Entry(
        tenant=endpoint.tenant,
        actor=by,
        action=f"endpoint.{done}",
        subject=Subject("endpoint", endpoint.id),
        before=before,
        after=after,
    )


def _told(endpoint: Endpoint) -> dict[str, Any]:
    """Without the path of its URL, in which there may be a secret or a name; a digest tells one
    from another."""
    told: dict[str, Any] = orjson.loads(orjson.dumps(asdict(endpoint)))
    url = urlsplit(told.pop("url"))
    told["target"] = f"{url.scheme}://{url.hostname}" if url.hostname else url.scheme
    told["url_sha256"] = sha256(endpoint.url.encode()).hexdigest()
    return {name: value for name, value in told.items() if name not in ("id", "tenant")}
