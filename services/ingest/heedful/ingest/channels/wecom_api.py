"""Calling 企业微信's server API: an access token for a while, error codes, bounds.

https://developer.work.weixin.qq.com/document/path/91039 ("获取access_token"): a token is valid for
two hours and must be kept, asking too often is refused; 90313 ("全局错误码") lists the codes.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from heedful.ingest.channels import Line, Malformed, VendorFailure
from heedful.ingest.channels.reading import Node, json_body

VENDOR = "https://qyapi.weixin.qq.com"

_MAX_ANSWER_BYTES = 16 * 1024 * 1024
_EARLIER = timedelta(minutes=5)
"""A token is renewed so long before it ends."""

_STALE_TOKEN = frozenset({40014, 41001, 42001})
_WHOLE_APP: Mapping[int, str] = {
    -1: "the vendor is busy",
    40001: "the secret is not that of an app of this corp",
    40013: "corp_id names no corp",
    40014: "it does not take its own access token",
    41001: "it does not take its own access token",
    42001: "it does not take its own access token",
    45009: "too many calls",
    45033: "too many calls at once",
    48002: "the app is not among 微信客服's 可调用接口的应用",
    60020: "this server's address is not among the app's 企业可信IP",
}
_PAUSES: Mapping[int, timedelta] = {
    45009: timedelta(minutes=1),
    45033: timedelta(seconds=10),
}


class Refused(VendorFailure):
    """Answered with an error code.

    Attributes:
        code: `errcode`.
        whole_app: every call would be refused alike, not only this one.
    """

    def __init__(self, path: str, code: int) -> None:
        known = _WHOLE_APP.get(code)
        meaning = f" ({known})" if known else ""
        super().__init__(
            f"{path} was refused with errcode {code}{meaning}; see"
            f" https://open.work.weixin.qq.com/devtool/query?e={code}",
            _PAUSES.get(code),
        )
        self.code = code
        self.whole_app = known is not None


@dataclass(frozen=True, slots=True)
class Credentials:
    corp_id: str
    secret: str


@dataclass(frozen=True, slots=True)
class _Token:
    """Of whom it is: another secret or corp must not be served with it."""

    credentials: Credentials
    value: str
    until: datetime


class WecomApi:
    """Keeps the token of each connection."""

    def __init__(self) -> None:
        self._tokens: dict[str, _Token] = {}

    async def ask(
        self,
        line: Line,
        credentials: Credentials,
        path: str,
        body: Mapping[str, Any],
        now: datetime,
    ) -> Node:
        """The answer of a POST, an object. A token that ended before its time is renewed once.

        Raises:
            VendorFailure: it did not answer, or not in the documented shape.
            Refused: it answered with an error code.
        """
        token = await self._token(line, credentials, now)
        try:
            return await _called(line, "POST", path, {"access_token": token}, body)
        except Refused as refusal:
            if refusal.code not in _STALE_TOKEN:
                raise
        self._tokens.pop(line.connection_id, None)
        token = await self._token(line, credentials, now)
        return await _called(line, "POST", path, {"access_token": token}, body)

    async def _token(self, line: Line, credentials: Credentials, now: datetime) -> str:
        kept = self._tokens.get(line.connection_id)
        if kept is not None and kept.credentials == credentials and now < kept.until:
            return kept.value
        asked = {"corpid": credentials.corp_id, "corpsecret": credentials.secret}
        path = "/cgi-bin/gettoken"
        answer = await _called(line, "GET", path, asked)
        try:
            value = answer.at("access_token").text()
            seconds = answer.at("expires_in").number()
        except Malformed as error:
            raise _odd(path, error) from error
        if value is None or seconds is None:
            raise VendorFailure(f"{path} gave no token")
        self._tokens = {name: one for name, one in self._tokens.items() if now < one.until}
        lasting = timedelta(seconds=min(max(seconds, 0), 7200))
        self._tokens[line.connection_id] = _Token(credentials, value, now + lasting - _EARLIER)
        return value


async def _called(
    line: Line,
    method: str,
    path: str,
    query: Mapping[str, str],
    body: Mapping[str, Any] | None = None,
) -> Node:
    """No error names the URL: its query holds the secret or the token."""
    url = line.base_url(VENDOR).rstrip("/") + path
    try:
        async with line.http.request(
            method, url, params=query, json=body, allow_redirects=False
        ) as response:
            if response.status != 200:
                raise VendorFailure(f"{path} was answered with HTTP {response.status}")
            raw = await _read(response)
    except TimeoutError as error:
        raise VendorFailure(f"{path} was not answered in time") from error
    except (aiohttp.ClientError, OSError) as error:
        raise VendorFailure(f"{path} could not be asked ({type(error).__name__})") from error
    if len(raw) > _MAX_ANSWER_BYTES:
        raise VendorFailure(f"{path} was answered with more than {_MAX_ANSWER_BYTES} bytes")
    try:
        answer = json_body(raw)
        code = answer.at("errcode").number()
    except Malformed as error:
        raise _odd(path, error) from error
    if code is None:
        raise VendorFailure(f"{path} was answered without errcode")
    if code != 0:
        raise Refused(path, int(code))
    return answer


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """At most one byte more than is allowed."""
    try:
        return await response.content.readexactly(_MAX_ANSWER_BYTES + 1)
    except asyncio.IncompleteReadError as short:
        return short.partial


def _odd(path: str, error: Malformed) -> VendorFailure:
    return VendorFailure(f"{path} was not answered in the documented shape: {error}")
