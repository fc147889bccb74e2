"""One message on its way: opened secrets, the request, the answer. No database."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import aiohttp

from heedful.alerting.delivery_records import Account
from heedful.alerting.formats import FORMATS
from heedful.alerting.formats.base import (
    Answer,
    Button,
    Mail,
    Message,
    Outcome,
    Post,
    Target,
    Verdict,
)
from heedful.alerting.smtp import SmtpServer
from heedful.common.errors import ConfigurationError
from heedful.common.http.targets import TargetPolicy
from heedful.common.security.secrets import SecretBox
from heedful.common.version import service_version

KEPT_BYTES = 20 * 1024
"""Of an answer; as svix does."""
_SHORTEST_SECRET = 6


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one try.

    Attributes:
        response: the start of the answer, with nothing of the request in it.
    """

    verdict: Verdict
    duration_s: float
    status: int | None = None
    retry_after: str | None = None
    response: str | None = None


class _Unreachable(Exception):  # not an error: a receiver that does not answer
    def __init__(self, reason: str, *, throttled: bool = False):
        super().__init__(reason)
        self.verdict = Verdict(Outcome.RETRY, reason, throttled=throttled)


class Sender:
    """Sends messages to accounts.

    Args:
        connections: HTTP requests under way at one time.
        traces: what looks on at requests.
    """

    def __init__(
        self,
        secrets: SecretBox,
        policy: TargetPolicy,
        smtp: SmtpServer | None,
        *,
        timeout_seconds: float,
        connections: int,
        traces: Sequence[aiohttp.TraceConfig] = (),
    ) -> None:
        self._secrets = secrets
        self._policy = policy
        self._smtp = smtp
        self._timeout = timeout_seconds
        self._connections = connections
        self._traces = list(traces)
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    async def close(self) -> None:
        for session in self._sessions.values():
            await session.close()

    async def send(self, account: Account, message: Message, now: datetime) -> Result:
        """Try once; never raises for what a receiver does."""
        started = time.monotonic()
        try:
            target = self._target(account, now)
            request = FORMATS[account.kind].request(message, target)
            if isinstance(request, Mail):
                return Result(await self._mail(request), time.monotonic() - started)
            answer = await self._post(request)
        except _Unreachable as error:
            return Result(error.verdict, time.monotonic() - started)
        return Result(
            verdict=FORMATS[account.kind].verdict(answer),
            duration_s=time.monotonic() - started,
            status=answer.status,
            retry_after=answer.headers.get("retry-after"),
            response=_kept(answer, request, target, message.buttons),
        )

    def _target(self, account: Account, now: datetime) -> Target:
        def opened(sealed: bytes) -> str:
            return self._secrets.open(sealed, f"endpoint:{account.id}").decode()

        previous = account.sealed_previous
        try:
            return Target(
                url=account.url if account.sealed_url is None else opened(account.sealed_url),
                now=now,
                secret=opened(account.sealed),
                previous=None if previous is None else opened(previous),
                keyword=account.keyword,
                sender=self._smtp.sender if self._smtp else "",
            )
        except ConfigurationError as error:
            raise _Unreachable(str(error)) from error

    async def _mail(self, mail: Mail) -> Verdict:
        if self._smtp is None:
            raise _Unreachable("no mail server is set: HEEDFUL_ALERTING__SMTP_HOST")
        return await self._smtp.send(mail)

    async def _post(self, post: Post) -> Answer:
        """Send once.

        Raises:
            _Unreachable: there was no whole answer.
        """
        wrong = self._policy.refusal(post.url)
        if wrong is not None:
            raise _Unreachable(wrong)
        trusted = self._policy.trusts(urlsplit(post.url).hostname or "")
        try:
            async with self._http(trusted).post(
                post.url, data=post.body, headers=post.headers, allow_redirects=False
            ) as response:
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Answer(response.status, await _start(response), headers)
        except TimeoutError as error:
            raise _Unreachable(f"no answer within {self._timeout:g} s", throttled=True) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            # The text of a client error may hold the URL, and that may hold a token.
            raise _Unreachable(f"not reachable: {_cause(error)}") from error

    def _http(self, trusted: bool) -> aiohttp.ClientSession:
        """Two of them: a connection to a host that the operator named is nobody else's."""
        if trusted not in self._sessions:
            free = trusted or self._policy.allow_private
            guard: dict[str, Any] = {} if free else {"socket_factory": self._policy.socket}
            self._sessions[trusted] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, **guard),
                timeout=aiohttp.ClientTimeout(total=self._timeout, connect=self._timeout),
                # Nothing is unpacked here: a small answer could be a large one.
                headers={
                    "user-agent": f"heedful/{service_version()}",
                    "accept-encoding": "identity",
                },
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                trace_configs=self._traces,
            )
        return self._sessions[trusted]


async def _start(response: aiohttp.ClientResponse) -> bytes:
    found = bytearray()
    while len(found) < KEPT_BYTES:
        piece = await response.content.read(KEPT_BYTES - len(found))
        if not piece:
            break
        found += piece
    return bytes(found)


def _kept(answer: Answer, post: Post, target: Target, buttons: Iterable[Button]) -> str | None:
    """The answer as text. A receiver that echoes the request tells its secrets, and the notice."""
    if not answer.body:
        return None
    text = answer.body.replace(post.body, b"").decode("utf-8", "replace").replace("\x00", "")
    for secret in (*_secrets(post, target), *(one.token for one in buttons)):
        text = text.replace(secret, "…")
    return text or None


def _secrets(post: Post, target: Target) -> Iterable[str]:
    parts = urlsplit(post.url)
    given = [target.secret, target.previous or "", post.url, target.url, parts.query]
    given += [value for _, value in parse_qsl(parts.query)]
    given += parts.path.split("/") if not target.secret else []
    given += [value for name, value in post.headers.items() if name == "webhook-signature"]
    found = {one for one in given if len(one) >= _SHORTEST_SECRET}
    found |= {quote(one, safe="") for one in found}
    return sorted(found, key=len, reverse=True)


def _cause(error: BaseException) -> str:
    inner = getattr(error, "os_error", error)
    return type(inner).__name__
