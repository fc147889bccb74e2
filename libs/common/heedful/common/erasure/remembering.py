"""How long a service remembers what it has erased."""

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.common.erasure import store
from heedful.common.erasure.tombstones import Tombstones
from heedful.common.retention import Kept, Rule


def memory(tombstones: Tombstones, days: int) -> tuple[Kept, Kept]:
    """The retention of a service's tombstones, and of the receipts that it has given."""

    async def forget_tombstones(connection: AsyncConnection, rule: Rule, limit: int) -> int:
        return await tombstones.purge(connection, rule.before, limit)

    async def forget_receipts(connection: AsyncConnection, rule: Rule, limit: int) -> int:
        return await store.purge(connection, tombstones.service, rule.before, limit)

    return (
        Kept("tombstones", days, forget_tombstones, by_tenant=False),
        Kept("receipts", days, forget_receipts, by_tenant=False),
    )
