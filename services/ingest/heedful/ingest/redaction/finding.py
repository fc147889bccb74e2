"""Where personal data stands in a text. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from heedful.ingest.redaction.kinds import Kind
from heedful.ingest.redaction.normal import TAKEN, normal_form
from heedful.ingest.redaction.recogniser import Match, Recogniser, Sign
from heedful.ingest.redaction.recognisers import ALL

_NUMBER = re.compile(r"[0-9](?:.?[0-9]){3}")
_LONG = re.compile(r"[0-9](?:[ -]?[0-9]){13}")
_LETTER = re.compile(r"[A-Za-z]")
_WORD = re.compile(r"[a-z]{2}")
_AT = re.compile(r"@|艾特|圈[Aa]|[(\[ ][Aa][Tt][)\] ]")
# A flag's own arithmetic takes longer than a search.
_NUMBER_BIT, _LONG_BIT, _LETTER_BIT, _WORD_BIT, _AT_BIT, _OTHER_BIT = (
    one.value for one in (Sign.NUMBER, Sign.LONG, Sign.LETTER, Sign.WORD, Sign.AT, Sign.OTHER)
)
_FEW = 32
_HEAD = 2
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
    found: list[Found] = []
    before = len(ALL)
    while True:
        all_looked = before == len(ALL)
        read, last = _look(read, _fitting(signs_of(read), before), found)
        known = len(found)
        read = _again(read, found)
        if not last:
            found.sort()
            return found
        # Those that came after the last one that found something have seen the text as it is.
        before = last if all_looked and len(found) == known else len(ALL)


def _look(
    read: str, looking: Sequence[tuple[int, Recogniser]], into: list[Found]
) -> tuple[str, int]:
    """Let each look once; the text with what was found taken, and the number of the last one that
    found something, 0 for none."""
    last = 0
    barren = None
    for number, recogniser in looking:
        # Neighbours that differ in judgement only have the same pattern.
        if recogniser.pattern is barren:
            continue
        match = recogniser.pattern.search(read)
        if match is None:
            barren = recogniser.pattern
            continue
        known = len(into)
        read = _take(read, recogniser, match, into)
        if len(into) > known:
            last, barren = number, None
    return read, last


def signs_of(read: str) -> int:
    """What a normal form holds: the values of `Sign`, together."""
    signs = 0
    if _NUMBER.search(read):
        signs |= _NUMBER_BIT
        if _LONG.search(read):
            signs |= _LONG_BIT
    if _LETTER.search(read):
        signs |= _LETTER_BIT
        if _WORD.search(read):
            signs |= _WORD_BIT
        if _AT.search(read):
            signs |= _AT_BIT
    if not read.isascii():
        signs |= _OTHER_BIT
    return signs


@lru_cache(maxsize=4096)
def _fitting(signs: int, before: int) -> tuple[tuple[int, Recogniser], ...]:
    """Of the first so many, those that may find something, each with its number from 1."""
    return tuple(
        (number, one)
        for number, one in enumerate(ALL[:before], 1)
        if one.needs.value & signs == one.needs.value
    )


def _again(read: str, found: list[Found]) -> str:
    """What was announced once is found wherever it stands: "我叫李雷 … 李雷说".

    Longer values first: a shorter one inside would leave the rest of it.
    """
    values: dict[str, Kind] = {}
    for one in found:
        values.setdefault(one.value, one.kind)
    if len(values) > 1:
        values = dict(sorted(values.items(), key=lambda one: -len(one[0])))
    if len(values) > _FEW:
        return _many_again(read, values, found)
    for value, kind in values.items():
        read = _one_again(read, value, kind, found)
    return read


def _many_again(read: str, values: Mapping[str, Kind], found: list[Found]) -> str:
    """Of a list of thousands of addresses each would be looked for in all of the text: here the
    text is gone through once for each length."""
    pairs = {read[at : at + _HEAD] for at in range(len(read))}
    lengths: dict[int, dict[str, Kind]] = {}
    for value, kind in values.items():
        if value[:_HEAD] in pairs:
            lengths.setdefault(len(value), {})[value] = kind
    for length, alike in lengths.items():
        if len(alike) <= _FEW:
            for value, kind in alike.items():
                read = _one_again(read, value, kind, found)
        else:
            read = _alike_again(read, length, alike, found)
    return read


def _one_again(read: str, value: str, kind: Kind, found: list[Found]) -> str:
    parts: list[str] = []
    done = 0
    at = read.find(value)
    while at >= 0:
        end = at + len(value)
        if _alone(read, at, end):
            found.append(Found(at, end, kind, value))
            parts += (read[done:at], TAKEN * len(value))
            done = end
        at = read.find(value, end)
    return "".join((*parts, read[done:])) if parts else read


def _alike_again(read: str, length: int, values: Mapping[str, Kind], found: list[Found]) -> str:
    parts: list[str] = []
    done = at = 0
    while at + length <= len(read):
        end = at + length
        value = read[at:end]
        kind = values.get(value)
        if kind is None or not _alone(read, at, end):
            at += 1
            continue
        found.append(Found(at, end, kind, value))
        parts += (read[done:at], TAKEN * length)
        at = done = end
    return "".join((*parts, read[done:])) if parts else read


def _alone(read: str, start: int, end: int) -> bool:
    """Not a part of a longer number or word."""
    return not (_joined(read, start) or _joined(read, end))


def _joined(read: str, edge: int) -> bool:
    return edge > 0 and bool(_CODE.match(read, edge - 1) and _CODE.match(read, edge))


def _take(read: str, recogniser: Recogniser, first: Match, into: list[Found]) -> str:
    """Note what one recogniser finds; returns the text with it taken."""
    pattern, judge = recogniser.pattern, recogniser.judge
    match: Match | None = first
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
    return "".join((*parts, read[done:])) if parts else read
