"""What somebody has chosen to see on the board: the query of its address. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import Query

from heedful.console.upstream.cases import Filters

ME: Final = "@me"
NOBODY: Final = "@nobody"
TABS: Final = (
    "new",
    "acknowledged",
    "planned",
    "in_progress",
    "waiting_customer",
    "waiting_third_party",
    "landed",
    "verified",
)
"""The states in which something is left to do."""
SETTLED: Final = "settled"
"""The tab of all others."""
_SETTLED: Final = ("closed", "dismissed", "merged")

_Chosen = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True, slots=True)
class Choice:
    """Empty: any. A tab is a state, or `settled`; without one everything open is shown."""

    tab: str = ""
    colour: str = ""
    owner: str = ""
    team: str = ""
    touchpoint: str = ""
    topic: str = ""

    @property
    def is_open(self) -> bool:
        return self.tab != SETTLED

    @property
    def narrowed(self) -> bool:
        """Whether anything but a tab is chosen."""
        return any(value for name, value in asdict(self).items() if name != "tab")

    def filters(self, person: str) -> Filters:
        """As alerting knows them.

        Args:
            person: who looks on.
        """
        owner = person if self.owner == ME else self.owner
        unowned = self.owner == NOBODY
        return Filters(
            state=self.tab if self.tab in TABS else None,
            colour=self.colour or None,
            owner=None if unowned or not owner else owner,
            team=self.team or None,
            touchpoint=self.touchpoint or None,
            topic=self.topic or None,
            unowned=True if unowned else None,
        )

    def query(self, **changed: str) -> str:
        """The query of an address: this choice with what is changed."""
        given: Mapping[str, str] = asdict(replace(self, **changed))
        return urlencode({name: value for name, value in given.items() if value})


def cases_of_tab(tab: str, states: Mapping[str, int]) -> int:
    """How many there are of a state, of all that are open (no tab), or of all that are not."""
    settled = sum(states.get(one, 0) for one in _SETTLED)
    if tab == SETTLED:
        return settled
    return states.get(tab, 0) if tab else sum(states.values()) - settled


def choice(
    tab: _Chosen = "",
    colour: _Chosen = "",
    owner: _Chosen = "",
    team: _Chosen = "",
    touchpoint: _Chosen = "",
    topic: _Chosen = "",
) -> Choice:
    """Of a request."""
    return Choice(
        tab=tab if tab in (*TABS, SETTLED) else "",
        colour=colour,
        owner=owner.strip(),
        team=team.strip(),
        touchpoint=touchpoint.strip(),
        topic=topic.strip(),
    )
