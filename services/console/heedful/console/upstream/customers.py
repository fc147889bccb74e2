"""Customers of journey: how they are reached, and what happened to them."""

from datetime import datetime, timedelta
from typing import Final

from heedful.console.upstream.caller import Caller, Query
from heedful.console.upstream.paths import part
from heedful.console.upstream.reading import Read

_AROUND: Final = 20
_BEFORE: Final = timedelta(days=30)
_AFTER: Final = timedelta(days=7)


class Identifier(Read):
    type: str
    value: str
    shared: bool


class Customer(Read):
    id: str
    identifiers: list[Identifier]
    events: int


class Happening(Read):
    """A feedback or an interaction."""

    kind: str
    source: str
    id: str
    occurred_at: datetime
    channel: str | None
    touchpoint: str | None
    interaction_kind: str | None
    light: str | None
    topics: list[str]
    text: str | None
    summary: str | None


class Timeline(Read):
    items: list[Happening]
    next_cursor: str | None


async def customer(journey: Caller, customer_id: str) -> Customer:
    """
    Raises:
        UpstreamError: it could not be had.
    """
    return await journey.get(Customer, f"/v1/customers/{part(customer_id)}")


async def around(journey: Caller, customer_id: str, first: datetime, last: datetime) -> Timeline:
    """What happened from 30 days before the one moment to 7 days after the other, the first 20.

    Raises:
        UpstreamError: it could not be had.
    """
    query: Query = {
        "from": (first - _BEFORE).isoformat(),
        "to": (last + _AFTER).isoformat(),
        "limit": _AROUND,
    }
    return await journey.get(Timeline, f"/v1/customers/{part(customer_id)}/timeline", query)
