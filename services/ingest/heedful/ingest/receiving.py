"""One request of a channel, from its bytes to the vendor's answer."""

import orjson

from heedful.common.quota.quota import Quota
from heedful.common.security import Principal
from heedful.ingest.bell import Bell
from heedful.ingest.channels import Answer, ChannelRequest
from heedful.ingest.connections import Connection
from heedful.ingest.intake import Intake, Taken


class Receiver:
    """Takes what channels send.

    Args:
        bell: wakes the fetch of a connection.
    """

    def __init__(self, intake: Intake, quota: Quota, bell: Bell) -> None:
        self._intake = intake
        self._quota = quota
        self._bell = bell

    async def deliver(
        self, connection: Connection, request: ChannelRequest, traceparent: str
    ) -> Answer:
        """What the vendor is answered once its request is in the log.

        Raises:
            Problem: it is not; the status says why.
        """
        # Proven first: a stranger must not use up what is the vendor's.
        opened = await self._intake.opened(connection, request)
        parsed = await self._intake.parsed(connection, opened)
        spender = Principal(connection.tenant, connection.id, frozenset())
        await self._quota.take(spender, requests=1, items=len(parsed.items))
        taken = await self._intake.take(
            connection,
            parsed.items,
            received_at=opened.received_at,
            now=opened.received_at,
            traceparent=traceparent,
        )
        await self._intake.hold(connection, parsed.parts, opened.received_at)
        if parsed.ring:
            self._bell.ring(connection.id, parsed.hint)
        return parsed.answer or _told(taken, len(parsed.parts))


def _told(taken: Taken, held: int) -> Answer:
    body = {
        "accepted": taken.accepted,
        "duplicate": taken.duplicate,
        "quarantined": taken.quarantined,
        **({"held": held} if held else {}),
    }
    return Answer(200, orjson.dumps(body), "application/json")
