"""Cases of alerting, as pages read them."""

from datetime import datetime

from heedful.console.upstream.caller import Caller
from heedful.console.upstream.reading import Read


class Deadlines(Read):
    """When each open clock runs out; None: it does not run."""

    respond: datetime | None = None
    plan: datetime | None = None
    land: datetime | None = None
    next_reply: datetime | None = None


class Reason(Read):
    code: str
    label_zh: str
    label_en: str


class CaseItem(Read):
    """A case in a list."""

    id: str
    state: str
    colour: str
    sequence: int
    channel: str
    topic: str | None
    touchpoint: str | None
    received_at: datetime
    owner: str | None
    deadlines: Deadlines
    reasons: list[Reason]


class CasePage(Read):
    items: list[CaseItem]
    next_cursor: str | None


async def listed(
    alerting: Caller, *, state: str | None = None, colour: str | None = None, cursor: str | None
) -> CasePage:
    """A page of cases, the newest first.

    Raises:
        UpstreamError: they could not be had.
    """
    query = {"state": state, "colour": colour, "cursor": cursor, "limit": 50}
    return await alerting.get(CasePage, "/v1/cases", query)
