"""A server that takes anything and answers as told, also badly."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

Misbehaviour = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Said:
    """One answer."""

    status: int = 200
    body: bytes = b'{"errcode":0,"code":0}'
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Robot:
    """What arrived. Answers are taken from `answers`, then `usual` for ever."""

    url: str = ""
    answers: list[Said | Misbehaviour] = field(default_factory=list)
    usual: Said = field(default_factory=Said)
    queries: list[Mapping[str, str]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [orjson.loads(body) for body in self.bodies]

    async def take(self, request: web.Request) -> web.StreamResponse:
        self.bodies.append(await request.read())
        self.queries.append(dict(request.query))
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        said = self.answers.pop(0) if self.answers else self.usual
        if not isinstance(said, Said):
            return await said(request)
        return web.Response(status=said.status, body=said.body, headers=said.headers)


@asynccontextmanager
async def answering() -> AsyncIterator[Robot]:
    """On a free port of this machine."""
    robot = Robot()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", robot.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    robot.url = f"http://127.0.0.1:{runner.addresses[0][1]}/robot/send?access_token=t0ken-of-it"
    try:
        yield robot
    finally:
        await runner.cleanup()


def hanging(release: asyncio.Event) -> Misbehaviour:
    async def hang(_request: web.Request) -> web.StreamResponse:
        await release.wait()
        return web.Response()

    return hang


async def closing(request: web.Request) -> web.StreamResponse:
    """The connection ends without an answer."""
    assert request.transport is not None
    request.transport.close()
    return web.Response()


def dripping(release: asyncio.Event) -> Misbehaviour:
    """A good status, and then one byte after the other, without an end."""

    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while not release.is_set():
            await response.write(b".")
            await asyncio.sleep(0.01)
        return response

    return drip


async def echoing(request: web.Request) -> web.StreamResponse:
    """What was sent, all of it."""
    body = await request.read()
    told = f"{request.url} {dict(request.headers)} ".encode()
    return web.Response(status=500, body=told + body)
