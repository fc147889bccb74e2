"""Policies and calendars that go over to cases that are open: previews, and how far it is."""

from datetime import datetime
from typing import Final
from urllib.parse import quote

from heedful.console.upstream.caller import Caller
from heedful.console.upstream.reading import Read

_SECONDS: Final = 30.0
"""A preview looks for 20 s at most."""


class Counts(Read):
    """Clocks of one kind. `overdue`: would run out at once; `out_of_reach`: keep what they have."""

    looked_at: int
    earlier: int
    later: int
    started: int
    ended: int
    overdue: int
    out_of_reach: int


class Moved(Read):
    case_id: str
    metric: str
    was_due_at: datetime
    due_at: datetime
    by_seconds: float
    overdue: bool


class Preview(Read):
    cases: int
    changed: int
    clocks: dict[str, Counts]
    complete: bool
    most_moved: list[Moved]


class Application(Read):
    """`progress`: running, done or superseded; `waiting`: cases that are still to come."""

    id: str
    kind: str
    ref: str
    progress: str
    cases: int
    changed: int
    waiting: int
    clocks: dict[str, Counts]
    created_at: datetime
    created_by: str
    finished_at: datetime | None


class Applied(Read):
    ref: str
    dry_run: bool
    preview: Preview | None = None
    application: Application | None = None


async def apply(alerting: Caller, version_path: str, *, dry_run: bool) -> Applied:
    """A version of a policy or a calendar (its path in the API) to clocks that run."""
    body = {"dry_run": dry_run}
    return await alerting.post(Applied, version_path + "/apply", body, timeout_s=_SECONDS)


async def get(alerting: Caller, id_: str) -> Application:
    return await alerting.get(Application, f"/v1/applications/{quote(id_, safe='')}")
