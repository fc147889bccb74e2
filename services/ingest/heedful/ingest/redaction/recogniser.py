"""What a recogniser is: a pattern, and a judge of what it finds."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Flag, auto

from heedful.ingest.redaction.kinds import Kind

Place = tuple[int, int]
Match = re.Match[str]
Judge = Callable[[Match], Place | None]


class Sign(Flag):
    """What a text must hold for a recogniser to find anything; most hold little of it.

    NUMBER: four digits with at most one character between them. LONG: fourteen with at most a
    blank or a hyphen between them. LETTER: one of the Latin alphabet. WORD: two small ones in a
    row. AT: the sign of an address, or a word for it. OTHER: a character beyond ASCII.
    """

    NOTHING = 0
    NUMBER = auto()
    LONG = auto()
    LETTER = auto()
    WORD = auto()
    AT = auto()
    OTHER = auto()


def whole(found: Match) -> Place | None:
    """All that the pattern found."""
    return found.span()


def value(found: Match) -> Place | None:
    """The group `value`: what a cue announces."""
    return found.span("value")


@dataclass(frozen=True, slots=True)
class Recogniser:
    """Finds one kind of personal data in a normal form.

    Attributes:
        judge: the place of the value, half-open; None where it is none. The next search then
            begins one character later.
        needs: all of it, or nothing is found.
    """

    kind: Kind
    pattern: re.Pattern[str]
    judge: Judge = whole
    needs: Sign = Sign.NOTHING
