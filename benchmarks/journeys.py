"""How fast journeys are folded, and what triggers and the index of the search cost at intake.

    python -m benchmarks.journeys --customers 2000 --events 15

Interactions and enriched feedback of customers who have an identifier each, in a random order, in
batches of 256 through the consumer's handler, two at once, as the runtime hands them over; then
every journey once, and what all of it takes on disk. One process, PostgreSQL beside it. With the
rate, which other work on the machine slows, stands what an event takes of processor time.
"""

import argparse
import asyncio
import gc
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.search import places, sentences
from benchmarks.support import machine, postgres_cpu_s
from benchmarks.timelines import per_event, sizes
from heedful.cli.postgres import embedded_postgres
from heedful.common.db import create_engine, migrate
from heedful.common.db.migrate import COMMON
from heedful.common.erasure import Tombstones
from heedful.common.events import Delivery
from heedful.common.security.secrets import SecretBox
from heedful.common.settings import Settings
from heedful.journey.admission import Admission
from heedful.journey.consumer import Handler
from heedful.journey.erasures import Erasures
from heedful.journey.folding import Folding
from heedful.journey.lifecycle.stages import Lifecycles
from heedful.journey.main import MIGRATIONS
from heedful.journey.publishing import Publisher
from heedful.journey.store import Store
from tests.unit.journey.material import at, feedback, interaction

_BATCH = 256
_AT_ONCE = 2


def events(customers: int, each: int) -> list[Delivery]:
    """Half of them feedback with an embedding."""
    chance = random.Random(4)  # noqa: S311  # not for secrets
    total = customers * each
    words, embeddings = sentences(chance, total), places(5, total)
    found = []
    for number in range(total):
        who, hours = f"customer_id:c{number % customers}", chance.uniform(0, 9000)
        if number % 2:
            found.append(interaction(number, who, hours=hours))
        else:
            said, place = words[number], embeddings[number]
            found.append(feedback(number, who, hours=hours, text=said, embedding=place))
    chance.shuffle(found)
    return found


def member(engine: AsyncEngine, secrets: SecretBox, *, vectors: bool) -> Handler:
    tombstones = Tombstones("journey")
    tombstones.use_secret(b"t" * 32)
    erasures = Erasures(engine, tombstones, Publisher(secrets), "CN", lambda: at(0), lambda: None)
    store = Store(engine, Admission(tombstones, erasures, "CN"))
    if vectors:
        store.use_vectors()
    return Handler(store, "CN", lambda: at(0))


async def stitched(handler: Handler, events: Sequence[Delivery], data_dir: Path) -> str:
    """Events a second, and what each took."""
    batches = iter([events[start : start + _BATCH] for start in range(0, len(events), _BATCH)])

    async def one_lane() -> None:
        for batch in batches:
            await handler(batch)

    began, python, server = time.perf_counter(), time.process_time(), postgres_cpu_s(data_dir)
    await asyncio.gather(*(one_lane() for _ in range(_AT_ONCE)))
    rate = len(events) / (time.perf_counter() - began)
    each = 1e6 / len(events)
    python, server = time.process_time() - python, postgres_cpu_s(data_dir) - server
    return f"{rate:,.0f} ({python * each:.0f} µs in Python, {server * each:.0f} µs in PostgreSQL)"


async def run(customers: int, each: int, folder: Path) -> None:
    batch = events(customers, each)
    # A service does not hold what it will read: not for its garbage collector to look through.
    gc.collect()
    gc.freeze()
    print(f"{len(batch):,} events of {customers:,} customers; {machine()}")
    ways = (
        ("all", "events a second, with all", "", True),
        ("days", "without marks of days", "days_came days_changed days_went", True),
        ("texts", "without vectors", "", False),
        ("bare", "without triggers and vectors", "ALL", False),
    )
    # PostgreSQL takes what follows a comma in the path of its socket for another path.
    for own, label, disabled, vectors in ways:
        with embedded_postgres(folder / own) as url:
            settings = Settings(database_url=SecretStr(url), data_dir=folder)
            engine = create_engine(settings, "benchmark")
            await migrate(engine, [COMMON, MIGRATIONS])
            async with engine.begin() as connection:
                for name in disabled.split():
                    alter = f"ALTER TABLE journey.event DISABLE TRIGGER {name}"
                    await connection.execute(text(alter))
            secrets = SecretBox.open_or_create((), folder)
            said = await stitched(member(engine, secrets, vectors=vectors), batch, folder / own)
            print(f"{label}: {said}")
            if vectors:
                await fold(engine, customers)
                per_event(await sizes(engine), len(batch))
            await engine.dispose()


async def fold(engine: AsyncEngine, customers: int) -> None:
    tombstones = Tombstones("journey")
    folding = Folding(engine, tombstones, Lifecycles(), lambda: at(9000), lambda: None)
    folding.use_key_secret(b"k" * 32)
    began = time.perf_counter()
    while not await folding.step():
        pass
    took = time.perf_counter() - began
    print(f"journeys folded: {customers / took:.0f} a second")


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.journeys")
    parser.add_argument("--customers", type=int, default=2000)
    parser.add_argument("--events", type=int, default=15)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(options.customers, options.events, Path(folder)))


if __name__ == "__main__":
    main()
