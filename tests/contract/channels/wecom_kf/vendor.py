"""企业微信's server API as its pages describe it, on this machine: access tokens, accounts,
messages by cursor."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from heedful.ingest.channels import Line
from heedful.ingest.channels.wecom_kf import Secrets
from tests.contract.channels.wechat import CORP, Keys

SECRET = "Gx7vNqT2LwRkYbZc5mHdJf8PsA3eUo9iXt1KrVyB6Qg"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def secrets(keys: Keys = CORP, secret: str = SECRET) -> Secrets:
    return Secrets.model_validate(
        {
            "corp_id": keys.receiver,
            "secret": secret,
            "token": keys.token,
            "encoding_aes_key": keys.aes_key,
        }
    )


def text(number: int, account: str = "wk1") -> dict[str, Any]:
    """A customer's message."""
    return {
        "msgid": f"{account}-{number}",
        "open_kfid": account,
        "external_userid": "wmAJ2GCAAAme1XQRC-NI-q0_ZM9ukoAw",
        "send_time": 1795507800 + number,
        "origin": 3,
        "msgtype": "text",
        "text": {"content": f"第{number}句"},
    }


@dataclass
class Vendor:
    """What it holds and was asked.

    Attributes:
        messages: of each account, oldest first; the cursor is a position in it.
        page: how many it gives at once, whatever `limit` says.
        stale: how many calls it refuses, from now on, because of their token.
        refused: errcode of the accounts that it refuses.
        odd: answers to give first, in place of its own.
    """

    messages: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    page: int = 1000
    lasting: int = 7200
    stale: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    unmanaged: set[str] = field(default_factory=set)
    odd: list[Handler] = field(default_factory=list)
    tokens: int = 0
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    url: str = ""

    @property
    def synced(self) -> list[tuple[str, str | None]]:
        """Account and cursor of each time that messages were asked for."""
        return [
            (body["open_kfid"], body.get("cursor"))
            for path, body in self.asked
            if path.endswith("sync_msg")
        ]

    async def token(self, request: web.Request) -> web.StreamResponse:
        if (request.query["corpid"], request.query["corpsecret"]) != (CORP.receiver, SECRET):
            return _said(40001)
        self.tokens += 1
        return _said(access_token=f"token-{self.tokens}", expires_in=self.lasting)

    async def accounts(self, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        start = body["offset"]
        names = sorted({*self.messages, *self.unmanaged})[start : start + body["limit"]]
        listed = [
            {"open_kfid": name, "name": "客服", "manage_privilege": name not in self.unmanaged}
            for name in names
        ]
        return _said(account_list=listed)

    async def sync(self, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        account = body["open_kfid"]
        if account in self.refused:
            return _said(self.refused[account])
        start = int(body.get("cursor", "0"))
        held = self.messages[account]
        end = min(start + min(self.page, body["limit"]), len(held))
        more = int(end < len(held))
        return _said(next_cursor=str(end), has_more=more, msg_list=held[start:end])

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Checks the token of every call, as the vendor does."""
        body = await request.json()
        self.asked.append((request.path, body))
        if self.odd:
            return await self.odd.pop(0)(request)
        if request.query["access_token"] != f"token-{self.tokens}" or self.stale > 0:
            self.stale -= 1
            return _said(42001)
        if request.path == "/cgi-bin/kf/account/list":
            return await self.accounts(request, body)
        return await self.sync(request, body)


@asynccontextmanager
async def serving(vendor: Vendor) -> AsyncIterator[Line]:
    """The line to a vendor that is up."""
    app = web.Application()
    app.router.add_get("/cgi-bin/gettoken", vendor.token)
    for path in ("/cgi-bin/kf/account/list", "/cgi-bin/kf/sync_msg"):
        app.router.add_post(path, vendor.take)
    # A handler whose caller has gone away would hold up the end of the test.
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        vendor.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as http:
            yield Line(
                "cn-1", http, lambda url: url.replace("https://qyapi.weixin.qq.com", vendor.url)
            )
    finally:
        await runner.cleanup()


def answering(body: bytes, status: int = 200) -> Handler:
    """Something else than the pages say."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, status=status)

    return answer


async def silence(request: web.Request) -> web.StreamResponse:
    """No answer for as long as anybody waits."""
    await asyncio.Event().wait()
    raise AssertionError


async def breaking_off(request: web.Request) -> web.StreamResponse:
    """An answer that ends before its length."""
    response = web.StreamResponse(headers={"content-length": "100"})
    await response.prepare(request)
    await response.write(b'{"errcode":0')
    assert request.transport is not None
    request.transport.close()
    return response


def _said(errcode: int = 0, **answer: Any) -> web.Response:
    return web.json_response(
        {"errcode": errcode, "errmsg": "ok" if errcode == 0 else "no"} | answer
    )
