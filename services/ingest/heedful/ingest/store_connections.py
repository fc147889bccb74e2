"""SQL of connections. What a tenant changes leaves an entry for the audit, in one transaction."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from pydantic import ValidationError
from sqlalchemy import Row, TextClause, text
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.administration import note
from heedful.common.errors import ConfigurationError
from heedful.common.security import Principal
from heedful.common.security.secrets import SecretBox
from heedful.ingest import configuration_changes
from heedful.ingest.channels import Configured
from heedful.ingest.channels.registry import AnyAdapter
from heedful.ingest.connections import Connection, context_of

log = logging.getLogger(__name__)

_COLUMNS = (
    "id, tenant, channel, name, options, sealed, previous_sealed, previous_until, touchpoint,"
    " department, backfill, enabled, created_at, updated_at"
)
_ALL = text(f"SELECT {_COLUMNS} FROM ingest.connection")  # noqa: S608  # a constant
_GET = text(
    f"SELECT {_COLUMNS} FROM ingest.connection WHERE tenant = :tenant AND id = :id"  # noqa: S608
)
_LIST = text(
    f"""
    SELECT {_COLUMNS} FROM ingest.connection
    WHERE tenant = :tenant
      AND (CAST(:at AS timestamptz) IS NULL OR (created_at, id) < (:at, :id))
    ORDER BY created_at DESC, id DESC LIMIT :limit
    """  # noqa: S608  # a constant
)
_INSERT = text(
    f"""
    INSERT INTO ingest.connection (
        id, tenant, channel, name, options, sealed, touchpoint, department, backfill, enabled,
        created_at, updated_at)
    VALUES (:id, :tenant, :channel, :name, CAST(:options AS jsonb), :sealed, :touchpoint,
        :department, :backfill, :enabled, :now, :now)
    RETURNING {_COLUMNS}
    """  # noqa: S608  # a constant
)
_LOCK = text(
    f"""
    SELECT {_COLUMNS} FROM ingest.connection WHERE tenant = :tenant AND id = :id FOR UPDATE
    """  # noqa: S608  # a constant
)
_UPDATE = text(
    f"""
    UPDATE ingest.connection SET
        name = :name, options = CAST(:options AS jsonb), touchpoint = :touchpoint,
        department = :department, backfill = :backfill, enabled = :enabled, updated_at = :now
    WHERE tenant = :tenant AND id = :id RETURNING {_COLUMNS}
    """  # noqa: S608  # a constant
)
_ROTATE = text(
    f"""
    UPDATE ingest.connection SET
        previous_sealed = sealed, previous_until = :until, sealed = :sealed, updated_at = :now
    WHERE tenant = :tenant AND id = :id RETURNING {_COLUMNS}
    """  # noqa: S608  # a constant
)
_SEALED = text("SELECT channel, sealed FROM ingest.connection WHERE id = :id FOR UPDATE")
_REPLACE = text("UPDATE ingest.connection SET sealed = :sealed WHERE id = :id")
_DELETE = text("DELETE FROM ingest.connection WHERE tenant = :tenant AND id = :id")
_LINE = text(
    """
    INSERT INTO ingest.line (connection_id, due_at) VALUES (:id, :now) ON CONFLICT DO NOTHING
    """
)


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a tenant says of a connection, secrets aside."""

    name: str
    options: Configured
    touchpoint: str | None
    department: str | None
    backfill: bool
    enabled: bool

    @property
    def row(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "options": _plain(self.options),
            "touchpoint": self.touchpoint,
            "department": self.department,
            "backfill": self.backfill,
            "enabled": self.enabled,
        }


class ConnectionStore:
    """Connections of all tenants; secrets are sealed on their way in and opened on their way out.

    Args:
        adapters: by channel; a connection whose adapter is not installed here is left out.
    """

    def __init__(
        self, engine: AsyncEngine, box: SecretBox, adapters: Mapping[str, AnyAdapter]
    ) -> None:
        self._engine = engine
        self._box = box
        self._adapters = adapters

    async def all(self) -> Mapping[str, Connection]:
        """Every connection by its id, with opened secrets."""
        async with self._engine.connect() as connection:
            rows = (await connection.execute(_ALL)).all()
        found = [self._opened(row) for row in rows]
        return {one.id: one for one in found if one is not None}

    async def get(self, tenant: str, connection_id: str) -> Connection | None:
        async with self._engine.connect() as connection:
            row = (
                await connection.execute(_GET, {"tenant": tenant, "id": connection_id})
            ).one_or_none()
        return None if row is None else self._opened(row)

    async def page(
        self, tenant: str, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[Connection]:
        """Newest first, those after the given sort key."""
        at, connection_id = after or (None, "")
        values = {"tenant": tenant, "at": at, "id": connection_id, "limit": limit}
        async with self._engine.connect() as connection:
            rows = (await connection.execute(_LIST, values)).all()
        return [one for one in map(self._opened, rows) if one is not None]

    async def insert(
        self,
        by: Principal,
        connection_id: str,
        adapter: AnyAdapter,
        given: Configuration,
        secrets: Configured,
        *,
        has_line: bool,
        now: datetime,
    ) -> None:
        """A connection of the principal's tenant."""
        values = {
            "id": connection_id,
            "tenant": by.tenant,
            "channel": adapter.name,
            "sealed": self._sealed(connection_id, secrets),
            "now": now,
            **given.row,
        }
        async with self._engine.begin() as connection:
            made = (await connection.execute(_INSERT, values)).one()._asdict()
            if has_line:
                await connection.execute(_LINE, {"id": connection_id, "now": now})
            entry = configuration_changes.connection(by, "created", connection_id, None, made)
            await note(connection, now, entry)

    async def update(
        self, by: Principal, connection_id: str, given: Configuration, now: datetime
    ) -> bool:
        """False when the tenant has no such connection."""
        return await self._changed(by, connection_id, "changed", _UPDATE, now, given.row)

    async def rotate(
        self,
        by: Principal,
        connection_id: str,
        secrets: Configured,
        *,
        previous_until: datetime,
        now: datetime,
    ) -> bool:
        """New secrets; those of before count until then. False when there is no such one."""
        values = {"sealed": self._sealed(connection_id, secrets), "until": previous_until}
        return await self._changed(by, connection_id, "rotated", _ROTATE, now, values)

    async def replace(self, connection_id: str, shown: Configured, given: Configured) -> bool:
        """The vendor has put these secrets in the place of those that it was shown. False when the
        connection has others meanwhile, which stay."""
        async with self._engine.begin() as connection:
            row = (await connection.execute(_SEALED, {"id": connection_id})).one_or_none()
            adapter = None if row is None else self._adapters.get(row.channel)
            if row is None or adapter is None:
                return False
            if self._secrets(adapter, connection_id, row.sealed) != shown:
                return False
            sealed = self._sealed(connection_id, given)
            await connection.execute(_REPLACE, {"id": connection_id, "sealed": sealed})
            return True

    async def delete(self, by: Principal, connection_id: str, now: datetime) -> bool:
        """With its secrets. False when there is no such one."""
        return await self._changed(by, connection_id, "deleted", _DELETE, now, {})

    async def _changed(
        self,
        by: Principal,
        connection_id: str,
        done: str,
        statement: TextClause,
        now: datetime,
        values: Mapping[str, Any],
    ) -> bool:
        which = {"tenant": by.tenant, "id": connection_id}
        async with self._engine.begin() as connection:
            before = (await connection.execute(_LOCK, which)).one_or_none()
            if before is None:
                return False
            done_to = await connection.execute(statement, {**which, "now": now, **values})
            after = done_to.one()._asdict() if done_to.returns_rows else None
            was = before._asdict()
            entry = configuration_changes.connection(by, done, connection_id, was, after)
            await note(connection, now, entry)
            return True

    def _sealed(self, connection_id: str, secrets: Configured) -> bytes:
        return self._box.seal(_revealed(secrets), context_of(connection_id))

    def _opened(self, row: Row[Any]) -> Connection | None:
        adapter = self._adapters.get(row.channel)
        if adapter is None:
            log.warning(
                "no adapter for this channel is installed here",
                extra={"channel": row.channel, "connection": row.id},
            )
            return None
        try:
            return Connection(
                id=row.id,
                tenant=row.tenant,
                name=row.name,
                adapter=adapter,
                options=adapter.options.model_validate(row.options),
                secrets=self._secrets(adapter, row.id, row.sealed),
                previous=None
                if row.previous_sealed is None
                else self._secrets(adapter, row.id, row.previous_sealed),
                previous_until=row.previous_until,
                touchpoint=row.touchpoint,
                department=row.department,
                backfill=row.backfill,
                enabled=row.enabled,
                created_at=row.created_at,
                updated_at=row.updated_at,
            )
        except (ConfigurationError, ValidationError) as error:
            # One that does not open must not stop all others.
            log.error(
                "a connection does not open",
                extra={"connection": row.id, "error": type(error).__name__},
            )
            return None

    def _secrets(self, adapter: AnyAdapter, connection_id: str, sealed: bytes) -> Configured:
        opened = self._box.open(bytes(sealed), context_of(connection_id))
        found: Configured = adapter.secrets.model_validate(orjson.loads(opened))
        return found


def _plain(given: Configured) -> str:
    return orjson.dumps(given.model_dump(mode="json")).decode()


def _revealed(given: Configured) -> bytes:
    """As JSON, secrets in clear: to be sealed."""
    revealed = {
        name: value.get_secret_value() if hasattr(value, "get_secret_value") else value
        for name, value in given
    }
    return orjson.dumps(revealed)
