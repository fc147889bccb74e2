"""SQL of policies: versions that never change, one of them active for each tenant."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.policies.document import PolicyDocument
from heedful.common.db.tenant_lock import lock_tenant

NAME = "policy"
"""In refs: `policy@3`."""

_INSERT = text(
    """
    INSERT INTO alerting.policy (tenant, version, document, created_at, created_by)
    SELECT :tenant, COALESCE(max(version), 0) + 1, CAST(:document AS jsonb), :now, :by
    FROM alerting.policy WHERE tenant = :tenant
    RETURNING version
    """
)
_COLUMNS = "tenant, version, document, created_at, created_by, activated_at, active"
_ACTIVE = text(
    f"SELECT {_COLUMNS} FROM alerting.policy"  # noqa: S608  # a constant
    " WHERE active AND tenant = ANY(CAST(:tenants AS text[]))"
)
_ACTIVE_VERSIONS = text(
    "SELECT tenant, version FROM alerting.policy"
    " WHERE active AND tenant = ANY(CAST(:tenants AS text[]))"
)
_GET = text(
    f"SELECT {_COLUMNS} FROM alerting.policy"  # noqa: S608  # a constant
    " WHERE tenant = :tenant AND version = :version"
)
_LIST = text(
    f"SELECT {_COLUMNS} FROM alerting.policy"  # noqa: S608  # a constant
    " WHERE tenant = :tenant AND version < :before ORDER BY version DESC LIMIT :limit"
)
_RETIRE = text(
    "UPDATE alerting.policy SET active = false WHERE tenant = :tenant AND active RETURNING version"
)
_ACTIVATE = text(
    "UPDATE alerting.policy SET active = true, activated_at = :now"
    " WHERE tenant = :tenant AND version = :version"
)


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of a tenant's policy."""

    tenant: str
    version: int
    document: PolicyDocument
    created_at: datetime
    created_by: str
    activated_at: datetime | None
    active: bool

    @property
    def ref(self) -> str:
        return ref_of(self.version)


def ref_of(version: int) -> str:
    """How a case names the version that it is measured by."""
    return f"{NAME}@{version}"


def version_of(ref: str) -> int | None:
    """The version in a ref; None for one that no table holds."""
    name, _, number = ref.partition("@")
    return int(number) if name == NAME else None


async def insert(
    connection: AsyncConnection, now: datetime, tenant: str, document: PolicyDocument, by: str
) -> int:
    """Keep a new version, not active yet; gives its number."""
    await lock_tenant(connection, "alerting.policy", tenant)
    values = {"tenant": tenant, "document": document.model_dump_json(), "now": now, "by": by}
    version: int = (await connection.execute(_INSERT, values)).scalar_one()
    return version


async def activate(
    connection: AsyncConnection, now: datetime, tenant: str, version: int
) -> int | None:
    """Make a version the one by which clocks start from now on; it exists.

    Returns:
        Which one was active before.
    """
    await lock_tenant(connection, "alerting.policy", tenant)
    values = {"tenant": tenant, "version": version, "now": now}
    before: int | None = (await connection.execute(_RETIRE, values)).scalar_one_or_none()
    await connection.execute(_ACTIVATE, values)
    return before


async def active(connection: AsyncConnection, tenants: Collection[str]) -> dict[str, Policy]:
    """The active policy of each tenant that has one."""
    rows = await connection.execute(_ACTIVE, {"tenants": sorted(tenants)})
    return {row.tenant: _policy(row) for row in rows}


async def active_versions(connection: AsyncConnection, tenants: Collection[str]) -> dict[str, int]:
    """Which version is active, of each tenant that has one."""
    rows = await connection.execute(_ACTIVE_VERSIONS, {"tenants": sorted(tenants)})
    return {row.tenant: row.version for row in rows}


async def get(connection: AsyncConnection, tenant: str, version: int) -> Policy | None:
    row = (await connection.execute(_GET, {"tenant": tenant, "version": version})).first()
    return None if row is None else _policy(row)


async def page(
    connection: AsyncConnection, tenant: str, before: int, limit: int
) -> Sequence[Policy]:
    """Versions below `before`, the newest first."""
    values = {"tenant": tenant, "before": before, "limit": limit}
    return [_policy(row) for row in await connection.execute(_LIST, values)]


def _policy(row: Row[Any]) -> Policy:
    return Policy(
        tenant=row.tenant,
        version=row.version,
        document=PolicyDocument.model_validate(row.document),
        created_at=row.created_at,
        created_by=row.created_by,
        activated_at=row.activated_at,
        active=row.active,
    )
