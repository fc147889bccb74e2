"""Ids of rows that bring none of their own."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from heedful.common.events import deterministic_id


class MadeIds:
    """Of who said what and when, for rows in their order. Of rows that are alike in that each has
    an id of its own by its turn, so that a file with more of them adds the ones that are new.

    Args:
        dated: the time is of the row, and not one for all.
    """

    def __init__(self, *, dated: bool) -> None:
        self._dated = dated
        self._seen = _Seen()

    def next(self, fields: Mapping[str, Any]) -> str:
        """The id of the row with these fields."""
        occurred_at = fields["occurred_at"] if self._dated else None
        said = (
            fields["source"],
            fields["text"],
            "" if occurred_at is None else occurred_at.isoformat(),
            "" if fields["score"] is None else str(fields["score"]["value"]),
            *(part for one in fields["identifiers"] for part in (one["type"], one["value"])),
        )
        turn = self._seen.turn("\x1f".join(said))
        return deterministic_id("import", *said, str(turn))


def id_of_row(source: str, number: int, cells: Sequence[str]) -> str:
    """Of a row that makes no item: by its place and all that stands in it."""
    return deterministic_id("import-row", source, str(number), *cells)


class _Seen:
    """How often each row has come; 70 bytes for each that differs, whatever its length."""

    def __init__(self) -> None:
        self._once: set[int] = set()
        self._again: dict[int, int] = {}

    def turn(self, said: str) -> int:
        """1 for the first, 2 for the second that is alike, and so on."""
        digest = hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        key = int.from_bytes(digest, "big")
        if key not in self._once:
            self._once.add(key)
            return 1
        turn = self._again.get(key, 1) + 1
        self._again[key] = turn
        return turn
