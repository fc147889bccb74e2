"""Stored API keys for tests."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.contracts import Actor, ActorType
from heedful.common.security import key_store
from heedful.common.security.stored_key import KeyTerms

BY: Final = Actor(type=ActorType.SYSTEM, id="command:test")
"""Who makes and ends keys in tests."""


async def make_key(
    engine: AsyncEngine, tenant: str, scopes: Iterable[str], now: datetime, **terms: Any
) -> tuple[str, str]:
    """Store a key. Its id, and the key itself."""
    made = await key_store.create(engine, KeyTerms(tenant, frozenset(scopes), **terms), now, BY)
    return made.stored.id, made.secret
