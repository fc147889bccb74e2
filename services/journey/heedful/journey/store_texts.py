"""SQL of what can be searched: the words of each feedback, and where it lies among texts."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.journey.search.fulltext import document
from heedful.journey.search.said import Said
from heedful.journey.vector_codec import take_vectors

_HAVE_VECTORS = text("SELECT to_regclass('journey.feedback_vector') IS NOT NULL")
_MAKE_VECTORS = text("SELECT journey.make_vectors()")

_PUT = text(
    """
    INSERT INTO journey.feedback_text (
        tenant, source, id, words, embedding, embedding_version)
    SELECT tenant, source, id, CAST(words AS tsvector), embedding, version
    FROM unnest(
        CAST(:tenants AS text[]), CAST(:sources AS text[]), CAST(:ids AS text[]),
        CAST(:words AS text[]), CAST(:embeddings AS bytea[]), CAST(:versions AS text[])
    ) AS f (tenant, source, id, words, embedding, version)
    ORDER BY tenant, source, id
    ON CONFLICT (tenant, source, id) DO UPDATE
    SET words = EXCLUDED.words, embedding = EXCLUDED.embedding,
        embedding_version = EXCLUDED.embedding_version
    """
)

_PUT_VECTORS = text(
    """
    INSERT INTO journey.feedback_vector (tenant, source, id, version, embedding)
    SELECT tenant, source, id, version, embedding
    FROM unnest(
        CAST(:tenants AS text[]), CAST(:sources AS text[]), CAST(:ids AS text[]),
        CAST(:versions AS text[]), CAST(:vectors AS halfvec[])
    ) AS f (tenant, source, id, version, embedding)
    ORDER BY tenant, source, id
    ON CONFLICT (tenant, source, id) DO UPDATE
    SET version = EXCLUDED.version, embedding = EXCLUDED.embedding
    """
)

_DROP_VECTORS = text(
    """
    DELETE FROM journey.feedback_vector v
    USING unnest(
        CAST(:tenants AS text[]), CAST(:sources AS text[]), CAST(:ids AS text[])
    ) AS f (tenant, source, id)
    WHERE (v.tenant, v.source, v.id) = (f.tenant, f.source, f.id)
    """
)

_UNINDEXED = text(
    """
    SELECT e.tenant, e.source, e.id, e.payload #>> '{feedback,text}' AS said
    FROM journey.event e
    WHERE e.kind = 'feedback' AND NOT EXISTS (
        SELECT FROM journey.feedback_text t
        WHERE (t.tenant, t.source, t.id) = (e.tenant, e.source, e.id))
    LIMIT :limit
    """
)

_WITHOUT_VECTOR = text(
    """
    SELECT t.tenant, t.source, t.id, t.embedding, t.embedding_version
    FROM journey.feedback_text t
    WHERE t.embedding IS NOT NULL AND NOT EXISTS (
        SELECT FROM journey.feedback_vector v
        WHERE (v.tenant, v.source, v.id) = (t.tenant, t.source, t.id))
    LIMIT :limit
    """
)

_LABEL = text(
    """
    UPDATE journey.feedback_text t
    SET labels = journey.labels_of(t.tenant, t.source, t.id)
    FROM (
        SELECT tenant, source, id FROM journey.feedback_text
        WHERE labels IS NULL LIMIT :limit FOR UPDATE SKIP LOCKED
    ) AS w
    WHERE (t.tenant, t.source, t.id) = (w.tenant, w.source, w.id)
    """
)


Step = Callable[[AsyncConnection, int], Awaitable[int]]


async def have_vectors(connection: AsyncConnection) -> bool:
    """Whether texts can be searched by their meaning."""
    found: bool = (await connection.execute(_HAVE_VECTORS)).scalar_one()
    return found


async def make_vectors(connection: AsyncConnection) -> bool:
    """Make the table of vectors unless it is there; False: PostgreSQL has no pgvector 0.7."""
    made: bool = (await connection.execute(_MAKE_VECTORS)).scalar_one()
    return made


async def put(connection: AsyncConnection, said: Sequence[Said], *, vectors: bool) -> None:
    """Index feedback, or index it anew; each at most once.

    Args:
        vectors: there is a table of vectors.
    """
    if not said:
        return
    placed = [_placed(one) for one in said]
    await connection.execute(
        _PUT,
        {
            **_keys(said),
            "words": [document(one.tenant, one.text) for one in said],
            "embeddings": [None if one is None else one.vector for one in placed],
            "versions": [None if one is None else one.version for one in placed],
        },
    )
    if vectors:
        # Also what had a vector before and has none any more.
        without = [one for one in said if not one.embedding]
        if without:
            await connection.execute(_DROP_VECTORS, _keys(without))
        await _put_vectors(connection, [one for one in placed if one is not None])


async def index_more(connection: AsyncConnection, limit: int) -> int:
    """Index feedback that came before there was an index; how many, 0: there is no more.

    Where they lie among texts is not known before they are enriched anew.
    """
    rows = (await connection.execute(_UNINDEXED, {"limit": limit})).all()
    await put(
        connection,
        [Said(row.tenant, row.source, row.id, row.said or "", None) for row in rows],
        vectors=False,
    )
    return len(rows)


async def label_more(connection: AsyncConnection, limit: int) -> int:
    """Give labels to texts that were indexed before there were any; how many."""
    return (await connection.execute(_LABEL, {"limit": limit})).rowcount


async def place_more(connection: AsyncConnection, limit: int) -> int:
    """Give vectors to texts that were indexed before there was a table of them; how many."""
    rows = (await connection.execute(_WITHOUT_VECTOR, {"limit": limit})).all()
    await _put_vectors(
        connection,
        [
            _Placed(row.tenant, row.source, row.id, row.embedding_version, bytes(row.embedding))
            for row in rows
        ],
    )
    return len(rows)


@dataclass(frozen=True, slots=True)
class _Placed:
    """Where a feedback lies: `vector` is signed bytes, of a model's version."""

    tenant: str
    source: str
    id: str
    version: str
    vector: bytes


def _placed(said: Said) -> _Placed | None:
    embedding = said.embedding
    if embedding is None:
        return None
    return _Placed(said.tenant, said.source, said.id, embedding.version, embedding.vector)


async def _put_vectors(connection: AsyncConnection, placed: Sequence[_Placed]) -> None:
    if placed:
        await take_vectors(connection)
        await connection.execute(
            _PUT_VECTORS,
            {
                **_keys(placed),
                "versions": [one.version for one in placed],
                "vectors": [one.vector for one in placed],
            },
        )


def _keys(of: Sequence[Said | _Placed]) -> dict[str, list[str]]:
    return {
        "tenants": [one.tenant for one in of],
        "sources": [one.source for one in of],
        "ids": [one.id for one in of],
    }
