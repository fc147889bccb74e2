"""`Idempotency-Key` on writes: the same key and body give the same answer, once done.

Follows draft-ietf-httpapi-idempotency-key-header-07 §2: another body under a used key is 422,
a key whose first request is still under way is 409. What says nothing about the request itself
(server errors, a key that may not) is not remembered. Who asks is known before anything is
remembered or repeated: a revoked API key gets no old answer, and a stranger leaves no row.
"""

import hashlib
from urllib.parse import quote

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from heedful.common.http.auth import Authenticator
from heedful.common.http.idempotency_store import Answer, AnswerStore, Claim
from heedful.common.http.problems import Problem, respond, unavailable
from heedful.common.security import Principal

_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_MAX_KEY_CHARS = 255
_MAX_ROUTE_CHARS = 500
_WITHOUT_BODY = 204


class IdempotencyMiddleware:
    """Plain ASGI; costs nothing for requests without the header."""

    def __init__(
        self, app: ASGIApp, answers: AnswerStore, auth: Authenticator, max_body_bytes: int
    ) -> None:
        self._app = app
        self._answers = answers
        self._auth = auth
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
                raise Problem(
                    400,
                    "bad-idempotency-key",
                    f"Idempotency-Key has 1 to {_MAX_KEY_CHARS} characters, this one {len(key)}",
                )
            principal = await self._principal(headers)
            body = await self._body(receive)
            claim = _claim(scope, principal, key, body)
            known = await self._answers.take(claim)
        except Problem as problem:
            await respond(problem)(scope, receive, send)
            return
        if known is None:
            await self._once(claim, scope, body, receive, send)
        else:
            await _replay(known, send)

    async def _principal(self, headers: Headers) -> Principal:
        try:
            return await self._auth.principal(headers)
        except (DBAPIError, PoolTimeoutError, OSError) as error:
            raise unavailable("a server behind this one does not answer; send it again") from error

    async def _once(
        self, claim: Claim, scope: Scope, body: bytes, receive: Receive, send: Send
    ) -> None:
        try:
            messages = await _run(self._app, scope, body, receive)
        except Exception:
            await self._answers.finish(claim, None)
            raise
        # Before the answer leaves: who has it may repeat the request at once.
        await self._answers.finish(claim, _answer(messages))
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


def _claim(scope: Scope, principal: Principal, key: str, body: bytes) -> Claim:
    target = f"{scope['method']} {quote(scope['path'])}"
    asked = b"\0".join((target.encode(), scope.get("query_string", b""), body))
    return Claim(
        owner=f"{principal.tenant}:{principal.key_id}",
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


def _answer(messages: list[Message]) -> Answer | None:
    start = next((one for one in messages if one["type"] == "http.response.start"), None)
    if start is None:
        return None
    media = dict(start.get("headers", ())).get(b"content-type", b"")
    body = b"".join(one.get("body", b"") for one in messages if one is not start)
    return Answer(start["status"], media, body)


async def _replay(answer: Answer, send: Send) -> None:
    headers = [(b"idempotent-replayed", b"true")]
    if answer.media:
        headers.append((b"content-type", answer.media))
    if answer.status != _WITHOUT_BODY:
        headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
