"""`heedful journeys`: check a lifecycle, and fold journeys anew."""

from pathlib import Path

import click
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.cli.connected import run_on_database
from heedful.common.settings import Settings
from heedful.journey import database, store_journeys
from heedful.journey.lifecycle.lifecycle_file import open_lifecycles
from heedful.journey.main import MIGRATIONS


@click.group()
def journeys() -> None:
    """The stages of customers' journeys."""


@journeys.command("check")
@click.argument("path", type=click.Path(path_type=Path, exists=True))
def check(path: Path) -> None:
    """Check a lifecycle file, or a folder of them, as HEEDFUL_JOURNEY__LIFECYCLE takes it."""
    for one in open_lifecycles(path):
        whose = ", ".join(one.tenants) or "every tenant without its own"
        stages = " → ".join(f"{stage.zh} {stage.en}" for stage in one.stages)
        click.echo(f"version {one.version}, of {whose}: {stages}; {len(one.rules)} rules")


@journeys.command("rebuild")
@click.option("--tenant", help="Of this tenant alone.")
def rebuild(tenant: str | None) -> None:
    """Fold every journey anew from the events. The running journey service does it; what there is
    stays readable meanwhile."""

    async def mark(engine: AsyncEngine, _: Settings) -> None:
        async with database.begin(engine) as connection:
            count = await store_journeys.mark_all(connection, tenant)
        click.echo(f"{count} journeys are folded anew while journey runs")

    run_on_database(mark, MIGRATIONS)
