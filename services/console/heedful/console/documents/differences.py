"""What one document says otherwise than another."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Difference:
    """A field: `before` and `after` as text; None: it is not there."""

    at: str
    before: str | None
    after: str | None


def differences(before: Any, after: Any, at: str = "") -> list[Difference]:
    """By field, the names of rules and steps in place of their numbers.

    What is there on one side only is one difference, however much is in it. A rule that only
    moved differs in `order`, which decides: the first that fits counts.
    """
    if before == after:
        return []
    if isinstance(before, dict) and isinstance(after, dict):
        return [
            one
            for name in dict.fromkeys((*before, *after))
            for one in differences(before.get(name), after.get(name), _inside(at, name))
        ]
    if _named(before) and _named(after):
        old, new = _by_name(before), _by_name(after)
        moved = [name for name in old if name in new] != [name for name in new if name in old]
        order = [Difference(_inside(at, "order"), ", ".join(old), ", ".join(new))] if moved else []
        return order + differences(old, new, at)
    return [Difference(at, _text(before), _text(after))]


def _inside(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _named(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(one, dict) and ("name" in one or "date" in one) for one in value
    )


def _by_name(values: list[dict[str, Any]]) -> Mapping[str, Any]:
    return {
        str(one.get("name") or one.get("date")): {
            name: field for name, field in one.items() if name not in ("name", "date")
        }
        for one in values
    }


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, list) and not any(isinstance(one, dict | list) for one in value):
        return ", ".join(map(str, value)) or "[]"
    return ", ".join(_said(value)) or orjson.dumps(value).decode()


def _said(value: Any, at: str = "") -> Iterator[str]:
    """`clocks.respond.target: PT4H`, and so on, of what says anything."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _said(one, _inside(at, name))
    elif isinstance(value, list) and value:
        yield f"{at}: {orjson.dumps(value).decode()}"
    elif value not in (None, []):
        yield f"{at}: {orjson.dumps(value).decode()}" if at else orjson.dumps(value).decode()
