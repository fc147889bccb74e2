"""`heedful nlp export-corrections`: what people corrected, as training data."""

from datetime import datetime
from typing import IO

import click
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.cli.connected import run_on_database
from heedful.cli.times import moment
from heedful.common.settings import Settings
from heedful.nlp import store_corrections
from heedful.nlp.exported import ExportedCorrection
from heedful.nlp.main import MIGRATIONS


@click.command("export-corrections")
@click.option("--since", callback=moment, help="Corrected since: ISO 8601, or e.g. 30d or 12h.")
@click.option("--tenant", help="Of this tenant alone.")
@click.argument("target", type=click.File("wb", lazy=False))
def export_corrections(since: datetime | None, tenant: str | None, target: IO[bytes]) -> None:
    """Write corrections into TARGET, one JSON line each, oldest first; a dash is standard output.

    The lines hold what customers said. Corrections whose words were erased are left out. Train on
    them with `python -m heedful.nlp.train --corrections TARGET`.
    """

    written = 0

    async def export(engine: AsyncEngine, _settings: Settings) -> None:
        nonlocal written
        written = await _write(engine, tenant, since, target)

    run_on_database(export, MIGRATIONS)
    click.echo(f"{written:,} corrections", err=True)


async def _write(
    engine: AsyncEngine, tenant: str | None, since: datetime | None, target: IO[bytes]
) -> int:
    written = 0
    async with engine.connect() as connection:
        async for stored in store_corrections.since(connection, tenant, since):
            target.write(ExportedCorrection.of(stored).model_dump_json().encode() + b"\n")
            written += 1
    return written
