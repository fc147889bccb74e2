"""Connections and standards as the request path needs them: from memory, also while PostgreSQL is
away."""

from collections.abc import Mapping
from datetime import timedelta

from heedful.common.refreshed import Refreshed
from heedful.ingest.connections import Connection
from heedful.ingest.standards import Standard, TenantRules
from heedful.ingest.store_connections import ConnectionStore
from heedful.ingest.store_standards import StandardStore

_MISSED_S = 1.0
"""A stranger's guesses read the table once a second at most."""


class Directory:
    """Copies of what tenants have configured, at most ten seconds old."""

    def __init__(
        self, connections: ConnectionStore, standards: StandardStore, max_future: timedelta
    ) -> None:
        self._connections: Refreshed[Mapping[str, Connection]] = Refreshed(
            "connections", connections.all
        )
        self._standards: Refreshed[Mapping[str, Mapping[str, Standard]]] = Refreshed(
            "data standards", standards.all
        )
        self._max_future = max_future

    async def connection(self, connection_id: str) -> Connection | None:
        """The enabled connection with this id.

        Raises:
            Problem: 503, nobody can tell.
        """
        found = await self.known(connection_id)
        return found if found is not None and found.enabled else None

    async def known(self, connection_id: str) -> Connection | None:
        """The connection with this id, also one that is not enabled.

        Raises:
            Problem: 503, nobody can tell.
        """
        found = (await self._connections.get()).get(connection_id)
        if found is None:
            # Made by another process a moment ago, perhaps; its vendor asks at once.
            found = (await self._connections.get(_MISSED_S)).get(connection_id)
        return found

    async def of(self, tenant: str) -> TenantRules:
        """The data standards of a tenant.

        Raises:
            Problem: 503, nobody can tell.
        """
        return TenantRules((await self._standards.get()).get(tenant, {}), self._max_future)

    def changed(self) -> None:
        """Something was changed by this process: it is seen at once."""
        self._connections.forget()
        self._standards.forget()
