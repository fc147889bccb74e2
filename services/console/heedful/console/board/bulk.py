"""One step with many cases: what became of each."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from heedful.console.upstream.caller import Caller
from heedful.console.upstream.cases import PAGE
from heedful.console.upstream.errors import UpstreamError
from heedful.console.upstream.steps import Moved, Seen, take

_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one case; without an error it was done.

    Attributes:
        moved: who was faster, of a case that has moved on.
    """

    id: str
    error: UpstreamError | None = None
    moved: Moved | None = None


def chosen(written: Iterable[object]) -> tuple[Seen, ...]:
    """The cases of a form, each `id:sequence`, once, a page of them at most; what is neither is
    left out."""
    found: dict[str, Seen] = {}
    for one in written:
        name, _, sequence = str(one).rpartition(":")
        if name and sequence.isascii() and sequence.isdigit():
            found[name] = Seen(name, int(sequence))
    return tuple(found.values())[:PAGE]


async def take_all(
    alerting: Caller, cases: Sequence[Seen], step: str, body: Mapping[str, Any] | None = None
) -> list[Outcome]:
    """Take this step with each of them; that one fails keeps no other."""
    free = asyncio.Semaphore(_AT_ONCE)

    async def one(seen: Seen) -> Outcome:
        async with free:
            try:
                await take(alerting, seen, step, body)
            except UpstreamError as error:
                return Outcome(seen.id, error, moved(error))
            return Outcome(seen.id)

    return list(await asyncio.gather(*map(one, cases)))


def moved(error: UpstreamError) -> Moved | None:
    """Who was faster, where that is why it was not done."""
    return Moved.model_validate(error.members) if error.code == "changed" else None
