"""Customers of journey: who they are, what happened to them, and where they stand."""

from collections.abc import Mapping
from datetime import datetime

from heedful.console.upstream.caller import Caller
from heedful.console.upstream.customers import Identifier, Timeline
from heedful.console.upstream.paths import part
from heedful.console.upstream.reading import Read

_PAGE = 30


class Listed(Read):
    """A customer in a list."""

    id: str
    identifiers: list[Identifier]
    first_seen: datetime
    last_seen: datetime
    events: int


class ListedPage(Read):
    items: list[Listed]
    next_cursor: str | None


class Profile(Read):
    """`lights` and `channels`: how many of each."""

    id: str
    first_seen: datetime | None
    last_seen: datetime | None
    events: int
    channels: Mapping[str, int]
    lights: Mapping[str, int]


class Stay(Read):
    stage: str
    entered_at: datetime
    left_at: datetime | None
    events: int


class Wait(Read):
    """From a contact that nobody had answered; None: it lasts."""

    asked_at: datetime
    answered_at: datetime | None
    seconds: float | None


class Standing(Read):
    """Where a customer stands."""

    customer_id: str
    stage: str | None
    last_at: datetime
    events: int
    sessions: int
    mean_wait_s: float | None
    longest_wait_s: float | None
    waiting_since: datetime | None
    stuck_since: datetime | None
    left_at: datetime | None


class StandingPage(Read):
    items: list[Standing]
    next_cursor: str | None


class Journey(Standing):
    stays: list[Stay]
    waits: list[Wait]


class SessionEvent(Read):
    kind: str
    occurred_at: datetime
    channel: str | None
    touchpoint: str | None
    interaction_kind: str | None
    light: str | None
    topics: list[str]
    stage: str | None


class Session(Read):
    """`light`: the worst of its events'."""

    number: int
    started_at: datetime
    ended_at: datetime
    stage: str | None
    light: str | None
    events: list[SessionEvent]


class SessionPage(Read):
    items: list[Session]
    next_cursor: str | None


async def with_identifier(
    journey: Caller, kind: str, value: str, cursor: str | None = None
) -> ListedPage:
    """Customers with this identifier, in any spelling; several when they share it.

    Raises:
        UpstreamError: they could not be had.
    """
    query = {"identifier": f"{kind}:{value}", "cursor": cursor, "limit": _PAGE}
    return await journey.get(ListedPage, "/v1/customers", query)


async def profile(journey: Caller, customer_id: str) -> Profile:
    """One customer; of one that was merged, who they are now.

    Raises:
        UpstreamError: they could not be had.
    """
    return await journey.get(Profile, f"/v1/customers/{part(customer_id)}")


async def timeline(journey: Caller, customer_id: str, cursor: str | None) -> Timeline:
    """A page of what happened, the oldest first.

    Raises:
        UpstreamError: it could not be had.
    """
    query = {"cursor": cursor, "limit": _PAGE}
    return await journey.get(Timeline, f"/v1/customers/{part(customer_id)}/timeline", query)


async def journey_of(journey: Caller, customer_id: str) -> Journey:
    """Stages and waits of one customer.

    Raises:
        UpstreamError: it could not be had.
    """
    return await journey.get(Journey, f"/v1/journeys/{part(customer_id)}")


async def sessions(journey: Caller, customer_id: str, cursor: str | None) -> SessionPage:
    """A page of sessions, the newest first.

    Raises:
        UpstreamError: they could not be had.
    """
    query = {"cursor": cursor, "limit": _PAGE}
    return await journey.get(SessionPage, f"/v1/journeys/{part(customer_id)}/sessions", query)


async def standings(
    journey: Caller, stage: str | None, stuck: bool | None, cursor: str | None
) -> StandingPage:
    """A page of where customers stand, the newest events first.

    Raises:
        UpstreamError: they could not be had.
    """
    query = {"stage": stage, "stuck": stuck, "cursor": cursor, "limit": _PAGE}
    return await journey.get(StandingPage, "/v1/journeys", query)
