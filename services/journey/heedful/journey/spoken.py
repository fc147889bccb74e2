"""The steps of a pattern that somebody spoke: a touchpoint and a topic, by one name. Pure."""

from enum import StrEnum
from typing import Final, NamedTuple

SEPARATOR: Final = " / "
NOWHERE: Final = "-"
"""The touchpoint of what has none."""


class Tone(StrEnum):
    BLAME = "blame"
    PRAISE = "praise"
    ALL = "all"


class Spoken(NamedTuple):
    """`touchpoint` is None of feedback that has none."""

    touchpoint: str | None
    topic: str

    @property
    def name(self) -> str:
        return f"{self.touchpoint or NOWHERE}{SEPARATOR}{self.topic}"


def spoken(name: str) -> Spoken | None:
    """The step of this name; None: it is the name of none."""
    touchpoint, _, topic = name.partition(SEPARATOR)
    if not (touchpoint.strip() and topic.strip()):
        return None
    return Spoken(None if touchpoint == NOWHERE else touchpoint, topic)
