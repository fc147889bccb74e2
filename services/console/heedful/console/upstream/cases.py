"""Cases of alerting, as lists show them."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from heedful.console.upstream.caller import Caller, Query
from heedful.console.upstream.errors import UpstreamError
from heedful.console.upstream.reading import Read

PAGE: Final = 50
"""Cases on a page."""
_RECENT: Final = 5


class Deadlines(Read):
    """When each open clock runs out; None: it does not run."""

    respond: datetime | None = None
    plan: datetime | None = None
    land: datetime | None = None
    next_reply: datetime | None = None

    def running(self) -> Iterator[tuple[str, datetime]]:
        """Each that runs, by the name of its clock."""
        for name in Deadlines.model_fields:
            due = getattr(self, name)
            if due is not None:
                yield name, due

    @property
    def next(self) -> tuple[str, datetime] | None:
        """What runs out first."""
        return min(self.running(), key=lambda one: one[1], default=None)


class Reason(Read):
    code: str
    label_zh: str
    label_en: str


class FeedbackKey(Read):
    source: str
    id: str
    channel: str
    colour: str


class CaseItem(Read):
    """A case in a list."""

    id: str
    state: str
    colour: str
    sequence: int
    channel: str
    topic: str | None
    touchpoint: str | None
    department: str | None
    received_at: datetime
    opened_at: datetime
    owner: str | None
    deadlines: Deadlines
    feedback: list[FeedbackKey]
    reasons: list[Reason]
    issue_id: str | None


class CasePage(Read):
    items: list[CaseItem]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Filters:
    """Cases that have all of these; None: any."""

    state: str | None = None
    colour: str | None = None
    owner: str | None = None
    team: str | None = None
    touchpoint: str | None = None
    topic: str | None = None
    unowned: bool | None = None

    @property
    def query(self) -> Query:
        return asdict(self)


async def work(
    alerting: Caller, filters: Filters, *, is_open: bool, cursor: str | None
) -> CasePage:
    """A page of cases: of open ones what runs out next first, of others the newest.

    Raises:
        UpstreamError: they could not be had.
    """
    order: Query = {"open": is_open, "sort": "due" if is_open else None}
    query = {**filters.query, **order, "cursor": cursor, "limit": PAGE}
    return await alerting.get(CasePage, "/v1/cases", query)


async def recent_reds(alerting: Caller, filters: Filters, since: datetime) -> list[CaseItem]:
    """The newest red cases that are open and were opened since then, five at most.

    Raises:
        UpstreamError: they could not be had.
    """
    query = {**filters.query, "colour": "red", "open": True, "sort": "opened", "limit": _RECENT}
    page = await alerting.get(CasePage, "/v1/cases", query)
    return [one for one in page.items if one.opened_at >= since]


async def about(
    alerting: Caller, feedback: Iterable[tuple[str, str]]
) -> Mapping[tuple[str, str], CaseItem]:
    """The cases of feedback, by its source and id, which at most a page of are given. Empty where
    alerting cannot say: a page goes without them then."""
    ids: dict[str, list[str]] = defaultdict(list)
    for source, id_ in feedback:
        ids[source].append(id_)
    queries: list[Query] = [
        {"source": source, "feedback_id": some, "limit": PAGE} for source, some in ids.items()
    ]
    try:
        pages = await asyncio.gather(
            *(alerting.get(CasePage, "/v1/cases", query) for query in queries)
        )
    except UpstreamError:
        return {}
    return {
        (said.source, said.id): one for page in pages for one in page.items for said in one.feedback
    }
