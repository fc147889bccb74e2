"""What a channel adapter is. An adapter is one file; it is found by the entry point group
`heedful.channels`, so that one of your own is installed like any other.

An adapter knows one vendor's protocol and nothing else: `verify` proves that the request comes
from the holder of the secret and opens what is encrypted, `parse` reads it. Both are pure: no
network, no clock (`request.received_at` is the time), no database. What it reads are drafts: every
field with the place where it stood, which becomes the item's provenance. Adapters whose vendor
does not send but is asked also fetch (`Fetches`); those that hold a line open listen (`Listens`).
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar, runtime_checkable

import aiohttp
from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr

from heedful.ingest.channels.drafts import Answer, ChannelRequest, Draft, Failed, Page, Parsed, Part


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


async def _keeps_nothing(secrets: Any) -> None:
    raise NotImplementedError("this line has no place for new secrets")


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
        keep: takes the secrets with which the vendor has replaced those of the connection. Until
            they are read back a fetch is given the ones of before.
    """

    connection_id: str
    http: aiohttp.ClientSession
    base_url: Callable[[str], str]
    allow_private: bool = False
    hint: str | None = None
    keep: Callable[[Any], Awaitable[None]] = _keeps_nothing


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
