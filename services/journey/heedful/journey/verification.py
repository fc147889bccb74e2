"""Checks the record of erasures of one tenant: signatures, the chain, and what must be in it."""

from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.journey import store_record
from heedful.journey.obeyed import SERVICES, obeyed
from heedful.journey.record import Entry, EntryKind, faults

_AT_ONCE = 1000
_ERASURES = text(
    "SELECT id, parts, completed_at FROM journey.erasure WHERE tenant = :tenant ORDER BY id"
)


@dataclass(frozen=True, slots=True)
class Verified:
    """`head` is the digest of the newest entry: who writes it down sees later that it is there."""

    tenant: str
    entries: int
    erasures: int
    head: str
    faults: tuple[str, ...]


async def entries(connection: AsyncConnection, tenant: str) -> AsyncIterator[Entry]:
    """Of one tenant, in their order."""
    after = 0
    while page := await store_record.page(connection, tenant, after, _AT_ONCE):
        for _, entry in page:
            yield entry
        after = page[-1][0]


async def verify(connection: AsyncConnection, tenant: str, public_key: bytes) -> Verified:
    """Every entry of a tenant, and that every erasure has the entries that it must have."""
    found = [entry async for entry in entries(connection, tenant)]
    wrong = faults(found, public_key)
    if found and found[0].position != 1:
        wrong.append(f"the first entry is {found[0].position}: those before it are missing")
    by_erasure: dict[object, list[Entry]] = defaultdict(list)
    for entry in found:
        by_erasure[entry.said.get("erasure_id")].append(entry)
    erasures = (await connection.execute(_ERASURES, {"tenant": tenant})).all()
    for row in erasures:
        wrong += _lacking(row.id, by_erasure.pop(row.id, []), row.parts, row.completed_at)
    wrong += [f"erasure {name} is in the record and nowhere else" for name in by_erasure]
    head = found[-1].digest.hex() if found else ""
    return Verified(tenant, len(found), len(erasures), head, tuple(wrong))


def _lacking(erasure_id: str, recorded: list[Entry], parts: int, completed_at: object) -> list[str]:
    kinds = {entry.said.get("kind") for entry in recorded}
    if EntryKind.REQUESTED not in kinds:
        return [f"erasure {erasure_id} is not in the record"]
    if completed_at is None:
        return []
    return [
        f"erasure {erasure_id} is called complete and lacks a receipt of {one.service}"
        for one in obeyed(recorded, parts)
        if one.service in SERVICES and not one.complete
    ]
