"""Asks both parts of the search, as far as they are there, and puts their answers together."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from heedful.common.contracts import Embedding
from heedful.journey import queries_search, store_texts
from heedful.journey.embedder import Embedder, NoEmbedding
from heedful.journey.queries_search import Filters
from heedful.journey.search.fulltext import question
from heedful.journey.search.fusion import Fused, Key, fuse
from heedful.journey.search.terms import MOST_CHARS

log = logging.getLogger(__name__)

LEAST_COSINE: Final = 0.5
"""Texts that lie farther apart do not mean about the same. Asked for thirty topics by their name,
half of the reviews with a word of the topic lie nearer by encoder-2.1 and 3 % of the others (by the
pretrained encoder half and 5 %: docs/model-card.md)."""
_NO_PGVECTOR: Final = (
    "PostgreSQL has no table of vectors; install pgvector 0.7 or later, CREATE EXTENSION vector, "
    "then run `heedful search rebuild`"
)


@dataclass(frozen=True, slots=True)
class Found:
    """Attributes:
    terms: of the question, to be marked.
    cosines: of what was found by its meaning.
    searched: the parts that were asked.
    note: why one was not.
    """

    ranking: Sequence[Fused]
    terms: Sequence[str]
    cosines: Mapping[Key, float]
    searched: Sequence[str]
    note: str | None


class Search:
    """Over the feedback of one tenant at a time."""

    def __init__(self, engine: AsyncEngine, embedder: Embedder) -> None:
        self._engine = engine
        self._embedder = embedder
        self._vectors = False

    async def start(self) -> bool:
        """Look which parts there are, and say which is not; whether vectors are."""
        async with self._engine.connect() as connection:
            self._vectors = await store_texts.have_vectors(connection)
        if not self._vectors:
            log.warning("search goes by words alone", extra={"why": _NO_PGVECTOR})
        return self._vectors

    async def find(
        self, tenant: str, asked: str, filters: Filters, *, words: bool, meaning: bool
    ) -> Found:
        """The ranking of a question.

        Raises:
            ValueError: it holds no word.
        """
        wanted = question(tenant, asked)
        if wanted is None:
            raise ValueError(
                "q holds no word; give at least one letter, digit or Chinese character"
            )
        # Before a connection is taken, which others may wait for.
        embedding, note = await self._embedding(asked) if meaning else (None, None)
        rankings: dict[str, list[Key]] = {}
        cosines: Mapping[Key, float] = {}
        async with self._engine.connect() as connection:
            if words or embedding is None:
                rankings["text"] = await queries_search.by_words(
                    connection, tenant, wanted, filters
                )
            if embedding is not None:
                cosines = await self._nearest(connection, tenant, embedding, filters)
                rankings["vector"] = list(cosines)
        return Found(fuse(rankings), wanted.terms, cosines, list(rankings), note)

    async def newest(
        self, tenant: str, filters: Filters, before: tuple[datetime, Key] | None, limit: int
    ) -> list[tuple[datetime, Key]]:
        """What was said last, with when.

        Args:
            before: only what comes after this one in that order.
        """
        async with self._engine.connect() as connection:
            rows = await queries_search.newest(connection, tenant, filters, before, limit)
        return [(row.occurred_at, (row.source, row.id)) for row in rows]

    async def rows(self, tenant: str, keys: Sequence[Key]) -> Mapping[Key, Row[Any]]:
        """Those of the feedback that are still there."""
        async with self._engine.connect() as connection:
            return await queries_search.items(connection, tenant, keys, MOST_CHARS)

    async def _embedding(self, asked: str) -> tuple[Embedding | None, str | None]:
        if not self._vectors:
            return None, f"searched by words alone: {_NO_PGVECTOR}"
        try:
            return await self._embedder.embed(asked), None
        except NoEmbedding as error:
            return None, f"searched by words alone: {error}"

    async def _nearest(
        self, connection: AsyncConnection, tenant: str, embedding: Embedding, filters: Filters
    ) -> Mapping[Key, float]:
        return await queries_search.by_meaning(
            connection, tenant, embedding.vector, embedding.version, filters, LEAST_COSINE
        )
