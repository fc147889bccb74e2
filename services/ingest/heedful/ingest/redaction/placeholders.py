"""What stands where personal data stood, by mode."""

import hmac
import re
from collections.abc import Callable
from enum import StrEnum

from heedful.ingest.redaction.canonical import canonical
from heedful.ingest.redaction.finding import Found
from heedful.ingest.redaction.kinds import Kind

_HASH_DIGITS = 12
_GIVEN = re.compile(r"<[a-z_]{2,12}_([0-9]{1,4})>")


class Mode(StrEnum):
    """How a tenant wants it: `<phone>`, `<phone_1>`, or `<phone:9f3a2c1b77d0>`."""

    MASK = "mask"
    TOKEN = "token"  # noqa: S105  # a way to write placeholders
    HASH = "hash"


Placeholder = Callable[[Found], str]


def placeholder(mode: Mode, key: bytes, text: str) -> Placeholder:
    """What to write for what is found in one item.

    Args:
        key: of the tenant, for `hash`: the same value then has the same token in all its texts.
        text: the words of the item; numbers that it already uses are not given again.
    """
    if mode is Mode.HASH:
        return lambda found: f"<{found.kind}:{_hashed(key, found)}>"
    if mode is Mode.TOKEN:
        return _Numbers(text)
    return lambda found: f"<{found.kind}>"


class _Numbers:
    """Numbers values from 1, each kind by itself."""

    def __init__(self, text: str) -> None:
        self._given = max(map(int, _GIVEN.findall(text)), default=0) if "<" in text else 0
        self._numbers: dict[Kind, dict[str, int]] = {}

    def __call__(self, found: Found) -> str:
        known = self._numbers.setdefault(found.kind, {})
        number = known.setdefault(canonical(found.kind, found.value), self._given + len(known) + 1)
        return f"<{found.kind}_{number}>"


def _hashed(key: bytes, found: Found) -> str:
    """48 bits: of a million values of a tenant two are alike once in 500 times."""
    value = f"{found.kind}\x1f{canonical(found.kind, found.value)}"
    return hmac.digest(key, value.encode(), "sha256").hex()[:_HASH_DIGITS]
