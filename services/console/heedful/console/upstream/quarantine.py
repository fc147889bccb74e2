"""What ingest could not take in, and keeps for somebody to look at."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from pydantic import TypeAdapter, ValidationError

from heedful.console.upstream.caller import Caller
from heedful.console.upstream.errors import Away
from heedful.console.upstream.reading import Read

_PATH: Final = "/v1/quarantine"
_SECONDS: Final = 60.0
"""A replay takes up to 500 entries in."""


class Entry(Read):
    """Without its words.

    Attributes:
        form: `request`, `part` or `item`; only an item has fields that can be mended.
        import_id: of the file that it is a row of.
    """

    id: str
    channel: str
    connection_id: str | None
    import_id: str | None
    row: int | None
    form: str
    reason: str
    detail: str
    received_at: datetime
    state: str
    tries: int
    resolved_at: datetime | None
    resolved_by: str | None


class WholeEntry(Entry):
    """`mapping`: where each field stood in what the channel sent."""

    item: dict[str, Any] | None = None
    mapping: dict[str, str]
    request: dict[str, Any] | None = None


class EntryPage(Read):
    items: list[Entry]
    next_cursor: str | None = None


class Replayed(Read):
    """`state`: `replayed`, or `open` with why it stays."""

    id: str
    state: str
    detail: str | None = None


class Discarded(Read):
    discarded: int


_MANY: Final = TypeAdapter(list[Replayed])


async def listed(
    ingest: Caller, chosen: Mapping[str, str], state: str | None, cursor: str | None
) -> EntryPage:
    """The newest first; `chosen`: channel, reason, import_id."""
    query = {**chosen, "state": state, "cursor": cursor, "limit": 50}
    return await ingest.get(EntryPage, _PATH, query)


async def get(ingest: Caller, id_: str) -> WholeEntry:
    return await ingest.get(WholeEntry, _of(id_))


async def mend(ingest: Caller, id_: str, item: Mapping[str, Any]) -> WholeEntry:
    return await ingest.put(WholeEntry, _of(id_), {"item": item})


async def replay(ingest: Caller, id_: str) -> Replayed:
    return await ingest.post(Replayed, _of(id_) + "/replay", timeout_s=_SECONDS)


async def discard(ingest: Caller, id_: str) -> Replayed:
    return await ingest.post(Replayed, _of(id_) + "/discard")


async def replay_all(ingest: Caller, chosen: Mapping[str, str]) -> Sequence[Replayed]:
    """Open ones that fit, up to 500.

    Raises:
        UpstreamError: it was not done.
    """
    answer = await ingest.send("POST", _PATH + "/replay", body=dict(chosen), timeout_s=_SECONDS)
    try:
        return _MANY.validate_json(answer.content)
    except ValidationError as error:
        raise Away(ingest.service, "not-understood", "its answer is not as documented") from error


async def discard_all(ingest: Caller, chosen: Mapping[str, str]) -> int:
    """How many; 500 at a time."""
    found = await ingest.post(Discarded, _PATH + "/discard", dict(chosen), timeout_s=_SECONDS)
    return found.discarded


def _of(id_: str) -> str:
    return f"{_PATH}/{quote(id_, safe='')}"
