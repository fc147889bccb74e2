"""Payloads of every topic, and the ways through them."""

import copy
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import orjson
import pytest

from heedful.common.contracts.base import OpenEnum
from heedful.common.topics import TOPICS, Topic
from tests.contract.events.material import newest

Path = tuple[Any, ...]

EACH = pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
FREE = frozenset({"attributes", "mapping", "counts"})
NOON = "2026-11-24T12:00:00+00:00"
FEEDBACK: dict[str, Any] = {
    "tenant": "acme",
    "source": "callcentre",
    "id": "call-1",
    "channel": "call",
    "text": "好",
    "occurred_at": NOON,
    "received_at": NOON,
}


def full(topic: Topic) -> dict[str, Any]:
    return newest(topic, "full").body


def objects(value: Any, path: Path = ()) -> Iterator[Path]:
    """Paths of every object of a payload, free-form maps left out."""
    if isinstance(value, dict):
        if not FREE & set(path[-1:]):
            yield path
        for key, inner in value.items():
            yield from objects(inner, (*path, key))
    if isinstance(value, list):
        for number, inner in enumerate(value):
            yield from objects(inner, (*path, number))


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in pairs:
            yield from leaves(inner, (*path, key))
    else:
        yield path, value


def at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def replaced(body: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(body)
    at(changed, path[:-1])[path[-1]] = value
    return changed


def enums(topic: Topic) -> list[tuple[Path, bool]]:
    """Paths of every enum of a full payload, and whether it is an open one."""
    found = []
    for path, _ in leaves(full(topic)):
        value: Any = topic.payload.parse(orjson.dumps(full(topic)))
        for step in path:
            value = value[step] if isinstance(value, tuple | dict) else getattr(value, str(step))
        if isinstance(value, StrEnum):
            found.append((path, isinstance(value, OpenEnum)))
    return found
