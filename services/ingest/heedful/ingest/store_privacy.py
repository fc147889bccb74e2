"""SQL of privacy settings: what counts, and every change of it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.administration import note
from heedful.common.db.tenant_lock import lock_tenant
from heedful.common.retention import wish
from heedful.common.security import Principal
from heedful.ingest import configuration_changes
from heedful.ingest.privacy import IdentifierForm, Privacy
from heedful.ingest.redaction import Mode

_FIELDS = "redaction, identifiers, retention_days, changed_at, changed_by"
_ALL = text(f"SELECT tenant, {_FIELDS} FROM ingest.privacy")  # noqa: S608  # our own names
_OF_TENANT = text(f"SELECT {_FIELDS} FROM ingest.privacy WHERE tenant = :tenant")  # noqa: S608
_PUT = text(
    """
    INSERT INTO ingest.privacy
        (tenant, redaction, identifiers, retention_days, changed_at, changed_by)
    VALUES (:tenant, :redaction, :identifiers, :retention_days, :now, :by)
    ON CONFLICT (tenant) DO UPDATE SET
        redaction = excluded.redaction, identifiers = excluded.identifiers,
        retention_days = excluded.retention_days,
        changed_at = excluded.changed_at, changed_by = excluded.changed_by
    """
)
_NOTE = text(
    """
    INSERT INTO ingest.privacy_change
        (id, tenant, changed_at, changed_by, redaction, identifiers, retention_days)
    VALUES (:id, :tenant, :now, :by, :redaction, :identifiers, :retention_days)
    """
)
_CHANGES = text(
    f"""
    SELECT id, {_FIELDS} FROM ingest.privacy_change
    WHERE tenant = :tenant AND (
        CAST(:after_at AS timestamptz) IS NULL
        OR (changed_at, id) < (CAST(:after_at AS timestamptz), CAST(:after_id AS uuid))
    )
    ORDER BY changed_at DESC, id DESC LIMIT :limit
    """  # noqa: S608  # our own names
)


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody set, when, with which API key. `id` is of the record of it."""

    privacy: Privacy
    changed_at: datetime
    changed_by: str
    id: uuid.UUID | None = None


class PrivacyStore:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def all(self) -> Mapping[str, Privacy]:
        """Of every tenant that has chosen."""
        async with self._engine.connect() as connection:
            return {row.tenant: _privacy(row) for row in await connection.execute(_ALL)}

    async def of_tenant(self, tenant: str) -> Change | None:
        """What counts, and since when; None when the tenant never chose."""
        async with self._engine.connect() as connection:
            row = (await connection.execute(_OF_TENANT, {"tenant": tenant})).first()
        return None if row is None else Change(_privacy(row), row.changed_at, row.changed_by)

    async def put(self, by: Principal, privacy: Privacy, now: datetime) -> Change:
        """Set it for the principal's tenant, and note who did."""
        tenant = by.tenant
        values = {
            "id": uuid.uuid4(),
            "tenant": tenant,
            "redaction": privacy.redaction.value,
            "identifiers": privacy.identifiers.value,
            "retention_days": privacy.retention_days,
            "now": now,
            "by": by.author,
        }
        async with self._engine.begin() as connection:
            await lock_tenant(connection, "ingest.privacy", tenant)
            row = (await connection.execute(_OF_TENANT, {"tenant": tenant})).first()
            before = Privacy() if row is None else _privacy(row)
            await connection.execute(_PUT, values)
            await connection.execute(_NOTE, values)
            await wish(connection, tenant, privacy.retention_days)
            await note(connection, now, configuration_changes.privacy(by, before, privacy))
        return Change(privacy, now, by.author)

    async def changes(
        self, tenant: str, after: tuple[datetime, uuid.UUID] | None, limit: int
    ) -> Sequence[Change]:
        """What was set, the newest first."""
        after_at, after_id = after or (None, None)
        values = {"tenant": tenant, "after_at": after_at, "after_id": after_id, "limit": limit}
        async with self._engine.connect() as connection:
            rows = await connection.execute(_CHANGES, values)
            return [Change(_privacy(row), row.changed_at, row.changed_by, row.id) for row in rows]


def _privacy(row: Row[Any]) -> Privacy:
    return Privacy(
        redaction=Mode(row.redaction),
        identifiers=IdentifierForm(row.identifiers),
        retention_days=row.retention_days,
    )
