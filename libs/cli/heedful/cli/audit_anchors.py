"""Anchors that were kept elsewhere: log lines of alerting, or an export."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson

from heedful.alerting.audit.anchoring import LOGGED
from heedful.alerting.audit.anchors import Anchor
from heedful.alerting.audit.exporting import ANCHOR

_NO_TIME: Final = datetime.min.replace(tzinfo=UTC)


def read(path: Path) -> Iterator[Anchor]:
    """The anchors in a file; other lines are passed over, and what stands before the JSON of a
    line, as some collectors of logs write it."""
    with path.open("rb") as file:
        for line in file:
            found = _anchor(line)
            if found is not None:
                yield found


def _anchor(line: bytes) -> Anchor | None:
    start = line.find(b"{")
    if start < 0:
        return None
    try:
        said = orjson.loads(line[start:])
        return _of(said) if isinstance(said, dict) else None
    except (KeyError, TypeError, ValueError):
        return None


def _of(said: dict[str, Any]) -> Anchor | None:
    if said.get("event") == LOGGED:
        position = said["anchor"]
        hash_, signature = (base64.b64decode(said[name]) for name in ("hash", "signature"))
    elif said.get("kind") == ANCHOR:
        position = said["position"]
        hash_, signature = (bytes.fromhex(said[name]) for name in ("hash", "signature"))
    else:
        return None
    return Anchor(str(said["tenant"]), int(position), _NO_TIME, "", hash_, signature)
