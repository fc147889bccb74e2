"""Opening a line to DingTalk: a ticket is asked for, then the WebSocket is opened with it.

https://open-dingtalk.github.io/developerpedia/docs/learn/stream/protocol
"""

import asyncio
import re
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

import aiohttp
import orjson

from heedful.common.version import service_version
from heedful.ingest.channels import Line, Malformed, VendorFailure
from heedful.ingest.channels.dingtalk_frames import ROBOT_TOPIC
from heedful.ingest.channels.reading import Node, json_body

API = "https://api.dingtalk.com"
_OPEN = "/v1.0/gateway/connections/open"
_TIMEOUT_S = 10.0
_CLOSE_S = 2.0
_MAX_FRAME_BYTES = 1024 * 1024
_MAX_ANSWER_BYTES = 64 * 1024
_REFUSED_AGAIN = timedelta(minutes=5)
_BUSY_AGAIN = timedelta(minutes=1)
_CODE = re.compile(r"[A-Za-z0-9_.\-]{1,64}")


async def opened(
    line: Line, client_id: str, client_secret: str, *, heartbeat_s: float
) -> aiohttp.ClientWebSocketResponse:
    """A line over which DingTalk sends what the robot hears.

    Raises:
        VendorFailure: DingTalk refused, or is not to be reached.
    """
    asked = {
        "clientId": client_id,
        "clientSecret": client_secret,
        "subscriptions": [{"type": "CALLBACK", "topic": ROBOT_TOPIC}],
        "ua": f"heedful-sdk-python/{service_version()}",
    }
    base = line.base_url(API)
    try:
        status, answer = await _registered(line.http, base, orjson.dumps(asked))
        url = endpoint(status, answer, secure=base.startswith("https:"))
        async with asyncio.timeout(_TIMEOUT_S):
            return await line.http.ws_connect(
                url,
                heartbeat=heartbeat_s,
                max_msg_size=_MAX_FRAME_BYTES,
                timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSE_S),
            )
    except (aiohttp.ClientError, OSError, ValueError) as error:
        # Without its cause: the text of a client error holds the URL, and that the ticket.
        raise VendorFailure(f"no line to DingTalk: {_cause(error)}") from None


async def _registered(http: aiohttp.ClientSession, base: str, asked: bytes) -> tuple[int, bytes]:
    """Status and body of DingTalk's answer."""
    async with http.post(
        base.rstrip("/") + _OPEN,
        data=asked,
        headers={"content-type": "application/json", "accept": "application/json"},
        timeout=aiohttp.ClientTimeout(total=_TIMEOUT_S),
        allow_redirects=False,
    ) as response:
        body = bytearray()
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > _MAX_ANSWER_BYTES:
                raise VendorFailure(f"DingTalk's answer has more than {_MAX_ANSWER_BYTES} bytes")
        return response.status, bytes(body)


def endpoint(status: int, answer: bytes, *, secure: bool) -> str:
    """Where the line is opened, once, within 90 seconds.

    Args:
        status: of DingTalk's answer.
        secure: only over TLS.

    Raises:
        VendorFailure: DingTalk refused, or names no such place.
    """
    if status != 200:
        raise _refusal(status, answer)
    try:
        body = json_body(answer)
        named, ticket = (_text(body.at(name)) for name in ("endpoint", "ticket"))
    except Malformed as error:
        raise VendorFailure(f"DingTalk's answer is not the documented one: {error}") from error
    parts = urlsplit(named)
    if parts.scheme not in (("wss",) if secure else ("ws", "wss")) or not parts.hostname:
        raise VendorFailure("DingTalk names a line that is not a wss:// address")
    query = "&".join(part for part in (parts.query, urlencode({"ticket": ticket})) if part)
    return parts._replace(query=query).geturl()


def _text(node: Node) -> str:
    return str(node.needed(node.text()).value)


def _refusal(status: int, answer: bytes) -> VendorFailure:
    """With DingTalk's code, e.g. authFailed; its message may repeat what was sent."""
    try:
        code = json_body(answer).at("code").text() or ""
    except Malformed:
        code = ""
    named = f", {code}" if _CODE.fullmatch(code) else ""
    again = _BUSY_AGAIN if status == 429 else _REFUSED_AGAIN if 400 <= status < 500 else None
    return VendorFailure(f"DingTalk refused to open a line (HTTP {status}{named})", again)


def _cause(error: BaseException) -> str:
    status = getattr(error, "status", None)
    return type(error).__name__ if status is None else f"HTTP {status}"
