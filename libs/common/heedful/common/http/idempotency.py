"""`Idempotency-Key` on writes: the same key and body give the same answer, once done.

Follows draft-ietf-httpapi-idempotency-key-header-07 §2: another body under a used key is 422,
a key whose first request is still under way is 409. What says nothing about the request itself
(server errors, a quota that is used up) is not remembered. Who asks, and that they may, is known
before anything is remembered or repeated: see door.py.
"""

import hashlib
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from heedful.common.http.auth import Admission
from heedful.common.http.idempotency_store import Answer, AnswerStore, Claim
from heedful.common.http.problems import Problem
from heedful.common.security import Principal

_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_MAX_KEY_CHARS = 255
_MAX_ROUTE_CHARS = 500
_WITHOUT_BODY = 204


class Idempotency:
    """Runs a request once. Costs nothing for requests without the header."""

    def __init__(self, answers: AnswerStore) -> None:
        self._answers = answers

    async def run(
        self,
        principal: Principal,
        admission: Admission,
        app: ASGIApp,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        """Answer with the app, or with what it answered before.

        Raises:
            Problem: 400, 409, 422 or 503, about the key and its first request.
            HTTPException: the body cannot be read.
        """
        key = Headers(scope=scope).get("idempotency-key")
        if key is None or scope["method"] not in _METHODS:
            await app(scope, receive, send)
            return
        if not 1 <= len(key) <= _MAX_KEY_CHARS:
            raise Problem(
                400,
                "bad-idempotency-key",
                f"Idempotency-Key has 1 to {_MAX_KEY_CHARS} characters, this one {len(key)}",
            )
        body = await _body(receive)
        claim = _claim(scope, _owner(principal, admission), key, body)
        known = await self._answers.take(claim)
        if known is None:
            await self._once(app, claim, scope, body, receive, send)
        else:
            await _replay(known, send)

    async def _once(
        self, app: ASGIApp, claim: Claim, scope: Scope, body: bytes, receive: Receive, send: Send
    ) -> None:
        try:
            messages = await _run(app, scope, body, receive)
        except Exception:
            await self._answers.finish(claim, None)
            raise
        # Before the answer leaves: who has it may repeat the request at once.
        await self._answers.finish(claim, _answer(messages))
        for message in messages:
            await send(message)


async def _body(receive: Receive) -> bytes:
    """The whole body; how large and how slow it may be was decided before."""
    chunks: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Problem(400, "incomplete", "the request ended before its body")
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


def _owner(principal: Principal, admission: Admission) -> str:
    """Whose answers these are. A key that has lost a scope of the route, or got one, is judged
    anew: it must not read what it could do before. So is another person with the same key, and one
    whose role has changed."""
    owner = f"{principal.tenant}:{principal.key_id}"
    if principal.actor is not None:
        owner += f":{principal.actor.id}:{principal.role}"
    granted = [scope for scope in admission.scopes if principal.may(scope)]
    return owner if len(granted) == len(admission.scopes) else f"{owner}:{'+'.join(granted)}"


def _claim(scope: Scope, owner: str, key: str, body: bytes) -> Claim:
    target = f"{scope['method']} {quote(scope['path'])}"
    asked = b"\0".join((target.encode(), scope.get("query_string", b""), body))
    return Claim(
        owner=owner,
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
