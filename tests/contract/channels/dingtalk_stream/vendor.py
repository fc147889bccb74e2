"""DingTalk's side of the Stream protocol, on this machine."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson
from aiohttp import web

from heedful.ingest.channels import Answer, ChannelRequest, Line
from heedful.ingest.channels.dingtalk_stream import DingTalkStream, Options, Secrets
from tests.contract.channels.harness import NOW

SECRET = "gWs8GFmPZzZmCMeRtbLKaCzor8tzJoyp4QKogD5WOVFt2Dk7UK"
SECRETS = Secrets(client_id="dingphtembyvlbeq2y4d", client_secret=SECRET)
ROBOT_TOPIC = "/v1.0/im/bot/messages/get"


@dataclass
class Vendor:
    """What came, and what is to be answered.

    Attributes:
        refusals: status and body for the next registrations; then each gets a line.
        endpoint: in place of this server's own address.
        deaf: WebSocket pings are not answered.
        open_before: for each line, how many were open when it was opened.
    """

    url: str = ""
    refusals: list[tuple[int, bytes]] = field(default_factory=list)
    endpoint: str | None = None
    deaf: bool = False
    registrations: list[Any] = field(default_factory=list)
    open_before: list[int] = field(default_factory=list)
    lines: list[web.WebSocketResponse] = field(default_factory=list)
    transports: list[asyncio.Transport] = field(default_factory=list)
    tickets: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._opened = asyncio.Condition()
        self._answers: asyncio.Queue[Any] = asyncio.Queue()

    async def line(self, number: int) -> web.WebSocketResponse:
        """The line of this number, once it is open."""
        async with asyncio.timeout(5), self._opened:
            await self._opened.wait_for(lambda: len(self.lines) > number)
        return self.lines[number]

    async def answer(self) -> Any:
        """The next frame that the client sends."""
        async with asyncio.timeout(5):
            return await self._answers.get()

    @property
    def silent(self) -> bool:
        return self._answers.empty()

    async def register(self, request: web.Request) -> web.Response:
        self.registrations.append(await request.json())
        if self.refusals:
            status, body = self.refusals.pop(0)
            return web.Response(status=status, body=body, content_type="application/json")
        ticket = secrets.token_hex(8)
        self.tickets.add(ticket)
        endpoint = self.endpoint or self.url.replace("http:", "ws:") + "/connect"
        return web.json_response({"endpoint": endpoint, "ticket": ticket})

    async def connect(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self.tickets:
            return web.Response(status=401)
        self.tickets.discard(ticket)
        line = web.WebSocketResponse(autoping=not self.deaf)
        await line.prepare(request)
        assert request.transport is not None
        self.transports.append(request.transport)
        self.open_before.append(sum(not one.closed for one in self.lines))
        async with self._opened:
            self.lines.append(line)
            self._opened.notify_all()
        async for message in line:
            if message.type is aiohttp.WSMsgType.TEXT:
                self._answers.put_nowait(orjson.loads(message.data))
        return line


@asynccontextmanager
async def serving() -> AsyncIterator[Vendor]:
    vendor = Vendor()
    app = web.Application()
    app.add_routes(
        [
            web.post("/v1.0/gateway/connections/open", vendor.register),
            web.get("/connect", vendor.connect),
        ]
    )
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    vendor.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield vendor
    await runner.cleanup()


@dataclass
class Ingest:
    """Takes what the adapter delivers, or raises what is next in `problems`."""

    problems: list[Exception] = field(default_factory=list)
    requests: list[ChannelRequest] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.free = asyncio.Event()
        self.free.set()
        self._asked = asyncio.Condition()

    async def deliver(self, request: ChannelRequest) -> Answer:
        async with self._asked:
            self.requests.append(request)
            self._asked.notify_all()
        await self.free.wait()
        if self.problems:
            raise self.problems.pop(0)
        return Answer()

    async def asked(self, number: int) -> Sequence[ChannelRequest]:
        """What it was given, once that is so many."""
        async with asyncio.timeout(5), self._asked:
            await self._asked.wait_for(lambda: len(self.requests) >= number)
        return self.requests

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        await asyncio.sleep(0)


@asynccontextmanager
async def listening(
    vendor: Vendor, ingest: Ingest, base_url: Callable[[str], str] | None = None
) -> AsyncIterator["asyncio.Task[None]"]:
    adapter = DingTalkStream(
        now=lambda: NOW, pause=ingest.pause, heartbeat_s=0.1 if vendor.deaf else 30
    )
    async with aiohttp.ClientSession() as http:
        line = Line("c-1", http, base_url or (lambda _: vendor.url))
        task = asyncio.create_task(adapter.listen(line, SECRETS, Options(), ingest.deliver))
        yield task
        task.cancel()
        await asyncio.wait({task})


def frame(
    data: str, *, kind: str = "CALLBACK", topic: str = ROBOT_TOPIC, message_id: str = "m-1"
) -> str:
    """A push as the protocol's page shows it."""
    headers = {
        "appId": "1305d5f5-484f",
        "contentType": "application/json",
        "messageId": message_id,
        "time": "1690362102194",
        "topic": topic,
    }
    pushed = {"specVersion": "1.0", "type": kind, "headers": headers, "data": data}
    return orjson.dumps(pushed).decode()


def disconnect() -> str:
    return orjson.dumps(
        {
            "type": "SYSTEM",
            "headers": {"topic": "disconnect", "contentType": "application/json"},
            "data": '{"reason" : "connection is expired"}',
        }
    ).decode()
