"""The table `console.account`."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.common.security.roles import Role


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody with a password here.

    Attributes:
        id: what they type, and their id in the services.
        password: as `passwords.hashed` writes it.
    """

    tenant: str
    id: str
    name: str
    role: Role
    password: str
    disabled_at: datetime | None = None
    locked_until: datetime | None = None


_FIND = text(
    "SELECT tenant, id, name, role, password, disabled_at, locked_until"
    " FROM console.account WHERE id = :id"
)
_ALL = text(
    "SELECT tenant, id, name, role, password, disabled_at, locked_until"
    " FROM console.account WHERE CAST(:tenant AS text) IS NULL OR tenant = :tenant ORDER BY id"
)
_ADD = text(
    "INSERT INTO console.account (tenant, id, name, role, password, created_at, changed_at)"
    " VALUES (:tenant, :id, :name, :role, :password, :now, :now) ON CONFLICT DO NOTHING"
)
_FIRST = text("SELECT pg_advisory_xact_lock(hashtextextended('heedful.console.first', 0))")
_ANY = text("SELECT EXISTS (SELECT FROM console.account)")
_PASSWORD = text(
    "UPDATE console.account SET password = :password, changed_at = :now, failures = 0,"
    " locked_until = NULL WHERE id = :id"
)
_DISABLE = text(
    "UPDATE console.account SET disabled_at = coalesce(disabled_at, :now), changed_at = :now"
    " WHERE id = :id"
)
_ENABLE = text("UPDATE console.account SET disabled_at = NULL, changed_at = :now WHERE id = :id")
_ROLE = text("UPDATE console.account SET role = :role, changed_at = :now WHERE id = :id")
_FAILED = text(
    "UPDATE console.account SET failures = failures + 1, locked_until ="
    " CASE WHEN failures + 1 >= :most THEN CAST(:until AS timestamptz) ELSE locked_until END"
    " WHERE id = :id"
)
_SUCCEEDED = text(
    "UPDATE console.account SET failures = 0, locked_until = NULL WHERE id = :id AND failures > 0"
)


async def find(connection: AsyncConnection, id_: str) -> Account | None:
    row = (await connection.execute(_FIND, {"id": id_})).one_or_none()
    return None if row is None else _account(row._asdict())


async def of_tenant(connection: AsyncConnection, tenant: str | None) -> list[Account]:
    """By their ids; None: those of all tenants."""
    rows = await connection.execute(_ALL, {"tenant": tenant})
    return [_account(row._asdict()) for row in rows]


async def add(connection: AsyncConnection, account: Account, now: datetime) -> bool:
    """False: there is one of that id."""
    given = {
        "tenant": account.tenant,
        "id": account.id,
        "name": account.name,
        "role": account.role.value,
        "password": account.password,
        "now": now,
    }
    return (await connection.execute(_ADD, given)).rowcount == 1


async def any_there(connection: AsyncConnection) -> bool:
    return bool((await connection.execute(_ANY)).scalar_one())


async def add_first(connection: AsyncConnection, account: Account, now: datetime) -> bool:
    """Add it when there is none at all; of several processes that start at once one does."""
    await connection.execute(_FIRST)
    return not await any_there(connection) and await add(connection, account, now)


async def set_password(connection: AsyncConnection, id_: str, password: str, now: datetime) -> bool:
    """False: there is no such account."""
    given = {"id": id_, "password": password, "now": now}
    return (await connection.execute(_PASSWORD, given)).rowcount == 1


async def disable(connection: AsyncConnection, id_: str, now: datetime) -> bool:
    """Nobody signs in with it any more. False: there is no such account."""
    return (await connection.execute(_DISABLE, {"id": id_, "now": now})).rowcount == 1


async def enable(connection: AsyncConnection, id_: str, now: datetime) -> bool:
    """Takes `disable` back. False: there is no such account."""
    return (await connection.execute(_ENABLE, {"id": id_, "now": now})).rowcount == 1


async def set_role(connection: AsyncConnection, id_: str, role: Role, now: datetime) -> bool:
    """False: there is no such account."""
    given = {"id": id_, "role": role.value, "now": now}
    return (await connection.execute(_ROLE, given)).rowcount == 1


async def failed(
    connection: AsyncConnection, id_: str, now: datetime, *, most: int, lock: timedelta
) -> None:
    """A wrong password: `most` of them in a row lock the account for a while."""
    await connection.execute(_FAILED, {"id": id_, "most": most, "until": now + lock})


async def succeeded(connection: AsyncConnection, id_: str) -> None:
    await connection.execute(_SUCCEEDED, {"id": id_})


def _account(row: dict[str, object]) -> Account:
    return Account(**{**row, "role": Role(row["role"])})  # type: ignore[arg-type]  # the columns
