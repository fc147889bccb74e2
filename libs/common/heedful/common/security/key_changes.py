"""What the audit says of a change of a key or a quota. Pure: neither key nor digest is in it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from heedful.common.administration import Entry, Subject
from heedful.common.contracts import Actor
from heedful.common.quota.policy import Limit, Override
from heedful.common.security.stored_key import StoredKey


def created(by: Actor, key: StoredKey) -> Entry:
    return _of_key(by, "created", key.terms.tenant, key.id, None, _told(key))


def rotated(by: Actor, old: StoredKey, ends: datetime, successor: StoredKey) -> Entry:
    """The successor has an entry of its own."""
    after = {"expires_at": ends.isoformat(), "successor": successor.id}
    before = {"expires_at": _time(old.terms.expires_at)}
    return _of_key(by, "rotated", old.terms.tenant, old.id, before, after)


def revoked(by: Actor, key: StoredKey) -> Entry:
    return _of_key(by, "revoked", key.terms.tenant, key.id, _told(key), None)


def key_quota_set(by: Actor, tenant: str, key_id: str, before: Override, after: Override) -> Entry:
    return _of_key(by, "quota_set", tenant, key_id, _quota(before), _quota(after))


def tenant_quota_set(by: Actor, tenant: str, before: Override, after: Override) -> Entry:
    return Entry(
        tenant=tenant,
        actor=by,
        action="quota.set",
        subject=Subject("quota", tenant),
        before=_quota(before),
        after=_quota(after),
    )


def _of_key(
    by: Actor,
    done: str,
    tenant: str,
    key_id: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
) -> Entry:
    return Entry(
        tenant=tenant,
        actor=by,
        action=f"key.{done}",
        subject=Subject("key", key_id),
        before=before,
        after=after,
    )


def _told(key: StoredKey) -> dict[str, Any]:
    terms = key.terms
    return {
        "name": terms.name,
        "scopes": sorted(terms.scopes),
        "expires_at": _time(terms.expires_at),
        "allowed_ips": [str(one) for one in terms.allowed_ips],
        **_quota(terms.quota),
    }


def _quota(override: Override) -> dict[str, Any]:
    return {"requests": _limit(override.requests), "items": _limit(override.items)}


def _limit(limit: Limit | None) -> dict[str, Any] | None:
    return None if limit is None else {"per_second": limit.per_second, "burst": limit.burst}


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
