"""An erasure cut into parts that each fit into a record. Pure."""

from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from typing import TypeVar

import orjson

from heedful.common.contracts import ErasedItem
from heedful.common.contracts.privacy import MAX_ERASED
from heedful.common.erasure import KnownName, Names

T = TypeVar("T")

_NAMES_BYTES = 60_000
"""Of the names of one part: sealed and in base64 they stay below the contract's limit."""
_ITEMS_BYTES = 600_000
_ITEM_BYTES = _ITEMS_BYTES // MAX_ERASED


def cut(items: Sequence[ErasedItem], names: Names) -> list[tuple[Sequence[ErasedItem], Names]]:
    """At least one part; every item and every name is in exactly one."""
    item_chunks = list(_chunks(items, _item_size, _ITEMS_BYTES))
    name_chunks = list(_name_chunks(names))
    parts = zip_longest(item_chunks, name_chunks, fillvalue=None)
    return [(some or (), named or Names()) for some, named in parts] or [((), Names())]


def _name_chunks(names: Names) -> Iterator[Names]:
    both: list[KnownName | str] = [*names.identifiers, *names.conversations]
    for chunk in _chunks(both, _name_size, _NAMES_BYTES):
        yield Names(
            identifiers=tuple(one for one in chunk if isinstance(one, KnownName)),
            conversations=tuple(one for one in chunk if isinstance(one, str)),
        )


def _item_size(item: ErasedItem) -> int:
    """At least so much that no part has more items than the contract takes."""
    return max(_ITEM_BYTES, len(item.encode()) + 1)


def _name_size(name: KnownName | str) -> int:
    encoded = orjson.dumps(name) if isinstance(name, str) else name.encode()
    return len(encoded) + 1


def _chunks(all_of: Sequence[T], size: Callable[[T], int], limit: int) -> Iterator[list[T]]:
    chunk: list[T] = []
    filled = 0
    for one in all_of:
        needed = size(one)
        if chunk and filled + needed > limit:
            yield chunk
            chunk, filled = [], 0
        chunk.append(one)
        filled += needed
    if chunk:
        yield chunk
