"""Files on their way in: each goes to the database in pieces while it comes."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Final

from fastapi import Request

from heedful.common.http.problems import Problem
from heedful.common.security import Principal
from heedful.ingest.api.upload import Form, receive
from heedful.ingest.importing.plan import Plan
from heedful.ingest.importing.records import Limits
from heedful.ingest.imports import CHUNK_BYTES, new_import_id
from heedful.ingest.store_imports import ImportStore
from heedful.ingest.stored_file import StoredFile

_BUSY_RETRY_S: Final = "5"
_FULL_RETRY_S: Final = "60"


class Uploads:
    """Takes files in, a few at a time.

    Args:
        most_bytes: of a file.
        most_waiting: imports of a tenant that have not ended.
        most_at_once: uploads of this process.
    """

    def __init__(
        self,
        store: ImportStore,
        limits: Limits,
        *,
        most_bytes: int,
        most_waiting: int,
        most_at_once: int = 8,
    ) -> None:
        self.limits = limits
        self._store = store
        self._most_bytes = most_bytes
        self._most_waiting = most_waiting
        self._places = most_at_once

    @asynccontextmanager
    async def taken(self, request: Request, principal: Principal) -> AsyncIterator["Upload"]:
        """The upload, which is forgotten at the end of the block unless it was accepted.

        Raises:
            Problem: of the body; 429, 503: there is no room for it.
        """
        if self._places <= 0:
            raise Problem(
                503, "unavailable", "too many uploads at once; send it again",
                headers={"Retry-After": _BUSY_RETRY_S},
            )  # fmt: skip
        self._places -= 1
        import_id = new_import_id()
        try:
            if await self._store.under_way(principal.tenant) >= self._most_waiting:
                raise Problem(
                    429,
                    "too-many-imports",
                    f"{self._most_waiting} imports of this tenant have not ended; send it later",
                    headers={"Retry-After": _FULL_RETRY_S},
                )
            await self._store.add(import_id, principal.tenant, principal.key_id, datetime.now(UTC))
            yield Upload(import_id, await self._received(request, import_id), self._store)
        finally:
            self._places += 1
            await asyncio.shield(self._store.remove(import_id))

    async def _received(self, request: Request, import_id: str) -> Form:
        number = 0

        async def put(piece: bytes) -> None:
            nonlocal number
            await self._store.add_chunk(import_id, number, piece)
            number += 1

        return await receive(request, put, piece_bytes=CHUNK_BYTES, most_bytes=self._most_bytes)


class Upload:
    """A file that is in the database, and the form that it came with."""

    def __init__(self, import_id: str, form: Form, store: ImportStore) -> None:
        self.import_id = import_id
        self.form = form
        self._store = store

    def file(self) -> io.BufferedReader:
        """The file, to be read in a thread."""
        piece = partial(self._store.chunk, self.import_id)
        stored = StoredFile(self.form.file_bytes, piece, asyncio.get_running_loop())
        return io.BufferedReader(stored, CHUNK_BYTES)

    async def accept(self, plan: Plan) -> None:
        """It is known what to do with it: its rows are taken from now on."""
        name, size = self.form.file_name or "", self.form.file_bytes
        await self._store.accept(self.import_id, name, size, plan)
