"""Which cases something happened to."""

from heedful.console.upstream.caller import Caller
from heedful.console.upstream.reading import Read


class Changed(Read):
    """A case, by its last event."""

    id: str
    sequence: int


class Changes(Read):
    """Cases that something happened to after a position.

    Attributes:
        position: what to ask after next time.
        more: there is more up to now: ask again at once.
    """

    items: list[Changed]
    position: str
    more: bool


async def changes(alerting: Caller, after: str | None) -> Changes:
    """Those after a position; none: only where we are.

    Raises:
        Invalid: the position is not one any more: the database was restored.
        UpstreamError: they could not be had.
    """
    return await alerting.get(Changes, "/v1/cases/changes", {"after": after})
