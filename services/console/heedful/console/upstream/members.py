"""Members of a tenant: who cases can be given to, and what they are called."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from heedful.console.upstream.caller import Caller
from heedful.console.upstream.errors import UpstreamError
from heedful.console.upstream.reading import Read

_MOST: Final = 200
_KEPT: Final = timedelta(minutes=1)


class Member(Read):
    id: str
    name: str
    position: str
    teams: list[str]
    absent: bool


class MemberPage(Read):
    items: list[Member]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Team:
    """The first 200 members.

    Attributes:
        more: there are others; whoever is not among them goes by their id.
    """

    members: tuple[Member, ...]
    more: bool

    def name(self, person: str) -> str:
        return next((one.name for one in self.members if one.id == person), person)


NOBODY: Final = Team((), more=False)


class Teams:
    """The members of each tenant, asked for once a minute at most: every page has names."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._known: dict[str, tuple[datetime, Team]] = {}

    async def of(self, alerting: Caller) -> Team:
        """Those of the tenant for whom the caller asks; none, when they cannot be had: people go
        by their ids then."""
        tenant, now = alerting.acting.tenant, self._now()
        known = self._known.get(tenant)
        if known is not None and now - known[0] < _KEPT:
            return known[1]
        try:
            page = await alerting.get(MemberPage, "/v1/members", {"limit": _MOST})
        except UpstreamError:
            return NOBODY
        team = Team(tuple(page.items), page.next_cursor is not None)
        self._known[tenant] = (now, team)
        return team
