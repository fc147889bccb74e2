"""One run of a year: its database, its replicas, what passes, and the verdict."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg
from aiohttp import web
from pydantic import SecretStr

from heedful.alerting.main import MIGRATIONS
from heedful.common.db import create_engine, migrate
from heedful.common.db.migrate import COMMON
from heedful.common.settings import Settings
from tests.integration.alerting.year.driving import REPLICAS, Driver, Passed, Tell
from tests.integration.alerting.year.fleet import Fleet
from tests.integration.alerting.year.judging import Verdict, judged
from tests.integration.alerting.year.parts import NOW, Parts
from tests.integration.alerting.year.payloads import time
from tests.integration.alerting.year.preparing import prepare
from tests.integration.alerting.year.reading import Connection
from tests.integration.alerting.year.scene import Year

HEARD: Final = "a receiver heard every notice, under one id and in one form"
_KEYS: Final = "year:" + base64.b64encode(b"y" * 32).decode()


@dataclass(frozen=True, slots=True)
class Wish:
    """How a year is to pass.

    Attributes:
        kill_every: so many jobs of all replicas for one kill.
        deliver: whether notices are sent to a receiver, or stay rows of a table.
        seconds: it may take so long; then it is judged as far as it has come.
    """

    kill_every: int
    deliver: bool
    seconds: float = float("inf")


@dataclass(frozen=True, slots=True)
class Report:
    passed: Passed
    verdict: Verdict
    replicas: int


async def run(year: Year, wish: Wish, url: str, folder: Path, tell: Tell) -> Report:
    """Let a year pass on an empty database, and judge what is left.

    Args:
        folder: for keys, and for what replicas write on standard error.
        tell: takes a line now and then.
    """
    environment = {
        "HEEDFUL_DATABASE_URL": url,
        "HEEDFUL_DATA_DIR": str(folder),
        "HEEDFUL_SECRET_KEYS": _KEYS,
    }
    settings = Settings(
        database_url=SecretStr(url), data_dir=folder, secret_keys=(SecretStr(_KEYS),)
    )
    engine = create_engine(settings, "year")
    database = await asyncpg.connect(url)
    try:
        await migrate(engine, [COMMON, MIGRATIONS])
        parts = Parts("year", engine, settings)
        await parts.use_secrets()
        NOW.set(time(year.start))
        async with _receiving() as heard:
            await prepare(parts, year, heard.url)
            fleet = Fleet(REPLICAS, url, environment, folder / "replicas.log")
            try:
                await fleet.start()
                driver = Driver(
                    year, fleet, parts, database, tell,
                    kill_every=wish.kill_every, deliver=wish.deliver,
                )  # fmt: skip
                passed = await driver.perform(wish.seconds)
            finally:
                await fleet.stop()
        tell("the year is over; the oracle begins")
        verdict = await judged(parts, database, year, passed, environment, delivered=wish.deliver)
        if wish.deliver:
            verdict.wrong[HEARD] = await heard.missed(database)
        return Report(passed, verdict, fleet.started)
    finally:
        await database.close()
        await engine.dispose()


class _Receiver:
    """Takes webhooks; remembers each id with its body."""

    def __init__(self) -> None:
        self.url = ""
        self._bodies: dict[str, bytes] = {}
        self._wrong: list[str] = []

    async def take(self, request: web.Request) -> web.Response:
        name, body = request.headers["webhook-id"], await request.read()
        if self._bodies.setdefault(name, body) != body:
            self._wrong.append(f"{name} came with another body")
        return web.Response(status=204)

    async def missed(self, database: Connection) -> list[str]:
        sent = await database.fetch("SELECT id FROM alerting.delivery WHERE state = 'delivered'")
        names = {row["id"] for row in sent}
        lost = [f"{name} was not heard" for name in sorted(names - self._bodies.keys())]
        return [*self._wrong, *lost]


@asynccontextmanager
async def _receiving() -> AsyncIterator[_Receiver]:
    receiver = _Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield receiver
    finally:
        await runner.cleanup()
