"""Freshness: when what was posted can be read, for a sample, through the documented API."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from heedful.cli.load.histogram import Histogram
from heedful.cli.load.outcome import Freshness, Times

_LOOK_EVERY_S: Final = 0.2
_AT_ONCE: Final = 8
_PAGE: Final = 200
_RECORD: Final = "/v1/records"
_CHANGES: Final = "/v1/cases/changes"


class CannotFollow(Exception):  # told to the user as it is
    """A service does not answer as it should."""


@dataclass
class _Followed:
    """Something posted that is looked for.

    Attributes:
        due: when its request was due; loop's clock.
    """

    source: str
    id: str
    due: float
    alarming: bool


@dataclass
class _Seen:
    """Times until something could be read."""

    times: Histogram = field(default_factory=Histogram)
    resolution_s: float = 0.0


class Follower:
    """Looks again and again for what it was told of, until it is there.

    Args:
        journey, alerting: clients of the two services.
        now: the loop's clock.
    """

    def __init__(
        self,
        journey: httpx.AsyncClient,
        alerting: httpx.AsyncClient,
        now: Callable[[], float],
    ) -> None:
        self._journey = journey
        self._alerting = alerting
        self._now = now
        self._unread: dict[tuple[str, str], _Followed] = {}
        self._caseless: dict[tuple[str, str], _Followed] = {}
        self._read, self._opened = _Seen(), _Seen()
        self._position: str | None = None
        self._until: float | None = None

    @property
    def waiting(self) -> int:
        return len(self._unread) + len(self._caseless)

    def follow(self, source: str, id_: str, due: float, *, alarming: bool) -> None:
        """Look for an item that was taken; of an alarming one also for its case."""
        one = _Followed(source, id_, due, alarming)
        self._unread[source, id_] = one
        if alarming:
            self._caseless[source, id_] = one

    async def start(self) -> None:
        """Remember which cases there are before the run.

        Raises:
            CannotFollow: a service refuses, or is not there.
        """
        try:
            await self._asked(self._journey, _RECORD, source="heedful-load", id="nothing")
            page = await self._asked(self._alerting, _CHANGES)
            self._position = page["position"] if page else None
        except httpx.TransportError as error:
            raise CannotFollow(
                f"cannot follow: {error or type(error).__name__}; say where the services are with "
                "--journey-url and --alerting-url"
            ) from error

    async def run(self) -> None:
        """Look until `end` and all is found, or there is no more patience.

        Raises:
            CannotFollow: a service refuses.
        """
        looked = self._now()
        while self._until is None or (self.waiting and looked < self._until):
            await asyncio.sleep(_LOOK_EVERY_S)
            before, looked = looked, self._now()
            await self._look_for_records(looked - before)
            await self._look_for_cases(looked - before)

    def end(self, patience_s: float) -> None:
        """Nothing more will be followed; the rest has so long."""
        self._until = self._now() + patience_s

    def found(self) -> list[Freshness]:
        return [
            _told("readable in journey", self._read, len(self._unread)),
            _told("case of an alarming item", self._opened, len(self._caseless)),
        ]

    async def _look_for_records(self, since: float) -> None:
        some = list(self._unread.values())
        for start in range(0, len(some), _AT_ONCE):
            part = some[start : start + _AT_ONCE]
            await asyncio.gather(*(self._look_for(one) for one in part))
        if some:
            self._read.resolution_s = max(self._read.resolution_s, since)

    async def _look_for(self, one: _Followed) -> None:
        if await self._tried(self._journey, _RECORD, source=one.source, id=one.id) is not None:
            self._read.times.record(self._now() - one.due)
            del self._unread[one.source, one.id]

    async def _look_for_cases(self, since: float) -> None:
        if not self._caseless:
            return
        self._opened.resolution_s = max(self._opened.resolution_s, since)
        more = True
        while more:
            after = {} if self._position is None else {"after": self._position}
            page = await self._tried(self._alerting, _CHANGES, limit=_PAGE, **after)
            if page is None:
                return
            self._position, more = page["position"], page["more"]
            for said in (said for case in page["items"] for said in case["feedback"]):
                found = self._caseless.pop((said["source"], said["id"]), None)
                if found is not None:
                    self._opened.times.record(self._now() - found.due)

    async def _tried(
        self, client: httpx.AsyncClient, path: str, **params: Any
    ) -> dict[str, Any] | None:
        """As `_asked`; a service that is away for a while is asked again later."""
        try:
            return await self._asked(client, path, **params)
        except httpx.TransportError:
            return None

    async def _asked(
        self, client: httpx.AsyncClient, path: str, **params: Any
    ) -> dict[str, Any] | None:
        """The answer; None: it is not there, or the service is busy."""
        answer = await client.get(path, params=params)
        if answer.status_code in (404, 429, 503):
            return None
        if answer.is_error:
            raise CannotFollow(
                f"{client.base_url}{path} answered {answer.status_code}: {answer.text[:200]}; "
                "--follow needs a key with the scopes journey:read and cases:read"
            )
        found: dict[str, Any] = answer.json()
        return found


def _told(what: str, seen: _Seen, missing: int) -> Freshness:
    return Freshness(
        what=what,
        times=Times.of(seen.times),
        missing=missing,
        resolution_ms=round(seen.resolution_s * 1000, 1),
    )
