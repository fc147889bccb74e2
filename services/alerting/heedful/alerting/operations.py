"""Notices about the endpoints themselves. Pure."""

from datetime import UTC, datetime

import orjson

from heedful.alerting.delivery_records import Frozen
from heedful.alerting.store_outcomes import Ailing
from heedful.alerting.webhook import EventType
from heedful.common.events import deterministic_id


def notice(event: EventType, at: datetime, ailing: Ailing, reason: str, listener: str) -> Frozen:
    """What an endpoint is told about another one.

    Args:
        listener: id of the endpoint that is told.
    """
    since = ailing.since.astimezone(UTC).isoformat()
    data = {
        "endpoint": ailing.id,
        "reason": reason,
        "failures": ailing.failures,
        "since": since,
    }
    body = {"type": event, "timestamp": at.astimezone(UTC).isoformat(), "data": data}
    return Frozen(
        id=deterministic_id("webhook-operational", event, ailing.id, since, listener),
        tenant=ailing.tenant,
        case_id="",
        endpoint_id=listener,
        type=event,
        body=orjson.dumps(body),
    )
