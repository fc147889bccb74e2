"""`/v1/connections`: a tenant's configured channels."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError

from heedful.common.http import Page, paging
from heedful.common.http.auth import Authenticator
from heedful.common.http.openapi import Refusal, missing, refusing
from heedful.common.http.problems import Problem, not_found
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope
from heedful.common.wording import describe
from heedful.ingest.api.connection_models import (
    ChangedConnection,
    ChannelOut,
    ConnectionBody,
    ConnectionOut,
    NewSecrets,
    Said,
    channel_out,
    connection_out,
)
from heedful.ingest.channels import Configured, Fetches, Listens
from heedful.ingest.channels.registry import AnyAdapter
from heedful.ingest.connections import Connection, new_id
from heedful.ingest.directory import Directory
from heedful.ingest.store_connections import Configuration, ConnectionStore
from heedful.ingest.store_lines import LineStore

_NO_CONNECTION = refusing(missing("connection"))
_UNKNOWN_CHANNEL = refusing(
    Refusal(
        422,
        "unknown-channel",
        "There is no such channel",
        "channel: none of callcentre, standard_webhooks, typeform",
    )
)


def router(
    store: ConnectionStore,
    lines: LineStore,
    directory: Directory,
    adapters: Mapping[str, AnyAdapter],
    auth: Authenticator,
) -> APIRouter:
    """The routes of connections."""
    routes = APIRouter(tags=["connections"], route_class=Route)
    Reader = Annotated[Principal, Depends(auth.requires(Scope.CONNECTIONS_READ))]  # noqa: N806  # a type
    Writer = Annotated[Principal, Depends(auth.requires(Scope.CONNECTIONS_WRITE))]  # noqa: N806  # a type

    async def shown(connection: Connection, request: Request) -> ConnectionOut:
        return connection_out(connection, request, await lines.state(connection.id))

    @routes.post("/v1/connections", status_code=201, responses=_UNKNOWN_CHANNEL)
    async def create_connection(
        body: ConnectionBody, principal: Writer, request: Request
    ) -> ConnectionOut:
        """Add a connection. Give its `url` to the vendor."""
        adapter = adapters.get(body.channel)
        if adapter is None:
            raise Problem(422, "unknown-channel", f"channel: none of {', '.join(sorted(adapters))}")
        secrets = _read(adapter.secrets, body.secrets, "secrets")
        connection_id, now = new_id(), datetime.now(UTC)
        await store.insert(
            principal,
            connection_id,
            adapter,
            _configuration(adapter, body),
            secrets,
            has_line=isinstance(adapter, Fetches | Listens),
            now=now,
        )
        directory.changed()
        return await shown(await _known(store, principal.tenant, connection_id), request)

    @routes.get("/v1/connections")
    async def list_connections(
        principal: Reader,
        request: Request,
        cursor: str | None = None,
        limit: paging.Limit = paging.DEFAULT,
    ) -> Page[ConnectionOut]:
        """The tenant's connections, the newest first, without secrets."""
        rows = await store.page(principal.tenant, paging.after(cursor), limit + 1)
        page, more = rows[:limit], len(rows) > limit
        return Page(
            items=[await shown(one, request) for one in page],
            next_cursor=paging.encoded(page[-1].created_at, page[-1].id) if more else None,
        )

    @routes.get("/v1/connections/{connection_id}", responses=_NO_CONNECTION)
    async def get_connection(
        connection_id: str, principal: Reader, request: Request
    ) -> ConnectionOut:
        """One connection, without its secrets."""
        return await shown(await _known(store, principal.tenant, connection_id), request)

    @routes.put("/v1/connections/{connection_id}", responses=_NO_CONNECTION)
    async def change_connection(
        connection_id: str, body: ChangedConnection, principal: Writer, request: Request
    ) -> ConnectionOut:
        """Change all but channel and secrets."""
        found = await _known(store, principal.tenant, connection_id)
        given = _configuration(found.adapter, body)
        await store.update(principal, connection_id, given, datetime.now(UTC))
        directory.changed()
        return await shown(await _known(store, principal.tenant, connection_id), request)

    @routes.post("/v1/connections/{connection_id}/secrets", responses=_NO_CONNECTION)
    async def rotate_connection_secrets(
        connection_id: str, body: NewSecrets, principal: Writer, request: Request
    ) -> ConnectionOut:
        """New secrets; the old ones prove requests for a while longer."""
        found = await _known(store, principal.tenant, connection_id)
        secrets = _read(found.adapter.secrets, body.secrets, "secrets")
        now = datetime.now(UTC)
        until = now + timedelta(seconds=body.overlap_seconds)
        await store.rotate(principal, connection_id, secrets, previous_until=until, now=now)
        directory.changed()
        return await shown(await _known(store, principal.tenant, connection_id), request)

    @routes.delete("/v1/connections/{connection_id}", status_code=204, responses=_NO_CONNECTION)
    async def delete_connection(connection_id: str, principal: Writer) -> None:
        """Remove a connection with its secrets; its URL is 404 from now on."""
        await _known(store, principal.tenant, connection_id)
        await store.delete(principal, connection_id, datetime.now(UTC))
        directory.changed()

    return routes


def channels_router(adapters: Mapping[str, AnyAdapter], auth: Authenticator) -> APIRouter:
    """The route that tells which channels there are."""
    routes = APIRouter(tags=["connections"], route_class=Route)
    may_read = Depends(auth.requires(Scope.CONNECTIONS_READ))

    @routes.get("/v1/channels", dependencies=[may_read])
    async def list_channels() -> list[ChannelOut]:
        """The channels that a connection can be made for."""
        return [channel_out(adapter) for _, adapter in sorted(adapters.items())]

    return routes


async def _known(store: ConnectionStore, tenant: str, connection_id: str) -> Connection:
    found = await store.get(tenant, connection_id)
    if found is None:
        raise not_found("connection")
    return found


def _configuration(adapter: AnyAdapter, body: Said) -> Configuration:
    return Configuration(
        name=body.name,
        options=_read(adapter.options, body.options, "options"),
        touchpoint=body.touchpoint,
        department=body.department,
        backfill=body.backfill,
        enabled=body.enabled,
    )


def _read(model: type[Configured], given: dict[str, Any], where: str) -> Configured:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise Problem(
            422, "invalid", f"{where}: {describe(error)}; see GET /v1/channels"
        ) from error
