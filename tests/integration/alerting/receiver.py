"""A webhook receiver on aiohttp that verifies every signature and answers as told."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from standardwebhooks import Webhook

from tests.integration.alerting.world import SECRET


@dataclass(frozen=True)
class Answer:
    status: int = 204
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Receiver:
    """What arrived. Answers are taken from `answers`, then 204 for ever."""

    url: str = ""
    answers: list[Answer] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._arrived = asyncio.Event()

    async def wait_for(self, count: int) -> None:
        """Until so many webhooks have arrived."""
        while len(self.ids) < count:
            self._arrived.clear()
            await self._arrived.wait()

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in self.bodies]

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        # Only the time of a signature is not of this test: the clock here is moved by hand.
        webhook = Webhook(SECRET)
        headers = {name.lower(): value for name, value in request.headers.items()}
        expected = webhook.sign(
            headers["webhook-id"],
            time_of(headers["webhook-timestamp"]),
            body.decode(),
        )
        assert headers["webhook-signature"] == expected
        assert headers["content-type"] == "application/json"
        self.ids.append(headers["webhook-id"])
        self.bodies.append(body)
        self._arrived.set()
        answer = self.answers.pop(0) if self.answers else Answer()
        return web.Response(status=answer.status, headers=answer.headers)


def time_of(timestamp: str) -> datetime:
    return datetime.fromtimestamp(int(timestamp), UTC)


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver on a free port of this machine."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    receiver.url = f"http://127.0.0.1:{port}/hook"
    try:
        yield receiver
    finally:
        await runner.cleanup()
