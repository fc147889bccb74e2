"""A file that lies in the database in pieces, as a file that can be read from anywhere in it.

The readers of CSV and Excel are synchronous and run in a thread; the database is asked on the loop.
"""

import asyncio
import io
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from concurrent.futures import CancelledError
from typing import Final

from typing_extensions import Buffer

from heedful.ingest.imports import CHUNK_BYTES

_KEPT: Final = 3
_PATIENCE_S: Final = 60.0


class Vanished(OSError):
    """A piece is not there: the import was cancelled."""


class StoredFile(io.RawIOBase):
    """At most three pieces of it are in memory.

    Args:
        size: bytes of the whole.
        piece: gives the piece of a number, None when it is gone.
        loop: on which `piece` runs; reading is for other threads.
    """

    def __init__(
        self,
        size: int,
        piece: Callable[[int], Awaitable[bytes | None]],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._size = size
        self._piece = piece
        self._loop = loop
        self._at = 0
        self._kept: OrderedDict[int, bytes] = OrderedDict()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("before the beginning of the file")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: Buffer, /) -> int:
        """As RawIOBase has it.

        Raises:
            Vanished: the import was cancelled meanwhile.
            TimeoutError: the database does not answer.
        """
        view = memoryview(buffer).cast("B")
        number, start = divmod(self._at, CHUNK_BYTES)
        if self._at >= self._size:
            return 0
        part = self._get(number)[start : start + len(view)]
        view[: len(part)] = part
        self._at += len(part)
        return len(part)

    def _get(self, number: int) -> bytes:
        found = self._kept.get(number)
        if found is None:
            found = self._fetch(number)
            self._kept[number] = found
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(number)
        return found

    def _fetch(self, number: int) -> bytes:
        async def ask() -> bytes | None:
            return await self._piece(number)

        waiting = asyncio.run_coroutine_threadsafe(ask(), self._loop)
        try:
            found = waiting.result(_PATIENCE_S)
        except (TimeoutError, CancelledError) as error:
            waiting.cancel()
            raise TimeoutError("the database did not give a piece of the file") from error
        if found is None:
            raise Vanished("a piece of the file is not there any more")
        return found
