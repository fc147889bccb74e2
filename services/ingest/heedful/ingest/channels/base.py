"""What a channel adapter is. An adapter is one file; it is found by the entry point group
`heedful.channels`, so that one of your own is installed like any other.

An adapter knows one vendor's protocol and nothing else: `verify` proves that the request comes
from the holder of the secret and opens what is encrypted, `parse` reads it. Both are pure: no
network, no clock (`request.received_at` is the time), no database. What it reads are drafts: every
field with the place where it stood, which becomes the item's provenance. Adapters whose vendor
does not send but is asked also fetch (`Fetches`); those that hold a line open listen (`Listens`).
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol, TypeVar, runtime_checkable

import aiohttp
from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr

from heedful.common.errors import HeedfulError


class Kind(StrEnum):
    FEEDBACK = "feedback"
    INTERACTION = "interaction"


class Unverified(HeedfulError):
    """401: the request does not prove that it comes from the vendor. Nothing of it is kept.

    The text says what is wrong without quoting secret or signature.
    """


class Malformed(HeedfulError):
    """400: the request is the vendor's but not in the documented shape. It goes to quarantine.

    The text names the place, never the words that stand there.
    """


class VendorFailure(HeedfulError):
    """The vendor's own server refused or did not answer; asked again after `retry_after`.

    Args:
        message: what it said, without tokens.
        retry_after: how long to wait; None leaves it to the backoff.
    """

    def __init__(self, message: str, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Configured(BaseModel):
    """Base of an adapter's `Secrets` and `Options`: what a connection is made with."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def shaped(pattern: str, form: str) -> AfterValidator:
    """A secret must have this form, which the error says: `Annotated[SecretStr, shaped(…)]`."""
    compiled = re.compile(pattern)

    def check(secret: SecretStr) -> SecretStr:
        if compiled.fullmatch(secret.get_secret_value()) is None:
            raise ValueError(f"should be {form}")
        return secret

    return AfterValidator(check)


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


S = TypeVar("S", bound=Configured)
O = TypeVar("O", bound=Configured)  # noqa: E741  # options


class Adapter(Protocol[S, O]):
    """One vendor's protocol.

    Attributes:
        name: path segment of its URL, e.g. `typeform`.
        version: of the mapping; another one when the same request would give other fields.
        experimental: the vendor's page could not be found; the shape is by hearsay.
        secrets: what proves a request; stored sealed, never shown.
        options: what else a connection says, e.g. which question is the score.
    """

    name: str
    version: str
    experimental: bool
    secrets: type[S]
    options: type[O]

    def verify(self, request: ChannelRequest, secrets: S) -> ChannelRequest:
        """The request as the vendor meant it: proven and decrypted.

        Raises:
            Unverified: wrong, missing or stale proof.
            Malformed: it is not even in the form that carries a proof.
        """

    def parse(self, request: ChannelRequest, options: O) -> Parsed:
        """What a verified request holds.

        Raises:
            Malformed: not the documented shape; no other exception, whatever the bytes.
        """


@dataclass(frozen=True, slots=True)
class Line:
    """How an adapter reaches its vendor.

    Attributes:
        connection_id: whose line it is; tokens are kept by it.
        http: a session with timeouts that reaches public addresses only.
        base_url: the vendor's, or what the operator put in its place (HEEDFUL_INGEST__VENDOR_URLS).
        allow_private: an adapter that opens sockets of its own may reach private addresses
            (HEEDFUL_INGEST__ALLOW_PRIVATE_TARGETS).
        hint: of the last ring, if this process has heard it.
    """

    connection_id: str
    http: aiohttp.ClientSession
    base_url: Callable[[str], str]
    allow_private: bool = False
    hint: str | None = None


@runtime_checkable
class Fetches(Protocol):
    """An adapter that asks its vendor, when rung or every so often."""

    every: timedelta

    async def fetch(
        self, line: Line, secrets: Any, options: Any, cursor: str | None, now: datetime
    ) -> Page:
        """The page after the cursor; None is the beginning.

        Raises:
            VendorFailure: nothing was read; the same cursor is asked again later.
        """


@runtime_checkable
class Assembles(Protocol):
    """An adapter some of whose items come in parts."""

    def assemble(
        self, parts: Sequence[Part], complete: bool, options: Any
    ) -> Sequence[Draft | Failed]:
        """The items that these parts make, in the order of their numbers.

        Args:
            complete: false when some did not come in time.
        """


Deliver = Callable[[ChannelRequest], Awaitable[Answer]]
"""Gives one message to ingest; returns when the log has it.

Raises:
    Problem: it does not have it; the vendor must send it again.
"""


@runtime_checkable
class Listens(Protocol):
    """An adapter that holds a line open to its vendor; one process at a time does."""

    async def listen(self, line: Line, secrets: Any, options: Any, deliver: Deliver) -> None:
        """Until cancelled.

        Raises:
            VendorFailure: the line broke; it is opened again after a pause.
        """


def _sent(fields: Mapping[str, Taken | None]) -> dict[str, Taken]:
    return {
        name: taken
        for name, taken in fields.items()
        if taken is not None and taken.value is not None
    }
