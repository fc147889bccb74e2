"""`heedful up`: the whole platform in one process on one port."""

import asyncio
import contextlib
import os
import sys
from pathlib import Path

import click
import uvloop

from heedful.alerting.main import build as alerting
from heedful.cli import demo
from heedful.cli.local import first_key, localized
from heedful.cli.postgres import embedded_postgres
from heedful.common.errors import HeedfulError
from heedful.common.logging import configure
from heedful.common.serve import Running, serve
from heedful.common.settings import Settings, load
from heedful.ingest.main import build as ingest
from heedful.journey.main import build as journey
from heedful.nlp.main import build as nlp

_LOG_FILE = "heedful.log"


def run(*, with_demo: bool, log_file: Path | None) -> None:
    """Serve until Ctrl-C or SIGTERM; drains, then returns."""
    settings = load(Settings)
    # On a laptop the receiver of a webhook is on the laptop.
    os.environ.setdefault("HEEDFUL_ALERTING__ALLOW_PRIVATE_TARGETS", "true")
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        log_path = log_file or settings.data_dir / _LOG_FILE
        log = stack.enter_context(log_path.open("a")) if str(log_path) != "-" else sys.stderr
        configure(settings.log_level, settings.log_format, log)
        if settings.database_url is None:
            click.echo(f"PostgreSQL starts in {settings.data_dir / 'postgres'}")
            url = stack.enter_context(embedded_postgres(settings.data_dir))
        else:
            url = settings.database_url.get_secret_value()
        uvloop.run(_serve(localized(settings, url), with_demo, log_path))
    click.echo("Drained and stopped. The data stays in " + str(settings.data_dir))


async def _serve(settings: Settings, with_demo: bool, log_path: Path) -> None:
    tasks: list[asyncio.Task[None]] = []

    def ready(running: Running) -> None:
        click.echo(f"heedful is ready at {running.url} (docs: {running.url}/docs)")
        click.echo(f"Logs: {log_path}")
        if with_demo:
            tasks.append(asyncio.create_task(_demo(running.url, first_key(settings))))
        else:
            click.echo("Ctrl-C drains and stops.")

    try:
        await serve("heedful", [ingest, nlp, journey, alerting], settings, ready)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _demo(url: str, key: str) -> None:
    targets = demo.Targets(ingest=url, journey=url, alerting=url, key=key)
    try:
        await demo.replay(targets)
    except (HeedfulError, demo.DemoFailed) as error:
        click.echo(f"The example feedback could not be replayed: {error}", err=True)
    click.echo("\nheedful keeps running. Ctrl-C drains and stops; the data stays.")
