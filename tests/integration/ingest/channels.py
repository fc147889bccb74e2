"""A channel for tests of what all channels share: signed by a word, and as odd as a test wants."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import orjson
from pydantic import SecretStr

from heedful.ingest.channels import (
    Answer,
    ChannelRequest,
    Configured,
    Draft,
    Failed,
    Kind,
    Line,
    Malformed,
    Page,
    Parsed,
    Taken,
    Unverified,
    VendorFailure,
)
from heedful.ingest.channels.registry import AnyAdapter


class Secrets(Configured):
    word: SecretStr


class Options(Configured):
    survey: str = "nps"


class Parrot:
    """Takes `{"items": [{…}], "ring": true}` with the header `x-word`; an item with the field
    `unreadable` cannot be read, and a body of `"boom"` breaks the adapter."""

    name = "parrot"
    version = "7"
    experimental = False
    secrets = Secrets
    options = Options

    def verify(self, request: ChannelRequest, secrets: Secrets) -> ChannelRequest:
        if request.headers.get("x-word") != secrets.word.get_secret_value():
            raise Unverified("the header x-word is not the word")
        return request

    def parse(self, request: ChannelRequest, options: Options) -> Parsed:
        if request.method == "GET":
            return Parsed(answer=Answer(body=request.query["echo"].encode()))
        try:
            said = orjson.loads(request.body)
        except orjson.JSONDecodeError as error:
            raise Malformed("the body is not JSON") from error
        if said == "boom":
            raise RuntimeError("刹车失灵 must not be told")
        return Parsed([drafted(item) for item in said["items"]], ring=said.get("ring", False))


def drafted(item: Mapping[str, Any]) -> Draft | Failed:
    if "unreadable" in item:
        return Failed(orjson.dumps(item), "item: unreadable is set")
    kind = Kind.INTERACTION if "kind" in item else Kind.FEEDBACK
    return Draft(kind, {name: Taken(value, f"item.{name}") for name, value in item.items()})


class Well(Parrot):
    """A vendor that is asked. What it holds is set by the test, as is how it fails."""

    name = "well"
    every = timedelta(hours=1)

    def __init__(self) -> None:
        self.pages: list[list[Mapping[str, Any]]] = []
        self.failures: list[VendorFailure] = []
        self.asked: list[str | None] = []

    async def fetch(
        self, line: Line, secrets: Secrets, options: Options, cursor: str | None, now: object
    ) -> Page:
        self.asked.append(cursor)
        if self.failures:
            raise self.failures.pop(0)
        at = int(cursor or 0)
        if at >= len(self.pages):
            return Page((), cursor)
        return Page(
            [drafted(item) for item in self.pages[at]], str(at + 1), at + 1 < len(self.pages)
        )


def installed(*adapters: AnyAdapter) -> Mapping[str, AnyAdapter]:
    return {adapter.name: adapter for adapter in adapters}
