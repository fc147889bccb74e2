"""A tenant's keys, as far as one of its keys may see and change them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.http.problems import Problem, not_found
from heedful.common.security import Principal, key_store
from heedful.common.security.key_store import NotRotated
from heedful.common.security.stored_key import (
    KeyTerms,
    MadeKey,
    StoredKey,
    exceeds,
    manages,
    successor_expiry,
)


class KeyIssuing:
    """Makes, rotates and ends keys for a principal, within what it is itself.

    Args:
        max_keys: of a tenant, ended ones not counted.
    """

    def __init__(self, engine: AsyncEngine, max_keys: int, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._max_keys = max_keys
        self._clock = clock

    async def create(self, principal: Principal, terms: KeyTerms) -> MadeKey:
        """A new key, with the quota of who makes it.

        Raises:
            Problem: 403, it would grant more; 409, there are too many; 422, it has expired.
        """
        now = self._clock()
        if terms.expires_at is not None and terms.expires_at <= now:
            raise Problem(422, "invalid", "expires_at is in the past")
        _within(principal, terms)
        await self._room(principal)
        terms = replace(terms, quota=principal.quota)
        return await key_store.create(self._engine, terms, now, principal.acting)

    async def get(self, principal: Principal, key_id: str) -> StoredKey:
        """A key of the tenant.

        Raises:
            Problem: 404.
        """
        key = await key_store.get(self._engine, key_id, tenant=principal.tenant)
        if key is None:
            raise not_found("key")
        return key

    async def rotate(self, principal: Principal, key_id: str, overlap: timedelta) -> MadeKey:
        """A key's successor, which lives no longer than who makes it.

        Raises:
            Problem: 404; 403, it can do more; 409, it has ended, or has a successor already.
        """
        now = self._clock()
        old = await self._managed(principal, key_id)
        expires_at = successor_expiry(old, now)
        if principal.expires_at is not None:
            expires_at = min(expires_at or principal.expires_at, principal.expires_at)
        _within(principal, replace(old.terms, expires_at=expires_at))
        await self._room(principal)
        try:
            made = await key_store.rotate(
                self._engine,
                key_id,
                overlap,
                now,
                principal.acting,
                tenant=principal.tenant,
                expires_at=expires_at,
            )
        except NotRotated as error:
            raise Problem(409, "not-rotated", str(error)) from error
        if made is None:
            raise not_found("key")
        return made

    async def revoke(self, principal: Principal, key_id: str) -> None:
        """End a key; one that has ended stays so.

        Raises:
            Problem: 404; 403, it can do more.
        """
        await self._managed(principal, key_id)
        await key_store.revoke(
            self._engine, key_id, self._clock(), principal.acting, tenant=principal.tenant
        )

    async def _managed(self, principal: Principal, key_id: str) -> StoredKey:
        key = await self.get(principal, key_id)
        if not manages(principal, key):
            raise Problem(403, "forbidden", "that key can do more than this one")
        return key

    async def _room(self, principal: Principal) -> None:
        if await key_store.count(self._engine, principal.tenant) >= self._max_keys:
            raise Problem(
                409, "too-many-keys", f"a tenant has at most {self._max_keys} keys; revoke some"
            )


def _within(principal: Principal, terms: KeyTerms) -> None:
    wrong = exceeds(principal, terms)
    if wrong is not None:
        raise Problem(403, "forbidden", wrong)
