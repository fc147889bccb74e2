"""Keys that are stored: what is known of one, and what one may make."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from heedful.common.quota.policy import NOTHING_SET, Override
from heedful.common.security.addresses import Network, covers
from heedful.common.security.keys import EVERYTHING, Principal

_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class KeyTerms:
    """What a key is to be."""

    tenant: str
    scopes: frozenset[str]
    name: str = ""
    expires_at: datetime | None = None
    allowed_ips: tuple[Network, ...] = ()
    quota: Override = NOTHING_SET


@dataclass(frozen=True, slots=True)
class StoredKey:
    """What is known of a key; the key itself is not.

    Attributes:
        revoked_at: when it was ended, by somebody or by its expiry.
        last_used_at: to a minute; None: never.
        successor: id of the key that it was rotated to.
    """

    id: str
    terms: KeyTerms
    created_at: datetime
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
    successor: str | None = None

    @property
    def principal(self) -> Principal:
        given = self.terms
        return Principal(
            tenant=given.tenant,
            key_id=self.id,
            scopes=given.scopes,
            expires_at=given.expires_at,
            allowed_ips=given.allowed_ips,
            quota=given.quota,
        )

    def active(self, now: datetime) -> bool:
        return self.revoked_at is None and not self.principal.expired(now)


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A new key, and its secret, which is shown once and stored nowhere."""

    stored: StoredKey
    secret: str


def new_id() -> str:
    return f"k-{secrets.token_hex(6)}"


def new_secret() -> str:
    """`hf_` and 32 random bytes in base64url."""
    return f"hf_{secrets.token_urlsafe(_KEY_BYTES)}"


def successor_expiry(old: StoredKey, now: datetime) -> datetime | None:
    """A successor lives as long as the old key was meant to."""
    if old.terms.expires_at is None:
        return None
    return now + (old.terms.expires_at - old.created_at)


def old_expiry(old: StoredKey, overlap: timedelta, now: datetime) -> datetime:
    """When a rotated key ends: after the overlap, or earlier if it was to end earlier."""
    ends = now + overlap
    return ends if old.terms.expires_at is None else min(ends, old.terms.expires_at)


def exceeds(actor: Principal, wanted: KeyTerms) -> str | None:
    """What a key would grant that it has not got itself; None: it may make this key.

    Without this rule a key that may make keys is as good as every key of the tenant.
    """
    if not _within(wanted.scopes, actor.scopes):
        missing = sorted(wanted.scopes - actor.scopes)
        return f"scopes: this key lacks {', '.join(missing)}"
    if actor.expires_at is not None and (
        wanted.expires_at is None or wanted.expires_at > actor.expires_at
    ):
        return f"expires_at: this key itself expires at {actor.expires_at.isoformat()}"
    if actor.allowed_ips and (
        not wanted.allowed_ips
        or not all(covers(actor.allowed_ips, one) for one in wanted.allowed_ips)
    ):
        return "allowed_ips: this key itself is limited to other networks"
    return None


def manages(actor: Principal, other: StoredKey) -> bool:
    """Whether a key may end or rotate another one: never one that can do more than itself."""
    return _within(other.terms.scopes, actor.scopes)


def _within(scopes: Iterable[str], owned: frozenset[str]) -> bool:
    return EVERYTHING in owned or owned.issuperset(scopes)
