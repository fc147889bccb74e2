"""Signing in with a password."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.security.roles import Role
from heedful.console.accounts import passwords, store
from heedful.console.accounts.store import Account
from heedful.console.sessions import store as sessions

FIRST: Final = "admin"
LOCAL: Final = "local"
"""As sessions know these accounts among providers of identity."""
_MOST_FAILURES: Final = 10
_LOCK: Final = timedelta(minutes=15)
_AT_ONCE: Final = 2
"""Passwords that are looked at at one time: each takes 128 MB and a core."""


class Accounts:
    """The accounts of this console."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def first(self, tenant: str) -> str | None:
        """Make an account of an admin when there is none; gives its password, which nobody can
        be told later. None: there are accounts."""
        async with self._engine.connect() as connection:
            if await store.any_there(connection):
                return None
        password = passwords.made()
        kept = await asyncio.to_thread(passwords.hashed, password)
        account = Account(tenant, FIRST, FIRST, Role.ADMIN, kept)
        async with self._engine.begin() as connection:
            made = await store.add_first(connection, account, self._now())
        return password if made else None

    async def sign_in(self, id_: str, password: str) -> Account | None:
        """Whose password it is; None: nobody's, or too many wrong ones came before it."""
        async with self._engine.connect() as connection:
            found = await store.find(connection, id_)
        now = self._now()
        closed = found is None or found.disabled_at is not None or _locked(found, now)
        kept = passwords.NOBODYS if found is None or closed else found.password
        async with self._turns:
            right = await asyncio.to_thread(passwords.fits, password, kept)
        if found is None or closed:
            return None
        async with self._engine.begin() as connection:
            if right:
                await store.succeeded(connection, id_)
            else:
                await store.failed(connection, id_, now, most=_MOST_FAILURES, lock=_LOCK)
        return found if right else None

    async def change_password(self, id_: str, old: str, new: str) -> Account | None:
        """Give an account another password and end its sessions; gives the account. None: the old
        one is wrong, which counts as if somebody had tried to sign in."""
        account = await self.sign_in(id_, old)
        if account is None:
            return None
        async with self._turns:
            kept = await asyncio.to_thread(passwords.hashed, new)
        async with self._engine.begin() as connection:
            await store.set_password(connection, id_, kept, self._now())
            await sessions.end_all(connection, account.tenant, id_)
        return account


def _locked(account: Account, now: datetime) -> bool:
    return account.locked_until is not None and now < account.locked_until
