"""Deliveries of alerting: what was sent, to which endpoint, and what became of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from heedful.console.upstream.caller import Caller
from heedful.console.upstream.reading import Read

_PATH: Final = "/v1/deliveries"


class Attempt(Read):
    at: datetime
    status: int | None
    error: str | None
    duration_ms: int
    response: str | None
    digest: str | None = None


class Delivery(Read):
    id: str
    case_id: str
    endpoint_id: str
    type: str
    state: str
    attempts: int
    due_at: datetime
    created_at: datetime
    finished_at: datetime | None
    last_attempt: Attempt | None
    urgent: bool
    digest: str | None
    failed_over_to: str | None
    failover_of: str | None


class DeliveryDetail(Delivery):
    """`log`: the last tries, the latest first."""

    log: list[Attempt]


class DeliveryPage(Read):
    items: list[Delivery]
    next_cursor: str | None = None


class Replayed(Read):
    """`more`: there may be others, ask again."""

    replayed: int
    more: bool


async def listed(
    alerting: Caller,
    *,
    state: str | None = None,
    case_id: str | None = None,
    cursor: str | None = None,
) -> DeliveryPage:
    """The newest first."""
    query = {"state": state, "case_id": case_id, "cursor": cursor, "limit": 50}
    return await alerting.get(DeliveryPage, _PATH, query)


async def get(alerting: Caller, id_: str) -> DeliveryDetail:
    return await alerting.get(DeliveryDetail, _of(id_))


async def replay(alerting: Caller, id_: str) -> Delivery:
    return await alerting.post(Delivery, _of(id_) + "/replay")


async def replay_failed(alerting: Caller, chosen: Mapping[str, Any]) -> Replayed:
    """Those that failed, up to 1,000 at a time; `chosen`: fields of ReplayBody."""
    return await alerting.post(Replayed, _PATH + "/replay", {"states": ["failed"], **chosen})


def _of(id_: str) -> str:
    return f"{_PATH}/{quote(id_, safe='')}"
