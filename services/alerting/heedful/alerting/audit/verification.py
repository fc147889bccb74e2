"""Verifies what the database holds: every chain, every anchor, and that they fit each other."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.audit import store_anchors, store_chains
from heedful.alerting.audit.anchors import ANCHORS, Anchor, signed, tree
from heedful.alerting.audit.checking import Fault, How, Known, Walk, walked
from heedful.alerting.audit.entries import ADMINISTRATION
from heedful.alerting.audit.links import START
from heedful.alerting.audit.store_chains import CaseChain

_ANCHORS_AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True)
class Broken:
    """A chain that does not hold."""

    tenant: str
    chain: str
    fault: Fault


@dataclass(slots=True)
class Tally:
    """How much was read.

    Attributes:
        heads: the hash of the last anchor of each tenant: who writes it down sees later that it is
            still there.
    """

    cases: int = 0
    events: int = 0
    entries: int = 0
    anchors: int = 0
    heads: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verification:
    """Verifies one tenant at a time, in a transaction whose snapshot does not move.

    Attributes:
        since: chains and anchors from before are left out; None reads everything.
        told: called when something was read.
    """

    connection: AsyncConnection
    public_key: bytes
    since: datetime | None
    tally: Tally
    told: Callable[[], None]

    async def tenant(self, tenant: str) -> AsyncIterator[Broken]:
        """What is broken; the first fault of each chain."""
        async for page in store_chains.case_chains(self.connection, tenant, self.since):
            for chain in page:
                self.tally.cases += 1
                self.tally.events += len(chain.rows)
                fault = case_fault(chain)
                if fault is not None:
                    yield Broken(tenant, f"case {chain.case_id}", fault)
            self.told()
        fault = await self._administration(tenant)
        if fault is not None:
            yield Broken(tenant, ADMINISTRATION, fault)
        async for fault in self._anchors(tenant):
            yield Broken(tenant, ANCHORS, fault)
        async for case_id, position, anchor in store_chains.gone(self.connection, tenant):
            said = f"anchor {anchor} has it up to {position}, and the case is gone"
            yield Broken(tenant, f"case {case_id}", Fault(1, How.MISSING, said))

    async def _administration(self, tenant: str) -> Fault | None:
        walk = Walk()
        head = await store_chains.head(self.connection, tenant, ADMINISTRATION)
        if head is not None:
            walk.length = head.position
            walk.knows([Known(head.position, head.hash, "the tenant's head")])
        anchored = 0
        async for rows, known in store_chains.entry_pages(self.connection, tenant):
            walk.knows(known)
            walk.feed(rows)
            anchored = max([anchored, *(one.position for one in known)])
            self.tally.entries += len(rows)
            self.told()
        return walk.finish() or _unanchored(walk.position, anchored)

    async def _anchors(self, tenant: str) -> AsyncIterator[Fault]:
        position, previous = 0, START
        if self.since is not None:
            position = await store_anchors.last_before(self.connection, tenant, self.since)
            found = await store_anchors.hashes(self.connection, [(tenant, position)])
            previous = found.get((tenant, position), START)
        while page := await store_anchors.page(self.connection, tenant, position, _ANCHORS_AT_ONCE):
            for anchor in page:
                fault = await self._anchor_fault(anchor, position + 1, previous)
                if fault is not None:
                    yield fault
                position, previous = anchor.position, anchor.hash
                self.tally.anchors += 1
            self.told()
        head = await store_chains.head(self.connection, tenant, ANCHORS)
        if head is not None and (head.position, head.hash) != (position, previous):
            said = f"they end at {position}, and {head.position} are known: the end was cut off"
            yield Fault(position + 1, How.TRUNCATED, said)
        if position:
            self.tally.heads[tenant] = previous.hex()

    async def _anchor_fault(self, anchor: Anchor, expected: int, previous: bytes) -> Fault | None:
        if anchor.position != expected:
            return Fault(expected, How.MISSING, f"up to {anchor.position} some are missing")
        leaves = await store_anchors.leaves_of(self.connection, anchor.tenant, anchor.position)
        said = anchor.said
        for holds, wrong in (
            (sha256(anchor.body.encode()).digest() == anchor.hash, "its text was changed"),
            (said.get("tenant") == anchor.tenant, "it is of another tenant"),
            (said.get("position") == anchor.position, "it belongs to another position"),
            (signed(anchor.hash, anchor.signature, self.public_key), "it was not signed here"),
            (said.get("root") == tree(leaves).hex(), "its leaves were changed"),
        ):
            if not holds:
                return Fault(anchor.position, How.CHANGED, wrong)
        if said.get("previous") != previous.hex():
            return Fault(anchor.position, How.REWRITTEN, "the one before it was another")
        return None


def case_fault(chain: CaseChain) -> Fault | None:
    """What is wrong with the chain of a case."""
    fault = walked(chain.rows, chain.known, explained=chain.explained, length=chain.length)
    return fault or _unanchored(chain.length, chain.anchored)


def _unanchored(length: int, anchored: int) -> Fault | None:
    if anchored == length:
        return None
    said = f"anchors have it up to {anchored}, and nothing waits for the next one"
    return Fault(anchored + 1, How.UNANCHORED, said)


async def kept_elsewhere(
    connection: AsyncConnection, anchors: Sequence[Anchor], public_key: bytes
) -> list[Broken]:
    """What an anchor that was kept elsewhere says against the database."""
    found = await store_anchors.hashes(connection, [(one.tenant, one.position) for one in anchors])
    broken = []
    for one in anchors:
        here = found.get((one.tenant, one.position))
        if not signed(one.hash, one.signature, public_key):
            fault = Fault(one.position, How.CHANGED, "that of the file was not signed here")
        elif here is None:
            fault = Fault(one.position, How.MISSING, "the file has it, the database has not")
        elif here != one.hash:
            fault = Fault(one.position, How.REWRITTEN, "it is another one than in the file")
        else:
            continue
        broken.append(Broken(one.tenant, ANCHORS, fault))
    return broken
