"""JSON of strangers: strict (RFC 8259, so no NaN and no lone surrogates) and not too deep."""

from typing import Any

import orjson
from fastapi import Request
from starlette.requests import ClientDisconnect

from heedful.common.http.problems import Problem, Refused

MAX_DEPTH = 32
"""Objects and arrays within each other. No contract has more than seven; orjson itself stops at
1,024, so that its recursion is bounded before this limit is looked at."""

TOO_DEEP = f"objects and arrays are nested deeper than {MAX_DEPTH} levels"

_OPENING = (b"[", b"{")


def parse(raw: bytes | bytearray) -> Any:
    """The value of a JSON document.

    Raises:
        Refused: 422, it is nested too deeply.
        orjson.JSONDecodeError: it is not JSON.
    """
    value = orjson.loads(raw)
    if sum(map(raw.count, _OPENING)) > MAX_DEPTH and too_deep(value):
        raise Refused(Problem(422, "too-deep", TOO_DEEP))
    return value


def too_deep(value: object, limit: int = MAX_DEPTH) -> bool:
    """Whether containers are within each other in more than `limit` levels. Does not recurse."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(limit):
        if not level:
            return False
        level = [
            child
            for container in level
            for child in (container.values() if isinstance(container, dict) else container)
            if isinstance(child, dict | list)
        ]
    return bool(level)


class StrictRequest(Request):
    """A request whose body parameters come from strict JSON; its body takes no generators."""

    async def body(self) -> bytes:
        if not hasattr(self, "_body"):
            parts: list[bytes] = []
            more = True
            while more:
                message = await self.receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                parts.append(message.get("body", b""))
                more = message.get("more_body", False)
            self._body = b"".join(parts)
        return self._body

    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            self._json = parse(await self.body())
        return self._json
