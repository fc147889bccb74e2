"""How a body may arrive: how large, how fast, how packed.

All of it is judged while the body is read, so nothing is read for nothing: a route that refuses a
request by its key never calls this.
"""

import asyncio
import zlib
from dataclasses import dataclass, replace
from typing import Protocol

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

from heedful.common.http.problems import Problem, Refused
from heedful.common.settings import HttpSettings

# zlib's numbers for the formats of RFC 1952 and RFC 1950; HTTP's "deflate" is the latter
# (RFC 9110 §8.4.1.2).
_CODINGS = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}
# Small bodies of repeated words are packed tightly without meaning harm.
_FREE_BYTES = 65_536
_CLOSE = {"Connection": "close"}
# A body of theirs has no meaning (RFC 9110 §9.3.1), so no route reads it.
_BODILESS = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """Of every request.

    Attributes:
        max_bytes: as sent, and unpacked.
        max_ratio: unpacked bytes for each byte that came.
        pause_seconds: between two parts.
        total_seconds: from the first question for it to its end.
    """

    max_bytes: int
    max_ratio: int
    pause_seconds: float
    total_seconds: float

    @classmethod
    def of(cls, settings: HttpSettings) -> "BodyLimits":
        return cls(
            settings.max_body_bytes,
            settings.max_unpacked_ratio,
            settings.body_timeout_seconds,
            settings.body_total_seconds,
        )

    def larger(self, max_bytes: int) -> "BodyLimits":
        """For a route that takes larger bodies; they have more time in proportion."""
        times = max(1.0, max_bytes / self.max_bytes)
        return replace(self, max_bytes=max_bytes, total_seconds=self.total_seconds * times)


class _Opener(Protocol):
    def open(self, part: bytes, last: bool) -> bytes: ...


class Body:
    """A `receive` that gives the body as it was meant, within the limits.

    Raises:
        Refused: 408, 413 or 400.
    """

    def __init__(self, receive: Receive, limits: BodyLimits, opener: _Opener | None) -> None:
        self._receive = receive
        self._limits = limits
        self._opener = opener
        self._size = 0
        self._complete = False
        self._ends_at: float | None = None

    async def __call__(self) -> Message:
        if self._complete:
            # From here on somebody waits for the caller to leave, which takes as long as it takes.
            return await self._receive()
        message = await self._next()
        if message["type"] != "http.request":
            return message
        part, more = message.get("body", b""), message.get("more_body", False)
        self._size += len(part)
        if self._size > self._limits.max_bytes:
            raise Refused(too_large(self._limits.max_bytes))
        self._complete = not more
        if self._opener is not None:
            part = self._opener.open(part, last=not more)
        return {"type": "http.request", "body": part, "more_body": more}

    async def _next(self) -> Message:
        now = asyncio.get_running_loop().time()
        if self._ends_at is None:
            self._ends_at = now + self._limits.total_seconds
        try:
            async with asyncio.timeout_at(min(now + self._limits.pause_seconds, self._ends_at)):
                return await self._receive()
        except TimeoutError as error:
            raise Refused(
                Problem(408, "slow-body", "the body did not come in time; send it again",
                        headers=_CLOSE)
            ) from error  # fmt: skip


class Unpacker:
    """Opens a body of one of HTTP's content codings, part by part."""

    def __init__(self, coding: str, limits: BodyLimits) -> None:
        self._coding = coding
        self._limits = limits
        self._zlib = zlib.decompressobj(_CODINGS[coding])
        self._came = 0
        self._gave = 0

    def open(self, part: bytes, last: bool) -> bytes:
        """What a part holds.

        Raises:
            Refused: 413, it holds too much for what it is or altogether; 400, it is not of this
                coding, or ends too early or too late.
        """
        self._came += len(part)
        by_ratio = max(_FREE_BYTES, self._came * self._limits.max_ratio)
        room = min(by_ratio, self._limits.max_bytes) - self._gave
        try:
            opened = self._zlib.decompress(part, room + 1)
        except zlib.error as error:
            raise self._broken(f"is not {self._coding}") from error
        self._gave += len(opened)
        if len(opened) > room:
            raise Refused(self._too_much(by_ratio))
        if self._zlib.unused_data:
            raise self._broken(f"goes on after the end of its {self._coding} data")
        if last and not self._zlib.eof and self._came:
            raise self._broken("is cut off")
        return opened

    def _too_much(self, by_ratio: int) -> Problem:
        if by_ratio >= self._limits.max_bytes:
            return too_large(self._limits.max_bytes)
        return Problem(
            413,
            "too-large",
            f"a body unpacks to at most {self._limits.max_ratio} times its size",
        )

    def _broken(self, what: str) -> Refused:
        return Refused(Problem(400, "bad-encoding", f"the body {what}; see Content-Encoding"))


def too_large(max_bytes: int) -> Problem:
    return Problem(
        413, "too-large", f"a body has at most {max_bytes} bytes; split it", headers=_CLOSE
    )


def bounded(scope: Scope, receive: Receive, limits: BodyLimits) -> Receive:
    """The body of this request within the limits; unpacked, and the headers say so.

    Raises:
        Problem: 413, it says that it is too large; 415, a coding that is not known.
    """
    if scope["method"] in _BODILESS:
        return Body(receive, limits, None)
    headers = Headers(scope=scope)
    if int(headers.get("content-length") or 0) > limits.max_bytes:
        raise too_large(limits.max_bytes)
    coding = headers.get("content-encoding", "identity").strip().lower()
    if coding in ("identity", ""):
        return Body(receive, limits, None)
    if coding not in _CODINGS:
        raise Problem(
            415,
            "unknown-encoding",
            "Content-Encoding may be gzip or deflate, or left out",
            headers={"Accept-Encoding": "gzip, deflate"},
        )
    scope["headers"] = [
        (name, value)
        for name, value in scope["headers"]
        if name not in (b"content-encoding", b"content-length")
    ]
    return Body(receive, limits, Unpacker(coding, limits))
