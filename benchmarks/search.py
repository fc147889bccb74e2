"""How long a search takes, and what the index costs at intake, on PostgreSQL with pgvector.

    python -m benchmarks.search --texts 100000

Feedback of one tenant: sentences put together from parts, and random directions as embeddings,
of which a few lie beside the question. Prints median and 95th percentile of each kind of search,
the exact search of vectors beside one by an HNSW index with its recall, and the time of intake
with and without the index.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

import numpy as np
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from heedful.cli.postgres import embedded_postgres
from heedful.common.contracts import Embedding
from heedful.common.db import create_engine, migrate
from heedful.common.db.migrate import COMMON
from heedful.common.settings import Settings
from heedful.journey import queries_search, store_texts
from heedful.journey.main import MIGRATIONS
from heedful.journey.queries_search import Filters
from heedful.journey.search.fulltext import question
from heedful.journey.search.said import Said
from tests.unit.journey.material import START

TENANT = "acme"
VERSION = "m1"
_AT_ONCE = 500
_ROUNDS = 20
_THINGS = (
    "刹车",
    "充电桩",
    "发动机",
    "空调",
    "座椅",
    "App",
    "快递",
    "外卖",
    "套餐",
    "宽带",
    "发票",
    "退款",
)
_TROUBLES = (
    "异响",
    "又坏了",
    "打不开",
    "太慢",
    "没人管",
    "收费不合理",
    "refund 没到",
    "很好用",
    "不错",
)
_TAILS = (
    "去了三次店都没修好",
    "客服一直推脱",
    "希望尽快处理",
    "师傅态度很好",
    "等了两个小时",
    "再也不来了",
)


def sentences(chance: random.Random, count: int) -> list[str]:
    """About forty characters each."""
    return [
        "，".join(
            chance.choice(_THINGS) + chance.choice(_TROUBLES) + chance.choice(_TAILS)
            for _ in range(chance.randint(1, 5))
        )
        for _ in range(count)
    ]


def places(seed: int, count: int) -> list[Embedding]:
    """In clusters, as topics are."""
    chance = np.random.default_rng(seed)
    topics = chance.normal(size=(64, 512))
    found = topics[chance.integers(0, 64, count)] + 0.8 * chance.normal(size=(count, 512))
    found *= 127 / np.abs(found).max(axis=1, keepdims=True)
    return [Embedding.of(VERSION, row.tobytes()) for row in np.rint(found).astype(np.int8)]


async def fill(engine: AsyncEngine, texts: Sequence[str], embeddings: Sequence[Embedding]) -> float:
    """Events as journey keeps them, then their index; seconds for the index."""
    indexed = 0.0
    for start in range(0, len(texts), _AT_ONCE):
        part = range(start, min(len(texts), start + _AT_ONCE))
        said = [Said(TENANT, "crm", f"f{n}", texts[n], embeddings[n]) for n in part]
        async with engine.begin() as connection:
            await _insert_events(connection, said, start)
            began = time.perf_counter()
            await store_texts.put(connection, said, vectors=True)
            indexed += time.perf_counter() - began
    async with engine.connect() as connection:
        options = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await options.execute(text("VACUUM ANALYZE"))
    return indexed


async def _insert_events(connection: AsyncConnection, said: Sequence[Said], first: int) -> None:
    await connection.execute(
        text(
            """
            INSERT INTO journey.event (tenant, kind, source, id, occurred_at, received_at, channel,
                touchpoint, colour, topics, identifiers, identified, payload)
            SELECT :tenant, 'feedback', 'crm', f.id, f.at, f.at, 'chat', f.touchpoint, f.colour,
                ARRAY[f.topic], '{}', false,
                jsonb_build_object('feedback', jsonb_build_object('text', f.said))
            FROM unnest(CAST(:ids AS text[]), CAST(:times AS timestamptz[]),
                CAST(:touchpoints AS text[]), CAST(:colours AS text[]), CAST(:topics AS text[]),
                CAST(:said AS text[])) AS f (id, at, touchpoint, colour, topic, said)
            """
        ),
        {
            "tenant": TENANT,
            "ids": [one.id for one in said],
            "times": [START + timedelta(minutes=first + n) for n in range(len(said))],
            "touchpoints": [f"p{n % 20}" for n in range(len(said))],
            "colours": [("red", "amber", "green", "grey")[n % 4] for n in range(len(said))],
            "topics": [f"t{n % 50}" for n in range(len(said))],
            "said": [one.text for one in said],
        },
    )


async def timed(ask: Callable[[], Awaitable[object]]) -> str:
    """Median and 95th percentile in milliseconds."""
    took = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        await ask()
        took.append((time.perf_counter() - began) * 1000)
    took.sort()
    return f"{statistics.median(took):8.1f} {took[int(0.95 * len(took)) - 1]:8.1f}"


async def run(count: int, folder: Path) -> None:
    with embedded_postgres(folder) as url:
        engine = create_engine(Settings(database_url=SecretStr(url), data_dir=folder), "benchmark")
        await migrate(engine, [COMMON, MIGRATIONS])
        texts = sentences(random.Random(1), count)  # noqa: S311  # not for secrets
        embeddings = places(2, count)
        seconds = await fill(engine, texts, embeddings)
        print(f"index: {seconds / count * 1e6:.0f} us a feedback, {count} feedback")
        async with engine.connect() as connection:
            await report(connection, embeddings)
        await engine.dispose()


async def report(connection: AsyncConnection, embeddings: Sequence[Embedding]) -> None:
    for name in ("feedback_text", "feedback_text_words", "feedback_vector"):
        sql = text("SELECT pg_total_relation_size(CAST(:name AS regclass))")
        size = (await connection.execute(sql, {"name": f"journey.{name}"})).scalar_one()
        print(f"{name}: {size / len(embeddings):.0f} bytes a feedback")
    vector = embeddings[7].vector
    red = Filters(light="red", touchpoint="p4")
    print(f"{'':34}  median      p95 ms")
    for label, asked in (
        ("one word of a twelfth", "刹车"),
        ("a phrase that is rare", "刹车异响去了三次店"),
        ("words of all texts, some", "充电桩坏掉之后客服一直不处理"),
    ):
        wanted = question(TENANT, asked)
        assert wanted is not None
        for kind, filters in (("", Filters()), (", filtered", red)):
            ask = partial(queries_search.by_words, connection, TENANT, wanted, filters)
            print(f"{label + kind:34}{await timed(ask)}  {len(await ask())} found")
    exact = {}
    for kind, filters in (("", Filters()), (", filtered", red)):
        near = partial(queries_search.by_meaning, connection, TENANT, vector, VERSION, filters, 0.0)
        exact[kind] = await near()
        print(f"{'exact vectors' + kind:34}{await timed(near)}")
    began = time.perf_counter()
    await connection.execute(text("SET maintenance_work_mem = '1GB'"))
    # Longer than the engine lets a statement take.
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None
    index = "CREATE INDEX hnsw ON journey.feedback_vector USING hnsw (embedding halfvec_cosine_ops)"
    await driver.execute("SET statement_timeout = 0")
    await driver.execute(index, timeout=1800)
    print(f"building an HNSW index took {time.perf_counter() - began:.0f} s")
    await connection.execute(text("SET hnsw.iterative_scan = strict_order"))
    await connection.execute(text("SET hnsw.ef_search = 200"))
    statement = text(
        """
        SELECT source, id FROM journey.feedback_vector
        WHERE tenant = :tenant AND version = :version
        ORDER BY embedding <=> CAST(:vector AS halfvec) LIMIT 200
        """
    )
    values = {"tenant": TENANT, "version": VERSION, "vector": vector}

    async def by_index() -> set[tuple[str, str]]:
        return {(row.source, row.id) for row in await connection.execute(statement, values)}

    recall = len(await by_index() & exact[""].keys()) / len(exact[""])
    print(f"{'HNSW':34}{await timed(by_index)}  recall {recall:.2f}")
    said = [Said(TENANT, "crm", f"f{n}", "刹车", embeddings[n]) for n in range(_AT_ONCE)]
    began = time.perf_counter()
    await store_texts.put(connection, said, vectors=True)
    each = (time.perf_counter() - began) / len(said)
    print(f"index of a feedback with HNSW: {each * 1e6:.0f} us")


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.search")
    parser.add_argument("--texts", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(options.texts, Path(folder)))


if __name__ == "__main__":
    main()
