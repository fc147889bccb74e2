"""SQL of the texts and embeddings of some events, for the insights that read them."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.journey.insights.facts import Facts, Ints, Texts

MOST_CHARS: Final = 300
"""Of a text."""

_TEXTS = text(
    """
    SELECT w.place, t.embedding, t.embedding_version AS version,
        left(e.payload #>> '{feedback,text}', CAST(:chars AS int)) AS words
    FROM unnest(CAST(:sources AS text[]), CAST(:ids AS text[]))
        WITH ORDINALITY AS w (source, id, place)
    JOIN journey.feedback_text t
        ON (t.tenant, t.source, t.id) = (:tenant, w.source, w.id) AND t.embedding IS NOT NULL
    JOIN journey.event e
        ON (e.tenant, e.kind, e.source, e.id) = (:tenant, 'feedback', w.source, w.id)
    ORDER BY w.place
    """
)


async def texts(engine: AsyncEngine, tenant: str, facts: Facts, events: Ints) -> Texts:
    """The texts of those of the events that have an embedding, of the model that made most of them:
    vectors of two models say nothing of each other.

    Args:
        events: some thousand feedback items at most: all of it is read at once.

    Raises:
        sqlalchemy.exc.DBAPIError: the database is away, or the statement took too long.
    """
    values = {
        "tenant": tenant,
        "sources": facts.sources[events].tolist(),
        "ids": facts.ids[events].tolist(),
        "chars": MOST_CHARS,
    }
    async with engine.connect() as connection:
        rows = (await connection.execute(_TEXTS, values)).all()
    return await asyncio.to_thread(_gathered, rows, events)


def _gathered(rows: Sequence[Row[Any]], events: Ints) -> Texts:
    counts = Counter(row.version for row in rows)
    most = max(counts, key=lambda version: (counts[version], version), default=None)
    own = [row for row in rows if row.version == most]
    packed = np.frombuffer(b"".join(bytes(row.embedding) for row in own), dtype=np.int8)
    return Texts(
        events=events[np.array([row.place - 1 for row in own], dtype=np.int64)],
        words=tuple(row.words or "" for row in own),
        vectors=packed.reshape(len(own), -1 if own else 0).astype(np.float32),
    )
