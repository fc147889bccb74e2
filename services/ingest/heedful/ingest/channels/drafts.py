"""What goes into an adapter and what comes out of it. Pure data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    FEEDBACK = "feedback"
    INTERACTION = "interaction"


@dataclass(frozen=True, slots=True)
class ChannelRequest:
    """What the vendor sent.

    Attributes:
        query: the first value of each parameter.
        headers: names in lower case.
        received_at: when it came, UTC; replay windows count from here.
    """

    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What the vendor is answered. The default is a 200 that says how many items were taken."""

    status: int = 200
    body: bytes = b""
    media: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Taken:
    """A value and the place where it stood, e.g. `form_response.answers[2].text`."""

    value: Any
    place: str


@dataclass(frozen=True, slots=True)
class Draft:
    """An item as the adapter read it, not judged yet.

    Attributes:
        fields: those of PostedFeedback or PostedInteraction; `source` and `backfill` are the
            connection's to say. `identifiers` and `score` have the shape of the contract.
    """

    kind: Kind
    fields: Mapping[str, Taken]

    @classmethod
    def feedback(cls, **fields: Taken | None) -> "Draft":
        """What is None was not sent."""
        return cls(Kind.FEEDBACK, _sent(fields))

    @classmethod
    def interaction(cls, **fields: Taken | None) -> "Draft":
        return cls(Kind.INTERACTION, _sent(fields))

    @property
    def values(self) -> dict[str, Any]:
        return {name: taken.value for name, taken in self.fields.items()}

    @property
    def mapping(self) -> dict[str, str]:
        return {name: taken.place for name, taken in self.fields.items()}


@dataclass(frozen=True, slots=True)
class Failed:
    """One of several items of a request that cannot be read; it goes to quarantine alone.

    Attributes:
        raw: the part that holds it.
        detail: what is wrong and where, without its words.
    """

    raw: bytes
    detail: str


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of something that comes in several requests, e.g. of a call that is still going on.

    Attributes:
        group: what it is a piece of, by the vendor's id.
        number: its place, from 1; the same number again is the same piece.
        of: how many there are, once that is known.
        content: kept sealed until all are there; what it holds is the adapter's business.
        patience: how long after this piece the others are waited for.
    """

    group: str
    number: int
    of: int | None
    content: bytes
    patience: timedelta


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a request holds.

    Attributes:
        parts: pieces of items that are put together later (`Assembles`).
        answer: what the vendor must be answered; None for the default.
        ring: the request only says that there is something to fetch; it is fetched at once.
        hint: what the fetch should know of the ring (`Line.hint`). It is kept in memory only, so a
            fetch must do without it.
    """

    items: Sequence[Draft | Failed] = ()
    parts: Sequence[Part] = ()
    answer: Answer | None = None
    ring: bool = False
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of a vendor that is asked.

    Attributes:
        cursor: where the next fetch begins; kept after the items are in the log.
        more: another page waits.
    """

    items: Sequence[Draft | Failed]
    cursor: str | None
    more: bool = False


def _sent(fields: Mapping[str, Taken | None]) -> dict[str, Taken]:
    return {
        name: taken
        for name, taken in fields.items()
        if taken is not None and taken.value is not None
    }
