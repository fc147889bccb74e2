"""A customer's journey as it is now."""

import uuid
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from heedful.common.http.openapi import missing, refusing
from heedful.common.http.problems import not_found
from heedful.journey import store_journeys
from heedful.journey.lifecycle.journey import Journey, journey
from heedful.journey.lifecycle.stages import Lifecycles
from heedful.journey.queries import Queries

NO_CUSTOMER = refusing(missing("customer"))


async def survivor(queries: Queries, tenant: str, given: uuid.UUID) -> uuid.UUID:
    """Who this customer is now.

    Raises:
        Problem: 404, there is none.
    """
    found = await queries.survivor(tenant, given)
    if found is None:
        raise not_found("customer")
    return found


@dataclass(frozen=True, slots=True)
class Current:
    """Journeys from the events that there are, by the function that also fills the list."""

    engine: AsyncEngine
    queries: Queries
    lifecycles: Lifecycles

    async def folded(self, tenant: str, given: uuid.UUID) -> tuple[uuid.UUID, Journey]:
        """
        Raises:
            Problem: 404, there is no such customer, or nothing happened to them.
        """
        customer = await survivor(self.queries, tenant, given)
        async with self.engine.connect() as connection:
            return customer, await self.folded_of(connection, tenant, customer)

    async def folded_of(
        self, connection: AsyncConnection, tenant: str, customer: uuid.UUID
    ) -> Journey:
        """
        Raises:
            Problem: 404, nothing happened to them.
        """
        events = await store_journeys.events(connection, [customer])
        found = journey(events.get(customer, ()), self.lifecycles.of(tenant))
        if found is None:
            raise not_found("customer")
        return found
