"""`heedful nlp export-corrections`: what people corrected, as training data."""

import asyncio
from datetime import datetime
from typing import IO

import click
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.cli.local import command_settings
from heedful.cli.times import moment
from heedful.common.db import create_engine, migrate, ping, require_migrated
from heedful.common.db.migrate import COMMON
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

    async def run(settings: Settings) -> int:
        engine = create_engine(settings, "heedful-cli")
        try:
            await ping(engine)
            prepare = migrate if settings.migrate_at_start else require_migrated
            await prepare(engine, [COMMON, MIGRATIONS])
            return await _write(engine, tenant, since, target)
        finally:
            await engine.dispose()

    with command_settings() as settings:
        written = asyncio.run(run(settings))
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
