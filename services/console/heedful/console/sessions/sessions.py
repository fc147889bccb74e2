"""Starts, finds and ends sessions."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.security.roles import Role
from heedful.console.sessions import store
from heedful.console.sessions.preference import Preference
from heedful.console.sessions.session import Session, kept_as, new_token

_NOTED_EVERY: Final = timedelta(minutes=1)
"""That a session is used is written no more often: each page would be a write."""
PURGE_EVERY_S: Final = 600.0


@dataclass(frozen=True, slots=True)
class Limits:
    """`longest`: from signing in. `idle`: from the last page."""

    longest: timedelta
    idle: timedelta


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person as an identity provider or an account proves them."""

    tenant: str
    person: str
    name: str
    role: Role
    provider: str


class Sessions:
    """The sessions of this console, in PostgreSQL, so that every replica knows them."""

    def __init__(self, engine: AsyncEngine, limits: Limits, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._limits = limits
        self._now = now

    async def start(self, who: SignedIn) -> str:
        """A new session; gives its token. Always a new one: a token from before signing in is
        never made to count (session fixation)."""
        token, now = new_token(), self._now()
        session = Session(
            tenant=who.tenant,
            person=who.person,
            name=who.name,
            role=who.role,
            csrf=new_token(),
            provider=who.provider,
            started_at=now,
            seen_at=now,
            ends_at=now + self._limits.longest,
        )
        async with self._engine.begin() as connection:
            await store.add(connection, kept_as(token), session)
        return token

    async def find(
        self, token: str, *, used: bool = True
    ) -> tuple[Session, Preference | None] | None:
        """The session of a cookie; None: there is none, or it has ended.

        Args:
            used: by a person. False: by a page that is left open, which keeps no session alive.
        """
        now, kept = self._now(), kept_as(token)
        async with self._engine.connect() as connection:
            found = await store.find(connection, kept)
        if found is None or not found[0].holds(now, self._limits.idle):
            return None
        if used and now - found[0].seen_at > _NOTED_EVERY:
            async with self._engine.begin() as connection:
                await store.seen(connection, kept, now)
        return found

    async def holds(self, token: str) -> bool:
        """Whether the session of a cookie still counts. To ask is not to use it: a page that is
        left open keeps no session alive."""
        async with self._engine.connect() as connection:
            found = await store.find(connection, kept_as(token))
        return found is not None and found[0].holds(self._now(), self._limits.idle)

    async def end(self, token: str) -> None:
        async with self._engine.begin() as connection:
            await store.end(connection, kept_as(token))

    async def prefer(self, session: Session, preference: Preference) -> None:
        async with self._engine.begin() as connection:
            await store.prefer(connection, session.tenant, session.person, preference)

    async def purge(self) -> float:
        now = self._now()
        async with self._engine.begin() as connection:
            await store.delete_old(connection, now, now - self._limits.idle)
        return PURGE_EVERY_S
