"""SQL of members: `alerting.member`."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.endpoint_kinds import EndpointKind
from heedful.alerting.people.member import Absence, Member, Position
from heedful.alerting.recipients import Mention
from heedful.common.db.tenant_lock import lock_tenant

_COLUMNS = "id, name, position, teams, deputy, absences, handles, email"


_GET = text(f"SELECT {_COLUMNS} FROM alerting.member WHERE tenant = :tenant AND id = :id")  # noqa: S608  # a constant

_PAGE = text(
    f"""
    SELECT {_COLUMNS} FROM alerting.member
    WHERE tenant = :tenant
      AND (CAST(:after AS text) IS NULL OR id > :after)
      AND (CAST(:position AS text) IS NULL OR position = :position)
      AND (CAST(:team AS text) IS NULL OR teams = '{{}}' OR :team = ANY(teams))
    ORDER BY id LIMIT :limit
    """  # noqa: S608  # a constant
)

_OF_TENANTS = text(
    f"""
    SELECT tenant, {_COLUMNS} FROM alerting.member
    WHERE tenant = ANY(CAST(:tenants AS text[])) ORDER BY tenant, id
    """  # noqa: S608  # a constant
)

# Who is on the ladder, who owns, and whom their deputies lead to: of a large tenant a few.
_WITHIN_REACH = text(
    f"""
    WITH RECURSIVE reach (tenant, id) AS (
        SELECT tenant, id FROM alerting.member
        WHERE tenant = ANY(CAST(:tenants AS text[]))
          AND (position <> 'agent' OR id = ANY(CAST(:owners AS text[])))
        UNION
        SELECT m.tenant, m.deputy FROM reach r
        JOIN alerting.member m ON m.tenant = r.tenant AND m.id = r.id
        WHERE m.deputy IS NOT NULL
    )
    SELECT tenant, {_COLUMNS} FROM reach JOIN alerting.member USING (tenant, id)
    ORDER BY tenant, id
    """  # noqa: S608  # a constant
)

_PUT = text(
    """
    INSERT INTO alerting.member (
        tenant, id, name, position, teams, deputy, absences, handles, email, updated_at)
    SELECT
        :tenant, m.id, m.name, m.position, m.teams, m.deputy, m.absences, m.handles, m.email, :now
    FROM jsonb_to_recordset(CAST(:members AS jsonb)) AS m (
        id text, name text, position text, teams text[], deputy text, absences jsonb,
        handles jsonb, email text)
    ON CONFLICT (tenant, id) DO UPDATE SET
        name = excluded.name, position = excluded.position, teams = excluded.teams,
        deputy = excluded.deputy, absences = excluded.absences, handles = excluded.handles,
        email = excluded.email, updated_at = excluded.updated_at
    """
)

# Nobody knows which of them opens a mailbox that several have.
_SHARING = text(
    """
    SELECT w.id FROM unnest(CAST(:ids AS text[]), CAST(:emails AS text[])) AS w (id, email)
    WHERE EXISTS (
        SELECT FROM alerting.member m
        WHERE m.tenant = :tenant AND m.id <> w.id AND lower(m.email) = lower(w.email))
    """
)

_DELETE = text(
    "DELETE FROM alerting.member WHERE tenant = :tenant AND id = ANY(CAST(:ids AS text[]))"
)


async def lock(connection: AsyncConnection, tenant: str) -> None:
    """Let nobody else write members of the tenant until this transaction ends."""
    await lock_tenant(connection, "alerting.member", tenant)


async def get(connection: AsyncConnection, tenant: str, member_id: str) -> Member | None:
    row = (await connection.execute(_GET, {"tenant": tenant, "id": member_id})).first()
    return None if row is None else _member(row)


async def page(
    connection: AsyncConnection,
    tenant: str,
    *,
    after: str | None,
    limit: int,
    position: Position | None = None,
    team: str | None = None,
) -> list[Member]:
    """Members by their ids.

    Args:
        after: id of the last one seen.
        team: those who work for it, also because they work for all.
    """
    values = {
        "tenant": tenant,
        "after": after,
        "limit": limit,
        "position": None if position is None else position.value,
        "team": team,
    }
    return [_member(row) for row in await connection.execute(_PAGE, values)]


async def of_tenants(
    connection: AsyncConnection, tenants: Collection[str]
) -> Mapping[str, Sequence[Member]]:
    """All members of these tenants, as `resolve` takes them."""
    found: dict[str, list[Member]] = {tenant: [] for tenant in tenants}
    for row in await connection.execute(_OF_TENANTS, {"tenants": list(found)}):
        found[row.tenant].append(_member(row))
    return found


async def within_reach(
    connection: AsyncConnection, tenants: Collection[str], owners: Collection[str]
) -> Mapping[str, Sequence[Member]]:
    """The members of these tenants to whom a notice may lead: for `resolve` as good as all."""
    found: dict[str, list[Member]] = {tenant: [] for tenant in tenants}
    values = {"tenants": list(found), "owners": sorted(owners)}
    for row in await connection.execute(_WITHIN_REACH, values):
        found[row.tenant].append(_member(row))
    return found


async def sharing_address(
    connection: AsyncConnection, tenant: str, mentions: Sequence[Mention]
) -> set[str]:
    """Ids of those whose e-mail address other members have too."""
    values = {
        "tenant": tenant,
        "ids": [one.member_id for one in mentions],
        "emails": [one.handles.get(EndpointKind.EMAIL) for one in mentions],
    }
    return set((await connection.execute(_SHARING, values)).scalars())


async def put(
    connection: AsyncConnection, now: datetime, tenant: str, members: Sequence[Member]
) -> None:
    """Store members as they are given, new or not. Deputies must be among them, or stored."""
    if members:
        rows = orjson.dumps([_row(one) for one in members]).decode()
        await connection.execute(_PUT, {"tenant": tenant, "now": now, "members": rows})


async def delete(connection: AsyncConnection, tenant: str, ids: Collection[str]) -> None:
    """Remove members; who had them as a deputy has none then, and their links are gone."""
    if ids:
        await connection.execute(_DELETE, {"tenant": tenant, "ids": sorted(ids)})


def _row(member: Member) -> dict[str, Any]:
    return {
        "id": member.id,
        "name": member.name,
        "position": member.position.value,
        "teams": member.teams,
        "deputy": member.deputy,
        "absences": [
            {"from": one.since.isoformat(), "until": one.until and one.until.isoformat()}
            for one in member.absences
        ],
        "handles": {kind.value: handle for kind, handle in member.handles.items()},
        "email": member.email,
    }


def _member(row: Row[Any]) -> Member:
    return Member(
        id=row.id,
        name=row.name,
        position=Position(row.position),
        teams=tuple(row.teams),
        deputy=row.deputy,
        absences=tuple(
            Absence(_time(one["from"]), one["until"] and _time(one["until"]))
            for one in row.absences
        ),
        handles={EndpointKind(kind): handle for kind, handle in row.handles.items()},
        email=row.email,
    )


def _time(written: str) -> datetime:
    return datetime.fromisoformat(written).astimezone(UTC)
