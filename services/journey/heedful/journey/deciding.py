"""Decisions of people: two customers are one, identifiers are somebody else's, and back again.

A decision holds up all intake for its transaction, as an erasure does: it may give an identifier
that said nothing a say again, and no batch may have looked at that one a moment before. People
decide rarely.
"""

import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from heedful.common.contracts import IdentifierType
from heedful.common.erasure import Tombstones
from heedful.journey import database, graph, graph_changes, metrics, store_customers
from heedful.journey import store_decisions as store
from heedful.journey.decisions import Verdict
from heedful.journey.graph import Graph
from heedful.journey.identity import Settled, resettle
from heedful.journey.parting import staying
from heedful.journey.publishing import SERVICE
from heedful.journey.reasons import Reason
from heedful.journey.refused import (
    KeptApart,
    Named,
    NobodyLeft,
    NoCustomer,
    NoDecision,
    NotTheirs,
    OneAlready,
    Revoked,
    TooMany,
    TwoCustomerIds,
)
from heedful.journey.store import follow
from heedful.journey.store_decisions import DecisionKind, Said

MAX_MEMBERS: Final = 10_000
"""Identifiers that one decision keeps apart: far more than a person has."""


@dataclass(frozen=True, slots=True)
class _DecidedBy:
    """What stands in place of an event that showed something."""

    tenant: str
    id: str
    kind: str = "decision"
    source: str = SERVICE


class Decisions:
    """The one place where people decide who is who. Each gives the id of the decision."""

    def __init__(
        self, engine: AsyncEngine, tombstones: Tombstones, clock: Callable[[], datetime]
    ) -> None:
        self._engine = engine
        self._tombstones = tombstones
        self._clock = clock

    async def merge(
        self,
        tenant: str,
        given: uuid.UUID,
        other: uuid.UUID,
        said: Said,
        *,
        two_customers: bool,
    ) -> uuid.UUID:
        """Two customers are one person.

        Args:
            two_customers: also when each of them has a customer id.

        Raises:
            NoCustomer, SharedIdentifier, OneAlready, TwoCustomerIds, KeptApart: nothing was done.
            Retryable: nothing was done, or we do not know.
        """
        async with database.begin(self._engine) as connection:
            await self._tombstones.exclude(connection)
            one, two, found = await self._both(connection, tenant, given, other)
            conflict = all(
                IdentifierType.CUSTOMER_ID in {found.nodes[key].type for key in _group(found, each)}
                for each in (one, two)
            )
            if conflict and not two_customers:
                raise TwoCustomerIds
            made = await store.insert(
                connection,
                tenant,
                DecisionKind.MERGE,
                said,
                self._clock(),
                left=[one],
                right=[two],
                two_customers=conflict,
            )
            settled = await self._apply(connection, tenant, DecisionKind.MERGE, made, [one, two])
            if settled.owners.get(one) != settled.owners.get(two):
                # What was seen with both has a say again, and was kept apart from one of them.
                found = await graph.read(connection, [one, two])
                raise KeptApart(_kept_apart(found, _group(found, one), _group(found, two)))
        _count(DecisionKind.MERGE, settled)
        return made

    async def keep_apart(
        self, tenant: str, given: uuid.UUID, other: uuid.UUID, said: Said
    ) -> uuid.UUID:
        """Two customers are two people, whatever shows up.

        Raises:
            NoCustomer, SharedIdentifier, OneAlready, KeptApart, TooMany: nothing was done.
            Retryable: nothing was done, or we do not know.
        """
        async with database.begin(self._engine) as connection:
            await self._tombstones.exclude(connection)
            one, two, found = await self._both(connection, tenant, given, other)
            left, right = _group(found, one), _group(found, two)
            made, settled = await self._part(
                connection, tenant, DecisionKind.KEEP_APART, said, left, right
            )
        _count(DecisionKind.KEEP_APART, settled)
        return made

    async def unmerge(
        self, tenant: str, given: uuid.UUID, named: Sequence[Named], said: Said
    ) -> uuid.UUID:
        """Identifiers of a customer are somebody else's.

        Raises:
            NoCustomer, SharedIdentifier, NotTheirs, NobodyLeft, TooMany: nothing was done.
            Retryable: nothing was done, or we do not know.
        """
        async with database.begin(self._engine) as connection:
            await self._tombstones.exclude(connection)
            customer = await _customer(connection, tenant, given)
            found = await graph.read(connection, [customer])
            group = _group(found, customer)
            missing = [
                one for one in named if not any(one.names(found.nodes[key]) for key in group)
            ]
            if missing:
                raise NotTheirs(missing)
            left = {key for key in group if any(one.names(found.nodes[key]) for one in named)}
            if left == group:
                raise NobodyLeft
            first_seen = {key: row.first_seen for key, row in found.rows.items()}
            right = staying(group - left, found.links, found.decisions, found.nodes, first_seen)
            made, settled = await self._part(
                connection, tenant, DecisionKind.UNMERGE, said, left, right
            )
        _count(DecisionKind.UNMERGE, settled)
        return made

    async def revoke(self, tenant: str, decision: uuid.UUID, said: Said) -> uuid.UUID:
        """A decision is in force no longer: what it names is what it would be without it.

        Raises:
            NoDecision, Revoked: nothing was done.
            Retryable: nothing was done, or we do not know.
        """
        async with database.begin(self._engine) as connection:
            await self._tombstones.exclude(connection)
            found = await store.one(connection, tenant, decision)
            if found is None:
                raise NoDecision
            if found.revoked_id is not None:
                raise Revoked
            now = self._clock()
            made = await store.insert(
                connection, tenant, DecisionKind.REVOKE, said, now, revokes=decision
            )
            members = await store.members(connection, decision)
            settled = await self._apply(connection, tenant, DecisionKind.REVOKE, made, members)
        _count(DecisionKind.REVOKE, settled)
        return made

    async def _both(
        self, connection: AsyncConnection, tenant: str, given: uuid.UUID, other: uuid.UUID
    ) -> tuple[uuid.UUID, uuid.UUID, Graph]:
        """Two customers that nobody has kept apart, and what hangs together with them."""
        one = await _customer(connection, tenant, given)
        two = await _customer(connection, tenant, other)
        if one == two:
            raise OneAlready
        found = await graph.read(connection, [one, two])
        held = _kept_apart(found, _group(found, one), _group(found, two))
        if held:
            raise KeptApart(held)
        return one, two, found

    async def _part(
        self,
        connection: AsyncConnection,
        tenant: str,
        kind: DecisionKind,
        said: Said,
        left: Collection[uuid.UUID],
        right: Collection[uuid.UUID],
    ) -> tuple[uuid.UUID, Settled]:
        if len(left) + len(right) > MAX_MEMBERS:
            raise TooMany
        now = self._clock()
        made = await store.insert(connection, tenant, kind, said, now, left=left, right=right)
        return made, await self._apply(connection, tenant, kind, made, [*left, *right])

    async def _apply(
        self,
        connection: AsyncConnection,
        tenant: str,
        kind: DecisionKind,
        made: uuid.UUID,
        touched: Collection[uuid.UUID],
    ) -> Settled:
        await graph_changes.revive(connection, await graph.reach(connection, touched))
        why = Reason(f"decided:{kind}", _DecidedBy(tenant, str(made)))
        settled = await resettle(connection, touched, why, self._clock())
        await follow(connection, settled)
        return settled


async def _customer(connection: AsyncConnection, tenant: str, given: uuid.UUID) -> uuid.UUID:
    found = await store_customers.customer_of(connection, tenant, given)
    if found is None:
        raise NoCustomer
    return found


def _group(found: Graph, customer: uuid.UUID) -> frozenset[uuid.UUID]:
    return frozenset(key for key, owner in found.owners.items() if owner == customer)


def _kept_apart(
    found: Graph, one: frozenset[uuid.UUID], two: frozenset[uuid.UUID]
) -> list[uuid.UUID]:
    return [
        each.id
        for each in found.decisions
        if each.verdict is Verdict.APART
        and ((each.left & one and each.right & two) or (each.left & two and each.right & one))
    ]


def _count(kind: DecisionKind, settled: Settled) -> None:
    metrics.DECISIONS.labels(kind.value).inc()
    metrics.CUSTOMERS.labels("created").inc(settled.created)
    metrics.CUSTOMERS.labels("merged").inc(settled.merged)
    metrics.CUSTOMERS.labels("split").inc(settled.split)
