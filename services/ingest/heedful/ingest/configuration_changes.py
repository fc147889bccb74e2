"""What the audit says of a change of a connection, a standard or the privacy settings. Pure.

The chain cannot be changed, and options may name an account or hold a URL: it says which of them
changed, with a digest that tells one from another, and no value.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import orjson

from heedful.common.administration import Entry, Subject
from heedful.common.security import Principal
from heedful.ingest.privacy import Privacy

_SETTINGS = ("channel", "name", "touchpoint", "department", "backfill", "enabled")


def connection(
    by: Principal,
    done: str,
    connection_id: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
) -> Entry:
    """Args:
    done: `created`, `changed`, `rotated` or `deleted`.
    before, after: rows of `ingest.connection`, of which the secrets are left out.
    """
    changed = _options_that_differ(before or {}, after or {})
    return Entry(
        tenant=by.tenant,
        actor=by.acting,
        action=f"connection.{done}",
        subject=Subject("connection", connection_id),
        before=None if before is None else _told(before),
        after=None if after is None else {**_told(after), "options_changed": changed},
    )


def standard(by: Principal, channel: str, version: int, *, taken_back: bool) -> Entry:
    """Every version of a standard is kept, so its number tells what it says."""
    return Entry(
        tenant=by.tenant,
        actor=by.acting,
        action="standard.taken_back" if taken_back else "standard.made",
        subject=Subject("standard", channel),
        after={"version": version},
    )


def privacy(by: Principal, before: Privacy, after: Privacy) -> Entry:
    return Entry(
        tenant=by.tenant,
        actor=by.acting,
        action="privacy.changed",
        subject=Subject("privacy", by.tenant),
        before=before.model_dump(mode="json"),
        after=after.model_dump(mode="json"),
    )


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    options = orjson.dumps(row["options"], option=orjson.OPT_SORT_KEYS)
    return {
        **{name: row[name] for name in _SETTINGS},
        "options_sha256": sha256(options).hexdigest(),
    }


def _options_that_differ(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    old, new = before.get("options") or {}, after.get("options") or {}
    return sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
