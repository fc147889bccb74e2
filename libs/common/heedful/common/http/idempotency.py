"""`Idempotency-Key` on writes: the same key and body give the same answer, once done.

Follows draft-ietf-httpapi-idempotency-key-header-07 §2: another body under a used key is 422,
a key whose first request is still under way is 409. What says nothing about the request itself
(server errors, a key that may not) is not remembered. Answers are kept sealed: one may hold a
secret that is shown once.
"""

import hashlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from heedful.common.errors import ConfigurationError
from heedful.common.http.problems import Problem, respond, unavailable
from heedful.common.security import SecretBox

log = logging.getLogger(__name__)

_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_ABANDONED_AFTER = timedelta(seconds=60)
_KEPT_FOR = timedelta(days=2)
_MAX_KEY_CHARS = 255
_MAX_ROUTE_CHARS = 500
_SERVER_ERROR = 500
_NOT_ABOUT_THE_REQUEST = frozenset({401, 403})
_WITHOUT_BODY = 204
_MINE = "WHERE tenant = :owner AND route = :route AND key = :key"


@dataclass(frozen=True, slots=True)
class _Claim:
    """Whose key it is, for what, and the digest of what was asked."""

    owner: str
    route: str
    key: str
    digest: bytes

    @property
    def row(self) -> dict[str, str]:
        return {"owner": self.owner, "route": self.route, "key": self.key}

    @property
    def context(self) -> str:
        return f"idempotency:{self.owner}:{self.route}:{self.key}"


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    media: bytes
    body: bytes

    @property
    def remembered(self) -> bool:
        return self.status < _SERVER_ERROR and self.status not in _NOT_ABOUT_THE_REQUEST


class IdempotencyMiddleware:
    """Plain ASGI; costs nothing for requests without the header."""

    def __init__(
        self, app: ASGIApp, engine: AsyncEngine, secrets: SecretBox, max_body_bytes: int
    ) -> None:
        self._app = app
        self._engine = engine
        self._secrets = secrets
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in _METHODS:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        key = headers.get("idempotency-key")
        if key is None:
            await self._app(scope, receive, send)
            return
        try:
            if not 1 <= len(key) <= _MAX_KEY_CHARS:
                raise Problem(400, "bad-idempotency-key", "Idempotency-Key has 1 to 255 characters")
            body = await self._body(receive)
            claim = _claim(scope, headers, key, body)
            known = await self._take(claim)
        except Problem as problem:
            await respond(problem)(scope, receive, send)
            return
        if known is None:
            await self._once(claim, scope, body, receive, send)
        else:
            await _replay(known, send)

    async def _once(
        self, claim: _Claim, scope: Scope, body: bytes, receive: Receive, send: Send
    ) -> None:
        try:
            messages = await _run(self._app, scope, body, receive)
        except Exception:
            await self._finish(claim, None)
            raise
        # Before the answer leaves: who has it may repeat the request at once.
        await self._finish(claim, _answer(messages))
        for message in messages:
            await send(message)

    async def _body(self, receive: Receive) -> bytes:
        chunks: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Problem(400, "incomplete", "the request ended before its body")
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > self._max_body_bytes:
                raise Problem(413, "too-large", f"a body has at most {self._max_body_bytes} bytes")
            chunks.append(chunk)
            if not message.get("more_body"):
                return b"".join(chunks)

    async def _take(self, claim: _Claim) -> _Answer | None:
        """Claim the key, or give the answer that it already has."""
        now = datetime.now(UTC)
        values = {**claim.row, "digest": claim.digest, "now": now}
        async with self._database() as connection:
            await connection.execute(
                text(
                    f"DELETE FROM common.idempotency {_MINE} AND (created_at < :expired"  # noqa: S608  # constant
                    " OR status IS NULL AND created_at < :abandoned)"
                ),
                {**values, "expired": now - _KEPT_FOR, "abandoned": now - _ABANDONED_AFTER},
            )
            claimed = await connection.execute(
                text(
                    "INSERT INTO common.idempotency (tenant, route, key, body_digest, created_at)"
                    " VALUES (:owner, :route, :key, :digest, :now) ON CONFLICT DO NOTHING"
                    " RETURNING 1"
                ),
                values,
            )
            if claimed.first() is not None:
                return None
            found = (
                await connection.execute(
                    text(f"SELECT body_digest, status, body FROM common.idempotency {_MINE}"),  # noqa: S608  # constant
                    values,
                )
            ).first()
        if found is None:
            raise unavailable("the first request with this Idempotency-Key just failed")
        if bytes(found.body_digest) != claim.digest:
            raise Problem(
                422, "idempotency-key-reused", "this Idempotency-Key was used with another body"
            )
        if found.status is None:
            raise Problem(
                409, "in-progress", "the first request with this Idempotency-Key is under way"
            )
        return self._opened(claim, found.status, bytes(found.body))

    def _opened(self, claim: _Claim, status: int, sealed: bytes) -> _Answer:
        try:
            media, _, body = self._secrets.open(sealed, claim.context).partition(b"\n")
        except ConfigurationError as error:
            raise Problem(
                409,
                "answer-lost",
                "the first request with this Idempotency-Key was done, but its answer cannot be "
                "read any more; do not send it again",
            ) from error
        return _Answer(status, media, body)

    async def _finish(self, claim: _Claim, answer: _Answer | None) -> None:
        """Keep the answer, or free the key. Without a database it frees itself after a minute."""
        try:
            async with self._database() as connection:
                if answer is None or not answer.remembered:
                    await connection.execute(
                        text(f"DELETE FROM common.idempotency {_MINE}"),  # noqa: S608  # constant
                        claim.row,
                    )
                    return
                sealed = self._secrets.seal(answer.media + b"\n" + answer.body, claim.context)
                await connection.execute(
                    text(f"UPDATE common.idempotency SET status = :status, body = :body {_MINE}"),  # noqa: S608  # constant
                    {**claim.row, "status": answer.status, "body": sealed},
                )
        except Problem:
            log.warning("an answer was not remembered under its Idempotency-Key")

    @asynccontextmanager
    async def _database(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._engine.begin() as connection:
                yield connection
        except (DBAPIError, PoolTimeoutError, OSError) as error:
            raise unavailable("a server behind this one does not answer; send it again") from error


def _claim(scope: Scope, headers: Headers, key: str, body: bytes) -> _Claim:
    caller = headers.get("x-api-key") or headers.get("authorization") or ""
    target = f"{scope['method']} {quote(scope['path'])}"
    asked = b"\0".join((target.encode(), scope.get("query_string", b""), body))
    return _Claim(
        owner=hashlib.sha256(caller.encode()).hexdigest(),
        route=target[:_MAX_ROUTE_CHARS],
        key=key,
        digest=hashlib.sha256(asked).digest(),
    )


async def _run(app: ASGIApp, scope: Scope, body: bytes, receive: Receive) -> list[Message]:
    messages: list[Message] = []
    given = False

    async def give() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def keep(message: Message) -> None:
        messages.append(message)

    await app(scope, give, keep)
    return messages


def _answer(messages: list[Message]) -> _Answer | None:
    start = next((one for one in messages if one["type"] == "http.response.start"), None)
    if start is None:
        return None
    media = dict(start.get("headers", ())).get(b"content-type", b"")
    body = b"".join(one.get("body", b"") for one in messages if one is not start)
    return _Answer(start["status"], media, body)


async def _replay(answer: _Answer, send: Send) -> None:
    headers = [(b"idempotent-replayed", b"true")]
    if answer.media:
        headers.append((b"content-type", answer.media))
    if answer.status != _WITHOUT_BODY:
        headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
