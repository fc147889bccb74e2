"""A webhook receiver that verifies signatures and notes when what arrived. Not a benchmark."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Set
from dataclasses import dataclass, field
from datetime import datetime

from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError

SECRET = "whsec_" + "YmVuY2htYXJrLXdlYmhvb2stc2VjcmV0LTMyYnl0ZXM="
PATH = "/hook"
OPENED = "case.opened"


@dataclass(frozen=True, slots=True)
class Arrival:
    """The first `case.opened` of one feedback; Unix times in seconds.

    Attributes:
        opened_at: what the webhook says about when the case was opened.
    """

    at: float
    opened_at: float


@dataclass
class Received:
    """By feedback id, and how often something else came."""

    arrivals: dict[str, Arrival] = field(default_factory=dict)
    repeated: int = 0
    unverified: int = 0
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, body: bytes, headers: dict[str, str], at: float) -> int:
        """Note one request; gives the status of its answer."""
        try:
            event = Webhook(SECRET).verify(body, headers)
        except WebhookVerificationError:
            self.unverified += 1
            return 400
        if event["type"] == OPENED:
            feedback_id = event["data"]["feedback"]["id"]
            if feedback_id in self.arrivals:
                self.repeated += 1
            else:
                opened_at = datetime.fromisoformat(event["timestamp"]).timestamp()
                self.arrivals[feedback_id] = Arrival(at, opened_at)
                self.moved.set()
        return 204

    async def wait_for(self, wanted: Set[str], seconds: float) -> None:
        """Until all have arrived, at most so long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not wanted <= self.arrivals.keys():
                    self.moved.clear()
                    await self.moved.wait()


@contextlib.asynccontextmanager
async def receiving(port: int) -> AsyncIterator[Received]:
    """Serve `PATH` on this port until the block ends."""
    received = Received()

    async def hook(request: web.Request) -> web.Response:
        # Before the body is verified: that is the receiver's own time.
        at = time.time()
        body = await request.read()
        return web.Response(status=received.take(body, dict(request.headers), at))

    app = web.Application()
    app.router.add_post(PATH, hook)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield received
    finally:
        await runner.cleanup()
