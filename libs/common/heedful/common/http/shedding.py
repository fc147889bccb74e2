"""Load shedding: what is more than can be under way is refused at once, before its body is read.

Without it a process that is offered more than it can do takes everything, answers later and later,
and in the end does not even accept connections (Google SRE book, chapter 21, "Load Shedding and
Graceful Degradation").
"""

from starlette.types import ASGIApp, Receive, Scope, Send

from heedful.common import metrics
from heedful.common.http.problems import unavailable

ALWAYS = frozenset({"/healthz", "/readyz", "/metrics"})
"""Paths that are answered however full it is: a probe that fails would make it worse."""


class LoadShedding:
    """Lets so many requests in at one time.

    Args:
        streams: paths that are not counted: their answers last, and each service bounds its own.

    Raises:
        Problem: 503 with Retry-After; nothing of the request was done.
    """

    def __init__(
        self, app: ASGIApp, max_requests: int, streams: frozenset[str] = frozenset()
    ) -> None:
        self._app = app
        self._max = max_requests
        self._free = ALWAYS | streams
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in self._free:
            await self._app(scope, receive, send)
            return
        if self._under_way >= self._max:
            raise unavailable(
                f"{self._max} requests are under way, which is all that this process takes; "
                "send it again later"
            )
        self._under_way += 1
        metrics.HTTP_UNDER_WAY.inc()
        try:
            await self._app(scope, receive, send)
        finally:
            self._under_way -= 1
            metrics.HTTP_UNDER_WAY.dec()
