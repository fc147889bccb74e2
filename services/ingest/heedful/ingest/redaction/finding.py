"""Where personal data stands in a text. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from heedful.ingest.redaction.kinds import Kind
from heedful.ingest.redaction.normal import TAKEN, normal_form
from heedful.ingest.redaction.recogniser import Recogniser, Sign
from heedful.ingest.redaction.recognisers import ALL

_SIGNS = (
    (Sign.NUMBER, re.compile(r"[0-9](?:.?[0-9]){3}")),
    (Sign.LETTER, re.compile(r"[A-Za-z]")),
    (Sign.WORD, re.compile(r"[a-z]{2}")),
)
_CODE = re.compile(r"[0-9A-Za-z]")


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """`text[start:end]` is of this kind; code points. `value` is what stands there, in normal
    form."""

    start: int
    end: int
    kind: Kind
    value: str


def find(text: str) -> Sequence[Found]:
    """All personal data that the rules find, in order, without overlaps.

    What was found may uncover something else, so they look again until nothing new comes up:
    a text that was redacted is not changed by redacting it again.
    """
    read = normal_form(text)
    fitting = _fitting(_signs(read))
    found: list[Found] = []
    looking = fitting
    while looking:
        last = 0
        for number, recogniser in enumerate(looking, 1):
            known = len(found)
            read = _take(read, recogniser, found)
            last = number if len(found) > known else last
        known = len(found)
        read = _again(read, found)
        if last and (len(found) > known or looking is not fitting):
            looking = fitting
        else:
            # Those that came after the last one that found something have seen the text as it is.
            looking = fitting[:last]
    found.sort()
    return found


def _signs(read: str) -> Sign:
    signs = Sign.NOTHING
    for sign, pattern in _SIGNS:
        if pattern.search(read):
            signs |= sign
    return signs


@cache
def _fitting(signs: Sign) -> tuple[Recogniser, ...]:
    return tuple(one for one in ALL if one.needs in signs)


def _again(read: str, found: list[Found]) -> str:
    """What was announced once is found wherever it stands: "我叫李雷 … 李雷说"."""
    for one in tuple(found):
        at = read.find(one.value)
        while at >= 0:
            end = at + len(one.value)
            if _alone(read, at, end):
                found.append(Found(at, end, one.kind, one.value))
                read = read[:at] + TAKEN * (end - at) + read[end:]
            at = read.find(one.value, end)
    return read


def _alone(read: str, start: int, end: int) -> bool:
    """Not a part of a longer number or word."""
    return not (_joined(read, start) or _joined(read, end))


def _joined(read: str, edge: int) -> bool:
    return edge > 0 and bool(_CODE.match(read, edge - 1) and _CODE.match(read, edge))


def _take(read: str, recogniser: Recogniser, into: list[Found]) -> str:
    """Note what one recogniser finds; returns the text with it taken."""
    pattern, judge = recogniser.pattern, recogniser.judge
    match = pattern.search(read)
    if match is None:
        return read
    parts: list[str] = []
    done = 0
    while match is not None:
        place = judge(match)
        if place is None:
            at = match.start() + 1
        else:
            start, end = place
            into.append(Found(start, end, recogniser.kind, read[start:end]))
            parts += (read[done:start], TAKEN * (end - start))
            at = done = end
        match = pattern.search(read, at)
    return "".join((*parts, read[done:]))
