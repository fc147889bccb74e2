"""What was erased stays out of what commands send to the log again: records that would have gone by
their age would otherwise lie there for a new one."""

from collections.abc import Collection, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.contracts import Contract, Enrichment, Feedback, Interaction, ItemKind
from heedful.common.environment import load
from heedful.common.erasure import Tombstones
from heedful.common.erasure.tombstones import SECRET
from heedful.common.security.secrets import SecretBox, instance_secret
from heedful.common.settings import Settings

Key = tuple[str, str, str, str]
"""Tenant, kind, source and id of an item."""

_ANY = text("SELECT EXISTS (SELECT 1 FROM common.tombstone WHERE service = :service)")
_AUTHORITY = "journey"
"""Its tombstones name every item of every erasure."""


class Erased:
    """The items that were erased. Made by `open`."""

    def __init__(self, engine: AsyncEngine, tombstones: Tombstones | None) -> None:
        self._engine = engine
        self._tombstones = tombstones

    @classmethod
    async def open(cls, engine: AsyncEngine) -> "Erased":
        """
        Raises:
            ConfigurationError: there are some, and HEEDFUL_SECRET_KEYS lacks the key to know them.
        """
        async with engine.connect() as connection:
            some = await connection.scalar(_ANY, {"service": _AUTHORITY})
        if not some:
            return cls(engine, None)
        settings = load(Settings)
        box = SecretBox.existing(settings.secret_keys, settings.data_dir)
        tombstones = Tombstones(_AUTHORITY)
        tombstones.use_secret(await instance_secret(engine, box, SECRET))
        return cls(engine, tombstones)

    async def among(self, keys: Sequence[Key]) -> Collection[Key]:
        """Those of the items."""
        if self._tombstones is None:
            return ()
        stones = {key: self._tombstones.item(*key) for key in keys}
        async with self._engine.connect() as connection:
            found = await self._tombstones.find(connection, stones.values())
        return {key for key, stone in stones.items() if stone in found}


def key_of(payload: Contract) -> Key | None:
    """The item that a record is about; None when it is about none."""
    if isinstance(payload, Enrichment):
        payload = payload.feedback
    if isinstance(payload, Feedback):
        return payload.tenant, ItemKind.FEEDBACK.value, payload.source, payload.id
    if isinstance(payload, Interaction):
        return payload.tenant, ItemKind.INTERACTION.value, payload.source, payload.id
    return None
