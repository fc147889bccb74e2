"""Deliveries per second to a local receiver: claimed, signed, sent, answered, logged.

One delivery loop in this process on a fresh PostgreSQL from its wheel (fsync on); the receiver is
a process of its own and checks nothing. Counted is what the table says in the end: every delivery
delivered, each with its row in the log. Beside it stands the client alone: as many signed
requests by the same session, nothing claimed and nothing stored. Rounds alternate.

    python benchmarks/deliveries.py --notices 6000 --rounds 3
"""

import argparse
import asyncio
import contextlib
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import uvloop
from aiohttp import web
from pydantic import SecretStr
from sqlalchemy import text

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.support import free_port, machine, median, spread, table
from heedful.alerting import store_deliveries, store_endpoints, webhook
from heedful.alerting.announcing import SERVICE
from heedful.alerting.composing import Style, Told, compose
from heedful.alerting.database import Database
from heedful.alerting.deliveries import DeliveryLoop
from heedful.alerting.delivery_records import Account, Frozen
from heedful.alerting.endpoint import DEFAULT_ZONE, Endpoint
from heedful.alerting.endpoint_kinds import EndpointKind, Language
from heedful.alerting.endpoint_rows import Sealed
from heedful.alerting.formats import FORMATS
from heedful.alerting.links import Links
from heedful.alerting.links.carrying import CarriedLinks
from heedful.alerting.main import MIGRATIONS
from heedful.alerting.samples import sample
from heedful.alerting.sending import Sender
from heedful.alerting.webhook import EventType
from heedful.cli.postgres import embedded_postgres
from heedful.common.db import create_engine, migrate
from heedful.common.db.migrate import COMMON
from heedful.common.erasure import Tombstones
from heedful.common.http.targets import TargetPolicy
from heedful.common.security.secrets import SecretBox
from heedful.common.settings import Settings

TIMEOUT_S = 15.0
AT_ONCE = 1_000
READY_TRIES = 300
TENANT = "benchmark"
ENDPOINT = "ep"
_LEFT = text("SELECT count(*) FROM alerting.delivery WHERE state <> 'delivered'")
_LOGGED = text(
    "SELECT count(*) FROM alerting.attempt a JOIN alerting.delivery d ON d.id = a.delivery_id"
    " WHERE a.status = 204"
)


def receive(port: int) -> None:
    """Answer everything with 204."""

    async def take(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(status=204)

    uvloop.install()
    app = web.Application()
    app.router.add_post("/hook", take)
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=lambda _: None)


@contextlib.contextmanager
def receiver() -> Iterator[str]:
    """The URL of a receiver in a process of its own."""
    port = free_port()
    process = multiprocessing.get_context("spawn").Process(target=receive, args=(port,))
    process.start()
    try:
        yield f"http://127.0.0.1:{port}/hook"
    finally:
        process.terminate()
        process.join()


@dataclass(frozen=True, slots=True)
class Run:
    """Where deliveries go, and how many at one time."""

    database: Database
    secrets: SecretBox
    url: str
    concurrency: int

    def sender(self) -> Sender:
        return Sender(
            self.secrets,
            TargetPolicy(allow_private=True),
            None,
            timeout_seconds=TIMEOUT_S,
            connections=self.concurrency,
        )

    @property
    def sealed(self) -> bytes:
        return self.secrets.seal(webhook.new_secret().encode(), f"endpoint:{ENDPOINT}")


async def prepare(run: Run) -> None:
    """The endpoint; waits until the receiver answers.

    Raises:
        SystemExit: it does not.
    """
    async with run.database.begin() as (connection, now):
        made = Endpoint(ENDPOINT, TENANT, run.url, None, (), True, now)
        await store_endpoints.insert(connection, made, Sealed(run.sealed))
    for _ in range(READY_TRIES):
        if await clients(run, 1):
            return
        await asyncio.sleep(0.1)
    raise SystemExit("the receiver does not answer")


async def clients(run: Run, count: int) -> float:
    """Requests per second of the client alone; 0 when one failed."""
    async with run.database.begin() as (_, now):
        pass
    account = Account(
        id=ENDPOINT,
        kind=EndpointKind.STANDARD,
        url=run.url,
        sealed=run.sealed,
        sealed_url=None,
        sealed_previous=None,
        keyword=None,
        language=Language.ZH,
        timezone=DEFAULT_ZONE,
        own=None,
    )
    told = Told("w1", sample(EventType.OPENED, TENANT, now).body())
    style = Style(Language.ZH, DEFAULT_ZONE)
    sender, places = run.sender(), asyncio.Semaphore(run.concurrency)

    async def send() -> bool:
        async with places:
            message, _ = compose(told, FORMATS[account.kind], style)
            return (await sender.send(account, message, now)).status == 204

    started = time.perf_counter()
    answers = await asyncio.gather(*(send() for _ in range(count)))
    spent = time.perf_counter() - started
    await sender.close()
    return count / spent if all(answers) else 0.0


async def deliver(run: Run, count: int) -> float:
    """Deliveries per second, from the first claim to the last row of the log."""
    await fill(run, count)
    woken = asyncio.Event()
    loop = DeliveryLoop(
        run.database,
        run.sender(),
        "benchmark",
        links=CarriedLinks(run.database, run.secrets, Links(None, timedelta(days=1))),
        concurrency=run.concurrency,
        timeout_seconds=TIMEOUT_S,
        woken=woken.set,
    )
    started = time.perf_counter()
    while await left(run):
        deadline = time.perf_counter() + 1.0
        while time.perf_counter() < deadline:
            woken.clear()
            wait = await loop.step()
            if not loop.busy:
                break
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), wait)
    spent = time.perf_counter() - started
    await loop.stop()
    async with run.database.begin() as (connection, _):
        logged = (await connection.execute(_LOGGED)).scalar_one()
        await connection.execute(text("TRUNCATE alerting.attempt, alerting.delivery"))
    if logged != count:
        raise SystemExit(f"{logged} of {count} deliveries are in the log")
    return count / spent


async def left(run: Run) -> int:
    async with run.database.begin() as (connection, _):
        found: int = (await connection.execute(_LEFT)).scalar_one()
    return found


async def fill(run: Run, count: int) -> None:
    """Deliveries that are due."""
    async with run.database.begin() as (connection, now):
        notice = sample(EventType.OPENED, TENANT, now, "https://heedful.example.com/v1/cases/c")
        for start in range(0, count, AT_ONCE):
            cases = [f"case-{number}" for number in range(start, min(start + AT_ONCE, count))]
            due = [
                Frozen(
                    id=notice.webhook_id(case),
                    tenant=TENANT,
                    case_id=case,
                    endpoint_id=ENDPOINT,
                    type=notice.type,
                    body=replace(notice, case_id=case).body(),
                    urgent=True,
                )
                for case in cases
            ]
            await store_deliveries.insert_frozen(connection, now, due)
        await connection.execute(text("ANALYZE alerting.delivery"))


async def measure(url: str, data_dir: Path, options: argparse.Namespace) -> None:
    settings = Settings(database_url=SecretStr(url), data_dir=data_dir)
    engine = create_engine(settings, "benchmark")
    await migrate(engine, [COMMON, MIGRATIONS])
    secrets = SecretBox.open_or_create(settings.secret_keys, data_dir)
    with receiver() as hook:
        run = Run(Database(engine, Tombstones(SERVICE)), secrets, hook, options.concurrency)
        await prepare(run)
        whole, alone = list[float](), list[float]()
        for _ in range(options.rounds):
            alone.append(await clients(run, options.notices))
            whole.append(await deliver(run, options.notices))
    await engine.dispose()
    report(options, whole, alone)


def report(options: argparse.Namespace, whole: list[float], alone: list[float]) -> None:
    print(f"{machine()}; {options.notices} notices, {options.concurrency} at one time")
    rows = [
        [name, f"{median(rates):,.0f}", spread(rates), f"{median(rates) / median(alone):.2f}"]
        for name, rates in (("client alone, signed", alone), ("claimed, sent, logged", whole))
    ]
    table(["", "per second", "rounds", "ratio"], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notices", type=int, default=6_000)
    parser.add_argument("--concurrency", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder)
        with embedded_postgres(data_dir) as url:
            uvloop.run(measure(url, data_dir, options))


if __name__ == "__main__":
    main()
