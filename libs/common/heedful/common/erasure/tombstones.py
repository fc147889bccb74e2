"""What was erased and must not come back: keyed hashes, of which none leads to a person.

The key of an item is meant for ever. A name (an identifier, or a conversation) is meant up to the
time of the erasure: what the same person sends later is theirs to send. An item is not taken when
its key was erased, when it was received by then and carries an erased identifier, or when it
carries none and belongs to an erased conversation. Which of them comes first makes no difference.
"""

import hmac
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.common.errors import Retryable

SECRET: Final = "erasure-tombstone"  # noqa: S105  # the name of an instance secret
_HASH_BYTES = 16
_LOCK_SPACE = zlib.crc32(b"heedful.erasure") - (1 << 31)

_ADMIT = text("SELECT pg_advisory_xact_lock_shared(:space, :service)")
_EXCLUDE = text("SELECT pg_advisory_xact_lock(:space, :service)")

_FIND = text(
    """
    SELECT hash, erasure_id, until FROM common.tombstone
    WHERE service = :service AND hash = ANY(CAST(:hashes AS bytea[]))
    """
)

# When the last erasure of a person was asked for: what was received since is of nobody erased.
_LOOK = text(
    """
    SELECT hash, erasure_id, until FROM common.tombstone
    WHERE service = :service AND hash = ANY(CAST(:hashes AS bytea[]))
    UNION ALL
    SELECT NULL, NULL, (
        SELECT until FROM common.tombstone WHERE service = :service AND until IS NOT NULL
        ORDER BY until DESC LIMIT 1)
    """
)

# A person who is erased twice: the later time holds.
_PUT = text(
    """
    INSERT INTO common.tombstone AS known (service, hash, erasure_id, until, made_at)
    SELECT :service, w.hash, :erasure_id, CAST(:until AS timestamptz), CAST(:now AS timestamptz)
    FROM unnest(CAST(:hashes AS bytea[])) AS w (hash)
    ORDER BY w.hash
    ON CONFLICT (service, hash) DO UPDATE
    SET erasure_id = excluded.erasure_id, until = excluded.until, made_at = excluded.made_at
    """
)

_PURGE = text(
    """
    DELETE FROM common.tombstone WHERE service = :service AND hash IN (
        SELECT hash FROM common.tombstone WHERE service = :service AND made_at < :before
        ORDER BY made_at LIMIT :limit FOR UPDATE SKIP LOCKED)
    """
)


@dataclass(frozen=True, slots=True)
class Tombstone:
    """`until` is None for the key of an item."""

    erasure_id: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Traces:
    """What of an item a tombstone can be of.

    Attributes:
        received_at: None when nothing but its key is known.
        names: of its identifiers.
        conversation: None when it belongs to none.
    """

    item: bytes
    received_at: datetime | None = None
    names: Sequence[bytes] = ()
    conversation: bytes | None = None

    @property
    def named(self) -> Sequence[bytes]:
        """What it is known by beside its key: its conversation only where it has no names."""
        if self.names or self.conversation is None:
            return self.names
        return (self.conversation,)


@dataclass(frozen=True, slots=True)
class Met:
    """An item of somebody who was erased. `known`: the erasure named it by its key."""

    erasure_id: str
    known: bool


def met(traces: Traces, stones: Mapping[bytes, Tombstone]) -> Met | None:
    """Why an item is not taken; None when it is."""
    by_key = stones.get(traces.item)
    if by_key is not None:
        return Met(by_key.erasure_id, known=True)
    for name in traces.named:
        stone = stones.get(name)
        if stone is not None and _by_then(traces.received_at, stone.until):
            return Met(stone.erasure_id, known=False)
    return None


def _by_then(received_at: datetime | None, until: datetime | None) -> bool:
    return received_at is not None and until is not None and received_at <= until


class Tombstones:
    """Those of one service."""

    def __init__(self, service: str) -> None:
        self.service = service
        self._secret: bytes | None = None

    def use_secret(self, secret: bytes) -> None:
        """What makes the hashes say nothing to others; must be set before the first one."""
        self._secret = secret

    def item(self, tenant: str, kind: str, source: str, id_: str) -> bytes:
        return self._hash("item", tenant, kind, source, id_)

    def identifier(self, tenant: str, name: str) -> bytes:
        """Of an identifier as this service writes it."""
        return self._hash("identifier", tenant, name)

    def conversation(self, tenant: str, name: str) -> bytes:
        return self._hash("conversation", tenant, name)

    async def admit(self, connection: AsyncConnection) -> None:
        """Begin a transaction that takes items in: no erasure runs beside it.

        Before any other lock, and before `find`, which must see what an erasure before us wrote.
        """
        await connection.execute(_ADMIT, self._lock())

    async def exclude(self, connection: AsyncConnection) -> None:
        """Begin a transaction that erases: waits for those that take items in, and holds up new
        ones. Before any other lock."""
        await connection.execute(_EXCLUDE, self._lock())

    async def find(
        self, connection: AsyncConnection, hashes: Collection[bytes]
    ) -> Mapping[bytes, Tombstone]:
        """The tombstones among these hashes."""
        if not hashes:
            return {}
        rows = await connection.execute(_FIND, {"service": self.service, "hashes": list(hashes)})
        return {bytes(row.hash): Tombstone(row.erasure_id, row.until) for row in rows}

    async def look(
        self, connection: AsyncConnection, items: Collection[bytes]
    ) -> tuple[Mapping[bytes, Tombstone], datetime | None]:
        """The tombstones among these keys of items, and up to when names are meant, if any is.

        Names of what was received later need not be found, nor made.
        """
        values = {"service": self.service, "hashes": list(items)}
        rows = (await connection.execute(_LOOK, values)).all()
        stones = {
            bytes(row.hash): Tombstone(row.erasure_id, row.until)
            for row in rows
            if row.hash is not None
        }
        return stones, next(row.until for row in rows if row.hash is None)

    async def put(
        self,
        connection: AsyncConnection,
        erasure_id: str,
        hashes: Collection[bytes],
        until: datetime | None,
        now: datetime,
    ) -> None:
        """Refuse what these are of from now on; `until` is None for keys of items."""
        if hashes:
            values = {"erasure_id": erasure_id, "until": until, "now": now}
            await connection.execute(
                _PUT, {"service": self.service, "hashes": list(set(hashes)), **values}
            )

    async def purge(self, connection: AsyncConnection, before: datetime, limit: int) -> int:
        """Forget at most so many that were made before; how many it was."""
        values = {"service": self.service, "before": before, "limit": limit}
        return (await connection.execute(_PURGE, values)).rowcount

    def _lock(self) -> dict[str, int]:
        return {"space": _LOCK_SPACE, "service": zlib.crc32(self.service.encode()) - (1 << 31)}

    def _hash(self, *parts: str) -> bytes:
        if self._secret is None:
            raise Retryable(f"{self.service} has not started yet")
        # The lengths keep parts apart, whatever they hold.
        named = "\x1f".join(f"{len(part)}:{part}" for part in parts)
        return hmac.digest(self._secret, named.encode(), "sha256")[:_HASH_BYTES]
