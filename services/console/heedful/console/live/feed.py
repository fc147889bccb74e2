"""What happens to the cases of one tenant, asked once for all pages that look on."""

import logging
from typing import Final

from heedful.console.live.listener import Listener
from heedful.console.upstream.caller import Caller
from heedful.console.upstream.changes import changes
from heedful.console.upstream.errors import Invalid, UpstreamError

log = logging.getLogger(__name__)

_EVERY_S: Final = 1.0
_AFTER_FAILURE_S: Final = 5.0


class Feed:
    """The changes of one tenant.

    Args:
        alerting: asked by the console for itself: nobody in particular looks on.
    """

    def __init__(self, alerting: Caller) -> None:
        self.listeners: set[Listener] = set()
        self._alerting = alerting
        self._position: str | None = None

    async def step(self) -> float:
        """Ask once, and tell. Gives how long to wait for the next time, in seconds."""
        try:
            found = await changes(self._alerting, self._position)
        except Invalid:
            self._position = None
            self._tell({})
            return _EVERY_S
        except UpstreamError as error:
            log.warning("changes of cases could not be had", extra={"error": error.detail})
            return _AFTER_FAILURE_S
        self._position = found.position
        if found.items:
            self._tell({one.id: one.sequence for one in found.items})
        return 0 if found.more else _EVERY_S

    def _tell(self, cases: dict[str, int]) -> None:
        for one in self.listeners:
            one.tell(cases.items())
