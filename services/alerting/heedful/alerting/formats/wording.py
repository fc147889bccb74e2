"""Text that fits and says nothing in markup. Pure."""

import re
from collections.abc import Callable, Iterable

from heedful.alerting.formats.base import Button
from heedful.alerting.recipients import Mention

CUT = "…（已截断 / cut）"
"""Stands where something is missing."""

_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
# No robot documents an escape that all its clients honour, and these look alike.
_WIDE = str.maketrans(
    {ord(sign): chr(ord(sign) + 0xFEE0) for sign in "*_`[]()<>#!~@|\\&"} | {ord("$"): "＄"}
)
_AROUND = 100
_HANDLE = re.compile(r"[A-Za-z0-9._+@:-]{1,128}")


def plain(text: str) -> str:
    """On one line, without control characters or those that turn the direction of writing."""
    return _BREAKS.sub(" ", text).strip()


def widened(text: str) -> str:
    """One line in which signs of markup, links and mentions are their full-width forms."""
    # A bare address becomes a link in most clients.
    return plain(text).translate(_WIDE).replace("://", "：//")


def in_bytes(text: str) -> int:
    return len(text.encode())


def fitting(text: str, limit: int, size: Callable[[str], int] = in_bytes) -> str:
    """As many whole lines as fit; what is missing leaves a mark.

    Args:
        limit: of the result with its mark.
        size: counts bytes, or characters with `len`.
    """
    if size(text) <= limit:
        return text
    kept: list[str] = []
    room = limit - size(CUT)
    for line in text.split("\n"):
        room -= size(line) + 1
        if room < 0:
            break
        kept.append(line)
    if kept:
        return "\n".join([*kept, CUT])
    return _within(text, limit - size(CUT), size) + CUT


def handles(mentions: Iterable[Mention], kind: str) -> list[tuple[str, str]]:
    """Handle and name of those who have one there. A handle that is none calls nobody."""
    found = ((mention.handles.get(kind, ""), mention.name) for mention in mentions)
    return [(handle, name) for handle, name in found if _HANDLE.fullmatch(handle)]


def room_of(buttons: Iterable[Button]) -> int:
    """Bytes that buttons need beside the text, with what a format puts around each."""
    return sum(in_bytes(one.label) + in_bytes(one.url) + _AROUND for one in buttons)


def _within(text: str, limit: int, size: Callable[[str], int]) -> str:
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if size(text[:middle]) <= limit:
            low = middle
        else:
            high = middle - 1
    return text[:low]
