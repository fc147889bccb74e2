"""One request of a channel, from its bytes to the vendor's answer."""

from collections.abc import Callable

import orjson

from heedful.ingest.channels.base import Answer, ChannelRequest
from heedful.ingest.connections import Connection
from heedful.ingest.intake import Intake, Taken


async def deliver(
    intake: Intake,
    ring: Callable[[str], None],
    connection: Connection,
    request: ChannelRequest,
    traceparent: str,
) -> Answer:
    """What the vendor is answered once its request is in the log.

    Raises:
        Problem: it is not; the status says why.
    """
    opened = await intake.opened(connection, request)
    parsed = await intake.parsed(connection, opened)
    taken = await intake.take(
        connection,
        parsed.items,
        received_at=opened.received_at,
        now=opened.received_at,
        traceparent=traceparent,
    )
    await intake.hold(connection, parsed.parts, opened.received_at)
    if parsed.ring:
        ring(connection.id)
    return parsed.answer or _told(taken, len(parsed.parts))


def _told(taken: Taken, held: int) -> Answer:
    body = {
        "accepted": taken.accepted,
        "duplicate": taken.duplicate,
        "quarantined": taken.quarantined,
        **({"held": held} if held else {}),
    }
    return Answer(200, orjson.dumps(body), "application/json")
