"""Makes anchors now and then, and tells them to the log."""

import base64
import logging
from datetime import datetime, timedelta
from typing import Final

from heedful.alerting.audit import store_anchors
from heedful.alerting.audit.anchors import Anchor, Signer
from heedful.alerting.database import Database
from heedful.common.errors import Retryable

log = logging.getLogger(__name__)

LOGGED: Final = "audit anchor"
"""What the log line of an anchor says."""
LEAVES: Final = 5000
"""Of one anchor: its transaction is short, for who appends to one of its chains waits for it."""
_AT_ONCE: Final = 100
_CHECKS: Final = 4
"""So often in an interval: the loops of several replicas come at different times."""
_LONGEST_S: Final = 60.0
"""Between two steps; a loop that does nothing for longer is not healthy."""


class Anchoring:
    """One step makes what is due. Any number of replicas run this; each anchor is made once.

    Args:
        every: a tenant whose chains grow gets an anchor so often.
    """

    def __init__(self, database: Database, every: timedelta) -> None:
        self._database = database
        self._every = every
        self._signer: Signer | None = None

    def use_secret(self, secret: bytes) -> None:
        """The private key; must be set before the first step."""
        self._signer = Signer(secret)

    async def step(self) -> float:
        async with self._database.begin() as (connection, now):
            tenants = await store_anchors.due(connection, now - self._every)
        for tenant in tenants:
            before = now - self._every
            while await self._anchor(tenant, before):
                # There are more than one anchor holds: the next one comes at once.
                before = now + self._every
        await self._tell()
        return min(_LONGEST_S, self._every.total_seconds() / _CHECKS)

    async def _anchor(self, tenant: str, before: datetime) -> bool:
        """Make one anchor; whether it was full."""
        if self._signer is None:
            raise Retryable("alerting has not started yet")
        async with self._database.begin() as (connection, now):
            head = await store_anchors.try_lock(connection, tenant, before)
            if head is None:
                return False
            leaves = await store_anchors.take(connection, tenant, LEAVES)
            if not leaves:
                return False
            made = self._signer.anchor(tenant, head.position + 1, head.hash, now, leaves)
            await store_anchors.insert(connection, now, made, leaves)
        return len(leaves) == LEAVES

    async def _tell(self) -> None:
        """Log what is committed. Who dies before the second commit has it logged twice, which
        harms nobody."""
        more = True
        while more:
            async with self._database.begin() as (connection, now):
                anchors = await store_anchors.unlogged(connection, _AT_ONCE)
                for anchor in anchors:
                    log.info(LOGGED, extra=logged(anchor))
                if anchors:
                    await store_anchors.mark_logged(connection, now, anchors)
            more = len(anchors) == _AT_ONCE


def logged(anchor: Anchor) -> dict[str, object]:
    """The fields of the log line. In base64, for the log masks what looks like a telephone number,
    and one in a hundred hexadecimal hashes does."""
    return {
        "tenant": anchor.tenant,
        "anchor": anchor.position,
        "at": anchor.at.isoformat(),
        "hash": base64.b64encode(anchor.hash).decode(),
        "signature": base64.b64encode(anchor.signature).decode(),
    }
