"""The tables `console.session` and `console.preference`."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.common.security.roles import Role
from heedful.console.sessions.preference import Language, Preference, Theme
from heedful.console.sessions.session import Session

_COLUMNS = "tenant, person, name, role, csrf, provider, started_at, seen_at, ends_at"
_ADD = text(
    f"INSERT INTO console.session (token, {_COLUMNS}) VALUES (:token, :tenant, :person, :name,"  # noqa: S608  # a constant
    " :role, :csrf, :provider, :started_at, :seen_at, :ends_at)"
)
_FIND = text(
    f"SELECT {_COLUMNS}, language, theme FROM console.session"  # noqa: S608  # a constant
    " LEFT JOIN console.preference USING (tenant, person) WHERE token = :token"
)
_SEEN = text("UPDATE console.session SET seen_at = :now WHERE token = :token")
_END = text("DELETE FROM console.session WHERE token = :token")
_END_ALL = text("DELETE FROM console.session WHERE tenant = :tenant AND person = :person")
_OLD = text("DELETE FROM console.session WHERE ends_at < :now OR seen_at < :idle")
_PREFER = text(
    "INSERT INTO console.preference (tenant, person, language, theme)"
    " VALUES (:tenant, :person, :language, :theme)"
    " ON CONFLICT (tenant, person) DO UPDATE"
    " SET language = excluded.language, theme = excluded.theme"
)


async def add(connection: AsyncConnection, token: bytes, session: Session) -> None:
    given = {name: getattr(session, name) for name in Session.__slots__}
    await connection.execute(_ADD, {**given, "role": session.role.value, "token": token})


async def find(
    connection: AsyncConnection, token: bytes
) -> tuple[Session, Preference | None] | None:
    """The session of a token with what its person prefers."""
    row = (await connection.execute(_FIND, {"token": token})).one_or_none()
    if row is None:
        return None
    found = row._asdict()
    language, theme = found.pop("language"), found.pop("theme")
    preference = None if language is None else Preference(Language(language), Theme(theme))
    return Session(**{**found, "role": Role(found["role"])}), preference


async def seen(connection: AsyncConnection, token: bytes, now: datetime) -> None:
    await connection.execute(_SEEN, {"token": token, "now": now})


async def end(connection: AsyncConnection, token: bytes) -> None:
    await connection.execute(_END, {"token": token})


async def end_all(connection: AsyncConnection, tenant: str, person: str) -> None:
    await connection.execute(_END_ALL, {"tenant": tenant, "person": person})


async def delete_old(connection: AsyncConnection, now: datetime, idle: datetime) -> None:
    await connection.execute(_OLD, {"now": now, "idle": idle})


async def prefer(
    connection: AsyncConnection, tenant: str, person: str, preference: Preference
) -> None:
    await connection.execute(
        _PREFER,
        {
            "tenant": tenant,
            "person": person,
            "language": preference.language.value,
            "theme": preference.theme.value,
        },
    )
