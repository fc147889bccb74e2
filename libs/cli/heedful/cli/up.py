"""`heedful up`: the whole platform, its console included, in one process on one port."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import click
import uvloop
from pydantic import SecretStr

from heedful.alerting.main import build as alerting
from heedful.cli import demo
from heedful.cli.local import caller_key, local_signing_key, localized, shell_key
from heedful.cli.postgres import FOLDER, LocalPostgres, local_postgres
from heedful.common.environment import load
from heedful.common.errors import ConfigurationError, HeedfulError
from heedful.common.logging import configure
from heedful.common.serve import Milestones, serve
from heedful.common.service import Build, Periodic, Service
from heedful.common.settings import Settings
from heedful.console.main import build as console
from heedful.ingest.main import build as ingest
from heedful.journey.main import build as journey
from heedful.nlp.main import build as nlp

log = logging.getLogger(__name__)

_LOG_FILE = "heedful.log"
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  # recognised, not listened on
_LOOK_EVERY_S = 1.0
# Recovery of a large log may take its time.
_LOOK_STALL_S = 150.0


def run(*, with_demo: bool, log_file: Path | None) -> None:
    """Serve until Ctrl-C or SIGTERM; drains, then returns.

    Raises:
        ConfigurationError: a setting is wrong, or the data folder cannot be used.
    """
    settings = load(Settings)
    # On a laptop the receiver of a webhook and the server that is asked are on the laptop.
    os.environ.setdefault("HEEDFUL_ALERTING__ALLOW_PRIVATE_TARGETS", "true")
    os.environ.setdefault("HEEDFUL_INGEST__ALLOW_PRIVATE_TARGETS", "true")
    with contextlib.ExitStack() as stack:
        log_path = log_file or settings.data_dir / _LOG_FILE
        stream = stack.enter_context(_opened(log_path)) if str(log_path) != "-" else sys.stderr
        configure(settings.log_level, settings.log_format, stream)
        builds: list[Build] = [ingest, nlp, journey, alerting, console]
        if settings.database_url is None:
            click.echo(f"PostgreSQL starts in {settings.data_dir / FOLDER}")
            # Until it serves, SIGTERM ends it as Ctrl-C does: PostgreSQL must not be left behind.
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            server = stack.enter_context(local_postgres(settings.data_dir))
            builds.append(lambda _: _kept_running(server))
            url = server.url
        else:
            url = settings.database_url.get_secret_value()
        shown = Shown(log_path, shell_key(settings))
        if settings.http.port:
            os.environ.setdefault("HEEDFUL_JOURNEY__EMBED_URL", _own_url(settings))
        # The console of a laptop is reached without TLS, and has a key of its own.
        os.environ.setdefault("HEEDFUL_WEB__SECURE_COOKIES", "false")
        os.environ.setdefault("HEEDFUL_WEB__SIGNING_KEY", local_signing_key(settings.data_dir))
        signing = SecretStr(os.environ["HEEDFUL_WEB__SIGNING_KEY"])
        uvloop.run(_serve(builds, localized(settings, url, signing), with_demo, shown))
    click.echo(f"Drained and stopped. The data stays in {settings.data_dir}")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a person at the terminal is told of this run."""

    log: Path
    key: str


async def _serve(
    builds: Sequence[Build], settings: Settings, with_demo: bool, shown: Shown
) -> None:
    tasks: list[asyncio.Task[None]] = []

    def waiting(server: str, why: str) -> None:
        click.echo(f"Waiting for {server}: {why}")

    def ready(url: str) -> None:
        click.echo(f"heedful is ready at {url} (console: {url}/board, API: {url}/docs)")
        click.echo(f"Logs: {shown.log}")
        if with_demo:
            key = caller_key(settings)
            targets = demo.Targets(url, url, url, key, shown.key, console=url)
            tasks.append(asyncio.create_task(_demo(targets)))
        else:
            click.echo("Ctrl-C drains and stops.")

    def stopping() -> None:
        for task in tasks:
            task.cancel()
        click.echo("\nStopping: open requests and the work in hand are finished first.")

    try:
        await serve("heedful", builds, settings, Milestones(waiting, ready, stopping))
    finally:
        await asyncio.gather(*tasks, return_exceptions=True)


async def _demo(targets: demo.Targets) -> None:
    try:
        await demo.replay(targets)
    except HeedfulError as error:
        click.echo(f"The example feedback could not be replayed: {error}", err=True)
    click.echo("\nheedful keeps running. Ctrl-C drains and stops; the data stays.")


def _own_url(settings: Settings) -> str:
    """Where a part of this process reaches the others."""
    host = settings.http.host
    if host in _EVERYWHERE:
        host = "127.0.0.1"
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.http.port}"


def _kept_running(server: LocalPostgres) -> Service:
    """Start PostgreSQL again when it has ended: nobody else looks after it in this form."""

    async def look() -> float:
        if not await asyncio.to_thread(server.alive):
            log.error("PostgreSQL has ended, it is started again")
            await asyncio.to_thread(server.start)
        return _LOOK_EVERY_S

    return Service(name=FOLDER, routers=[], background=[Periodic("postgres", look, _LOOK_STALL_S)])


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        stream = path.open("a")
    except OSError as error:
        raise ConfigurationError(
            f"cannot write the log {path.absolute()} ({error.strerror}); set HEEDFUL_DATA_DIR to "
            "a folder that can be written, or give --log-file (- is standard error)"
        ) from error
    try:
        yield stream
    finally:
        # Of a full disk its end is lost, and nothing else.
        with contextlib.suppress(OSError):
            stream.close()
