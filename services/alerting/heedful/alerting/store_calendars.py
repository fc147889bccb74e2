"""SQL of calendars: versions that never change, one of them active for each name."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.calendars import ALWAYS, Calendar
from heedful.alerting.calendars.document import KeptCalendar
from heedful.common.db.tenant_lock import lock_tenant

_NEWEST = text(
    """
    SELECT * FROM alerting.calendar WHERE tenant = :tenant AND name = :name
    ORDER BY version DESC LIMIT 1
    """
)
_INSERT = text(
    """
    INSERT INTO alerting.calendar (tenant, name, version, kept, note, created_at, created_by)
    VALUES (:tenant, :name, :version, CAST(:kept AS jsonb), :note, :now, :by)
    RETURNING *
    """
)
_COUNT = text("SELECT count(DISTINCT name) FROM alerting.calendar WHERE tenant = :tenant")
_GET = text(
    "SELECT * FROM alerting.calendar WHERE tenant = :tenant AND name = :name AND version = :version"
)
_VERSIONS = text(
    """
    SELECT * FROM alerting.calendar
    WHERE tenant = :tenant AND name = :name
      AND (CAST(:before AS int) IS NULL OR version < :before)
    ORDER BY version DESC LIMIT :limit
    """
)
_LIST = text(
    """
    SELECT DISTINCT ON (name) * FROM alerting.calendar
    WHERE tenant = :tenant AND name > :after
    ORDER BY name, version DESC LIMIT :limit
    """
)
_ACTIVATE = text(
    """
    INSERT INTO alerting.calendar_active (tenant, name, version, activated_at, activated_by)
    VALUES (:tenant, :name, :version, :now, :by)
    ON CONFLICT (tenant, name) DO UPDATE SET version = excluded.version,
        activated_at = excluded.activated_at, activated_by = excluded.activated_by
    """
)
_ACTIVE_OF = text(
    """
    SELECT * FROM alerting.calendar_active
    WHERE tenant = :tenant AND name = ANY(CAST(:names AS text[]))
    """
)
_ACTIVE = text(
    """
    SELECT tenant, name, version FROM alerting.calendar_active
    WHERE CAST(:tenants AS text[]) IS NULL OR tenant = ANY(CAST(:tenants AS text[]))
    ORDER BY tenant, name
    """
)
_READ = text(
    """
    SELECT c.tenant, c.name, c.version, c.kept FROM alerting.calendar c
    JOIN unnest(CAST(:tenants AS text[]), CAST(:names AS text[]), CAST(:versions AS int[]))
        AS w (tenant, name, version)
        ON c.tenant = w.tenant AND c.name = w.name AND c.version = w.version
    """
)

MAX_CALENDARS = 500
"""Of one tenant."""
_REMEMBERED = 2000

Key = tuple[str, str]
"""Tenant and ref."""

# A version never changes, so what was read of a database once is what is in it. By engine: another
# database has other calendars of the same names.
_known: WeakKeyDictionary[Engine, dict[Key, Calendar]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Version:
    """A version of a calendar as it is kept."""

    tenant: str
    name: str
    version: int
    kept: KeptCalendar
    note: str | None
    created_at: datetime
    created_by: str

    @cached_property
    def calendar(self) -> Calendar:
        return self.kept.calendar(self.name, self.version)


@dataclass(frozen=True)
class Activation:
    """Which version of a calendar clocks are started under, since when and by whom."""

    version: int
    activated_at: datetime
    activated_by: str


class TooManyCalendars(Exception):
    """The tenant has as many as it may have."""


async def put(
    connection: AsyncConnection,
    now: datetime,
    tenant: str,
    name: str,
    kept: KeptCalendar,
    note: str | None,
    by: str,
) -> tuple[Version, bool]:
    """Keep a new version, not active yet, unless the newest one is made of the same.

    Returns:
        The newest version, and whether it is new.

    Raises:
        TooManyCalendars: nothing was written.
    """
    await lock_tenant(connection, "alerting.calendar", tenant)
    named = {"tenant": tenant, "name": name}
    row = (await connection.execute(_NEWEST, named)).first()
    if row is not None and (newest := _version(row)).kept == kept:
        return newest, False
    if row is None:
        count: int = (await connection.execute(_COUNT, {"tenant": tenant})).scalar_one()
        if count >= MAX_CALENDARS:
            raise TooManyCalendars
    values = {
        **named,
        "version": 1 if row is None else row.version + 1,
        "kept": kept.model_dump_json(),
        "note": note,
        "now": now,
        "by": by,
    }
    return _version((await connection.execute(_INSERT, values)).one()), True


async def activate(
    connection: AsyncConnection, now: datetime, tenant: str, name: str, version: int, by: str
) -> Activation | None:
    """Clocks that start from now on take this version; it exists. Running ones keep theirs.

    Returns:
        What was active before.
    """
    await lock_tenant(connection, "alerting.calendar", tenant)
    before = await activations(connection, tenant, [name])
    values = {"tenant": tenant, "name": name, "version": version, "now": now, "by": by}
    await connection.execute(_ACTIVATE, values)
    return before.get(name)


async def get(connection: AsyncConnection, tenant: str, name: str, version: int) -> Version | None:
    values = {"tenant": tenant, "name": name, "version": version}
    row = (await connection.execute(_GET, values)).first()
    return None if row is None else _version(row)


async def page(
    connection: AsyncConnection, tenant: str, after: str, limit: int
) -> Sequence[Version]:
    """The newest version of each calendar, by name, of those named after `after`."""
    values = {"tenant": tenant, "after": after, "limit": limit}
    return [_version(row) for row in await connection.execute(_LIST, values)]


async def versions_of(
    connection: AsyncConnection, tenant: str, name: str, before: int | None, limit: int
) -> Sequence[Version]:
    """Versions of one calendar, the newest first, of those before `before`."""
    values = {"tenant": tenant, "name": name, "before": before, "limit": limit}
    return [_version(row) for row in await connection.execute(_VERSIONS, values)]


async def activations(
    connection: AsyncConnection, tenant: str, names: Collection[str]
) -> dict[str, Activation]:
    """By name, of those that have an active version."""
    values = {"tenant": tenant, "names": sorted(names)}
    return {
        row.name: Activation(row.version, row.activated_at, row.activated_by)
        for row in await connection.execute(_ACTIVE_OF, values)
    }


async def active(
    connection: AsyncConnection, tenants: Collection[str] | None = None
) -> dict[str, dict[str, Calendar]]:
    """The calendars that clocks are started under, by tenant and name; without `ALWAYS`.

    Args:
        tenants: None is all of them.
    """
    asked = None if tenants is None else sorted(tenants)
    rows = (await connection.execute(_ACTIVE, {"tenants": asked})).all()
    keys = {(row.tenant, f"{row.name}@{row.version}"): row.name for row in rows}
    read = await versions(connection, keys)
    found: dict[str, dict[str, Calendar]] = defaultdict(dict)
    for key, name in keys.items():
        found[key[0]][name] = read[key]
    return dict(found)


async def versions(connection: AsyncConnection, keys: Collection[Key]) -> dict[Key, Calendar]:
    """Calendars by tenant and ref, as clocks name them; without those that there are not.

    Each is read and built once; `always@1` is there for every tenant.
    """
    known = _known.setdefault(connection.sync_engine, {})
    found = {key: ALWAYS for key in keys if key[1] == ALWAYS.ref}
    found |= {key: known[key] for key in keys if key in known}
    missing = [key for key in keys if key not in found]
    if not missing:
        return found
    read = {
        (row.tenant, f"{row.name}@{row.version}"): KeptCalendar.model_validate(row.kept).calendar(
            row.name, row.version
        )
        for row in await connection.execute(_READ, _columns(missing))
    }
    _remember(known, read)
    return found | read


def _columns(keys: Collection[Key]) -> dict[str, list[Any]]:
    parts = [(tenant, *ref.rsplit("@", 1)) for tenant, ref in keys]
    return {
        "tenants": [tenant for tenant, _, _ in parts],
        "names": [name for _, name, _ in parts],
        "versions": [int(version) for _, _, version in parts],
    }


def _remember(known: dict[Key, Calendar], read: Mapping[Key, Calendar]) -> None:
    for key, calendar in read.items():
        if len(known) >= _REMEMBERED:
            known.pop(next(iter(known)))
        known[key] = calendar


def _version(row: Row[Any]) -> Version:
    return Version(
        tenant=row.tenant,
        name=row.name,
        version=row.version,
        kept=KeptCalendar.model_validate(row.kept),
        note=row.note,
        created_at=row.created_at,
        created_by=row.created_by,
    )
