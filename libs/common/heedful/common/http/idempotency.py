"""`Idempotency-Key` on writes: the same key and body give the same answer, once done.

Follows draft-ietf-httpapi-idempotency-key-header-07 §2: another body under a used key is 422,
a key whose first request is still under way is 409. Server errors are not remembered.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from heedful.common.http.problems import Problem, respond, unavailable

_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_ABANDONED_AFTER = timedelta(seconds=60)
_KEPT_FOR = timedelta(days=2)
_MAX_KEY_CHARS = 255
_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes


class IdempotencyMiddleware:
    """Plain ASGI; costs nothing for requests without the header."""

    def __init__(self, app: ASGIApp, engine: AsyncEngine, max_body_bytes: int) -> None:
        self._app = app
        self._engine = engine
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
            await self._once(scope, receive, send, headers, key)
        except Problem as problem:
            await respond(problem)(scope, receive, send)

    async def _once(
        self, scope: Scope, receive: Receive, send: Send, headers: Headers, key: str
    ) -> None:
        if not 1 <= len(key) <= _MAX_KEY_CHARS:
            raise Problem(400, "bad-idempotency-key", "Idempotency-Key has 1 to 255 characters")
        body = await self._body(receive)
        caller = headers.get("x-api-key") or headers.get("authorization") or ""
        owner = hashlib.sha256(caller.encode()).hexdigest()
        route = f"{scope['method']} {scope['path']}"
        digest = hashlib.sha256(body).digest()
        known = await self._claim(owner, route, key, digest)
        if known is not None:
            await _replay(known, send)
            return
        answer = await _run(self._app, scope, body, receive, send)
        await self._finish(owner, route, key, answer)

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

    async def _claim(self, owner: str, route: str, key: str, digest: bytes) -> _Answer | None:
        now = datetime.now(UTC)
        values = {"owner": owner, "route": route, "key": key, "digest": digest, "now": now}
        async with self._engine.begin() as connection:
            await connection.execute(
                text(
                    "DELETE FROM common.idempotency WHERE tenant = :owner AND route = :route"
                    " AND key = :key AND (created_at < :expired"
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
                    text(
                        "SELECT body_digest, status, body FROM common.idempotency"
                        " WHERE tenant = :owner AND route = :route AND key = :key"
                    ),
                    values,
                )
            ).first()
        if found is None:
            raise unavailable("the first request with this Idempotency-Key just failed")
        if bytes(found.body_digest) != digest:
            raise Problem(
                422, "idempotency-key-reused", "this Idempotency-Key was used with another body"
            )
        if found.status is None:
            raise Problem(
                409, "in-progress", "the first request with this Idempotency-Key is under way"
            )
        return _Answer(found.status, bytes(found.body))

    async def _finish(self, owner: str, route: str, key: str, answer: _Answer) -> None:
        values = {"owner": owner, "route": route, "key": key}
        where = "WHERE tenant = :owner AND route = :route AND key = :key"
        async with self._engine.begin() as connection:
            if answer.status >= _SERVER_ERROR:
                await connection.execute(text(f"DELETE FROM common.idempotency {where}"), values)  # noqa: S608  # constant
                return
            await connection.execute(
                text(f"UPDATE common.idempotency SET status = :status, body = :body {where}"),  # noqa: S608  # constant
                {**values, "status": answer.status, "body": answer.body},
            )


async def _run(app: ASGIApp, scope: Scope, body: bytes, receive: Receive, send: Send) -> _Answer:
    status = 500
    chunks: list[bytes] = []
    given = False

    async def give() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def watch(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        elif message["type"] == "http.response.body":
            chunks.append(message.get("body", b""))
        await send(message)

    await app(scope, give, watch)
    return _Answer(status, b"".join(chunks))


async def _replay(answer: _Answer, send: Send) -> None:
    media = b"application/json" if answer.status < 400 else b"application/problem+json"
    await send(
        {
            "type": "http.response.start",
            "status": answer.status,
            "headers": [
                (b"content-type", media),
                (b"content-length", str(len(answer.body)).encode()),
                (b"idempotent-replayed", b"true"),
            ],
        }
    )
    await send({"type": "http.response.body", "body": answer.body})
