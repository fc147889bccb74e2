"""Figures of alerting's board."""

from heedful.console.upstream.caller import Caller
from heedful.console.upstream.cases import Filters
from heedful.console.upstream.reading import Read


class Share(Read):
    """Of `n`; None: of none yet."""

    share: float | None
    n: int


class Landing(Read):
    above_72h: Share


class Figures(Read):
    """Shares are over the last `days`."""

    days: int
    states: dict[str, int]
    colours: dict[str, int]
    overdue: dict[str, int]
    responded_in_time: Share
    planned_in_time: Share
    landing: Landing


async def figures(alerting: Caller, filters: Filters) -> Figures:
    """Those of the cases that fit.

    Raises:
        UpstreamError: they could not be had.
    """
    return await alerting.get(Figures, "/v1/board", filters.query)
