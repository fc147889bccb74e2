"""SQL of the search: reads only, always within one tenant."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.journey.search.fulltext import Question
from heedful.journey.search.fusion import Key
from heedful.journey.vector_codec import take_vectors

DEPTH: Final = 200
"""So many of each ranking are looked at."""
ENOUGH: Final = 20
"""Where so many texts have every word, those that have some are not looked for."""
CANDIDATES: Final = 5000
"""Of texts that match, so many are ranked: of words that stand everywhere, any will do."""

_FILTERS: Final = {
    "since": "e.occurred_at >= :since",
    "until": "e.occurred_at < :until",
    "touchpoint": "e.touchpoint = :touchpoint",
    "channel": "e.channel = :channel",
    "light": "e.colour = :light",
    "topic": "e.topics @> ARRAY[CAST(:topic AS text)]",
    "customer": "e.customer_id = :customer",
}

_LABELLED: Final = frozenset({"touchpoint", "channel", "light", "topic"})
"""What a text has as a label, too: an index finds these without a look at their events."""
_UNLABELLED = text(
    "SELECT EXISTS (SELECT FROM journey.feedback_text WHERE tenant = :tenant AND labels IS NULL)"
)

_OF_FEEDBACK = """
    JOIN journey.event e
        ON e.tenant = t.tenant AND e.kind = 'feedback' AND e.source = t.source AND e.id = t.id
"""

_WORDS = """
    SELECT source, id FROM (
        SELECT t.source, t.id, t.words FROM journey.feedback_text t {events}
        WHERE t.tenant = :tenant AND t.words @@ CAST(:asked AS tsquery) {conditions}
        LIMIT :candidates
    ) AS found
    ORDER BY words @@ CAST(:every AS tsquery) DESC,
        ts_rank(words, CAST(:some AS tsquery), 1) DESC, source, id
    LIMIT :depth
"""
"""Long texts have more words by chance: ts_rank's normalisation 1 divides by the logarithm of their
length."""

_LABELLED_WORDS = _WORDS.replace(
    "{conditions}", "AND t.labels @> CAST(:labels AS text[]) {conditions}"
)

_NEAREST = """
    SELECT t.source, t.id, 1 - (t.embedding <=> CAST(:vector AS halfvec)) AS cosine
    FROM journey.feedback_vector t {events}
    WHERE t.tenant = :tenant AND t.version = :version {conditions}
    ORDER BY t.embedding <=> CAST(:vector AS halfvec), t.source, t.id LIMIT :depth
"""

_NEWEST = """
    SELECT e.source, e.id, e.occurred_at FROM journey.event e
    WHERE e.tenant = :tenant AND e.kind = 'feedback' {conditions}
    ORDER BY e.occurred_at DESC, e.source DESC, e.id DESC LIMIT :limit
"""
_OLDER = "AND (e.occurred_at, e.source, e.id) < (:before, :before_source, :before_id)"

_ITEMS = text(
    """
    SELECT e.source, e.id, e.customer_id, e.occurred_at, e.channel, e.touchpoint, e.colour,
        e.polarity, e.topics, left(e.payload #>> '{feedback,text}', CAST(:chars AS int)) AS said
    FROM journey.event e
    JOIN unnest(CAST(:sources AS text[]), CAST(:ids AS text[])) AS w (source, id)
        ON e.tenant = :tenant AND e.kind = 'feedback' AND e.source = w.source AND e.id = w.id
    """
)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a feedback must have; None asks for nothing."""

    since: datetime | None = None
    until: datetime | None = None
    touchpoint: str | None = None
    channel: str | None = None
    light: str | None = None
    topic: str | None = None
    customer: uuid.UUID | None = None

    @property
    def values(self) -> dict[str, object]:
        given = {name: getattr(self, name) for name in _FILTERS}
        return {name: value for name, value in given.items() if value is not None}

    @property
    def labels(self) -> list[str]:
        """What is asked for, as labels of texts (migration 0010); empty unless it is labels alone
        that are asked for: with a time, few events are left to look at."""
        given = self.values
        if not given.keys() <= _LABELLED:
            return []
        return [f"{name}:{value}" for name, value in given.items()]


async def by_words(
    connection: AsyncConnection, tenant: str, asked: Question, filters: Filters
) -> list[Key]:
    """Feedback with every word that was asked for, the best first; where these are few, behind them
    that with some."""
    labels = filters.labels
    if labels and (await connection.execute(_UNLABELLED, {"tenant": tenant})).scalar_one():
        labels = []
    found = await _by_words(connection, tenant, asked, asked.every, filters, labels)
    if len(found) >= ENOUGH:
        return found
    return await _by_words(connection, tenant, asked, asked.some, filters, labels)


async def by_meaning(
    connection: AsyncConnection,
    tenant: str,
    vector: bytes,
    version: str,
    filters: Filters,
    least: float,
) -> dict[Key, float]:
    """Feedback that lies nearest, with the cosine, the nearest first. Exact.

    Args:
        least: cosine of what is still near.
    """
    await take_vectors(connection)
    values = {"tenant": tenant, "vector": vector, "version": version, "depth": DEPTH}
    rows = await _run(connection, _NEAREST, filters, values)
    return {(row.source, row.id): row.cosine for row in rows if row.cosine >= least}


async def newest(
    connection: AsyncConnection,
    tenant: str,
    filters: Filters,
    before: tuple[datetime, Key] | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Feedback by when it was said, the newest first: source, id and occurred_at.

    Args:
        before: only what comes after this one in that order.
    """
    values: dict[str, object] = {"tenant": tenant, "limit": limit}
    conditions = _conditions(filters)
    if before is not None:
        at, (source, id_) = before
        conditions += f" {_OLDER}"
        values |= {"before": at, "before_source": source, "before_id": id_}
    statement = text(_NEWEST.format(conditions=conditions))
    return (await connection.execute(statement, {**values, **filters.values})).all()


async def items(
    connection: AsyncConnection, tenant: str, keys: Sequence[Key], chars: int
) -> dict[Key, Row[Any]]:
    """Feedback with the beginning of its text; those of the keys that are there."""
    values = {
        "tenant": tenant,
        "sources": [source for source, _ in keys],
        "ids": [id_ for _, id_ in keys],
        "chars": chars,
    }
    return {(row.source, row.id): row for row in await connection.execute(_ITEMS, values)}


async def _by_words(
    connection: AsyncConnection,
    tenant: str,
    asked: Question,
    matching: str,
    filters: Filters,
    labels: Sequence[str],
) -> list[Key]:
    """Args:
    labels: all that the filters ask for; empty: the events are looked at.
    """
    values: dict[str, object] = {
        "tenant": tenant,
        "asked": matching,
        "every": asked.every,
        "some": asked.some,
        "candidates": CANDIDATES,
        "depth": DEPTH,
    }
    if labels:
        rows = await _run(connection, _LABELLED_WORDS, Filters(), {**values, "labels": labels})
    else:
        rows = await _run(connection, _WORDS, filters, values)
    return [(row.source, row.id) for row in rows]


async def _run(
    connection: AsyncConnection, statement: str, filters: Filters, values: dict[str, object]
) -> Sequence[Row[Any]]:
    given = filters.values
    filled = statement.format(events=_OF_FEEDBACK if given else "", conditions=_conditions(filters))
    return (await connection.execute(text(filled), {**values, **given})).all()


def _conditions(filters: Filters) -> str:
    return "".join(f" AND {_FILTERS[name]}" for name in filters.values)
