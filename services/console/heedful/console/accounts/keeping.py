"""What an admin changes of accounts. Whoever it is about is signed out at once."""

import asyncio
import re
from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from heedful.common.errors import HeedfulError
from heedful.common.security.roles import Role
from heedful.console.accounts import passwords, store
from heedful.console.accounts.store import Account
from heedful.console.sessions import store as sessions

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,99}")
MAX_NAME_CHARS: Final = 100


class KeepingRefused(HeedfulError):
    """Nothing was changed.

    Attributes:
        reason: `bad_id`, `taken`, `unknown` or `oneself`.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"the account is not changed: {reason}")
        self.reason = reason


class Keeping:
    """The accounts of one tenant each; those of others are unknown to it."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now

    async def all_of(self, tenant: str) -> list[Account]:
        async with self._engine.connect() as connection:
            return await store.of_tenant(connection, tenant)

    async def add(self, tenant: str, id_: str, name: str, role: Role) -> str:
        """A new account; gives its password, which nobody can be told later.

        Raises:
            KeepingRefused: `bad_id`; or `taken`, by an account of whatever tenant.
        """
        if _ID.fullmatch(id_) is None:
            raise KeepingRefused("bad_id")
        password, kept = await _new_password()
        account = Account(tenant, id_, name[:MAX_NAME_CHARS] or id_, role, kept)
        async with self._engine.begin() as connection:
            if not await store.add(connection, account, self._now()):
                raise KeepingRefused("taken")
        return password

    async def give_password(self, tenant: str, id_: str) -> str:
        """Another password, which also unlocks the account.

        Raises:
            KeepingRefused: `unknown`.
        """
        password, kept = await _new_password()
        async with self._engine.begin() as connection:
            await _known(connection, tenant, id_)
            await store.set_password(connection, id_, kept, self._now())
            await sessions.end_all(connection, tenant, id_)
        return password

    async def give_role(self, tenant: str, id_: str, role: Role, by: str) -> None:
        """
        Raises:
            KeepingRefused: `unknown`; `oneself`: so that an admin is left.
        """
        async with self._engine.begin() as connection:
            await _of_another(connection, tenant, id_, by)
            await store.set_role(connection, id_, role, self._now())
            await sessions.end_all(connection, tenant, id_)

    async def disable(self, tenant: str, id_: str, by: str) -> None:
        """
        Raises:
            KeepingRefused: `unknown`; `oneself`: so that an admin is left.
        """
        async with self._engine.begin() as connection:
            await _of_another(connection, tenant, id_, by)
            await store.disable(connection, id_, self._now())
            await sessions.end_all(connection, tenant, id_)

    async def enable(self, tenant: str, id_: str) -> None:
        """
        Raises:
            KeepingRefused: `unknown`.
        """
        async with self._engine.begin() as connection:
            await _known(connection, tenant, id_)
            await store.enable(connection, id_, self._now())


async def _known(connection: AsyncConnection, tenant: str, id_: str) -> None:
    found = await store.find(connection, id_)
    if found is None or found.tenant != tenant:
        raise KeepingRefused("unknown")


async def _of_another(connection: AsyncConnection, tenant: str, id_: str, by: str) -> None:
    await _known(connection, tenant, id_)
    if id_ == by:
        raise KeepingRefused("oneself")


async def _new_password() -> tuple[str, str]:
    """The password, and how it is kept."""
    password = passwords.made()
    return password, await asyncio.to_thread(passwords.hashed, password)
