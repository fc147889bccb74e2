"""`heedful journeys`: check a lifecycle, and fold journeys anew."""

from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.cli.connected import run_on_database
from heedful.cli.insights_asking import PATH, Query, answer_of, instance, of_instance
from heedful.cli.journeys_patterns import written
from heedful.cli.times import moment
from heedful.common.settings import Settings
from heedful.journey import database, store_journeys
from heedful.journey.insights.report import Report
from heedful.journey.insights_reading import store_packs
from heedful.journey.lifecycle.lifecycle_file import open_lifecycles
from heedful.journey.main import MIGRATIONS
from heedful.journey.spoken import Tone


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
        for pattern in one.signals.patterns:
            click.echo(f"  tells until {pattern.ends_at:%Y-%m-%d} of {pattern.name}")


@journeys.command("rebuild")
@click.option("--tenant", help="Of this tenant alone.")
def rebuild(tenant: str | None) -> None:
    """Fold every journey and pack every day anew from the events. The running journey service does
    it; journeys stay readable meanwhile, and insights read what is not packed from the events."""

    async def mark(engine: AsyncEngine, _: Settings) -> None:
        async with database.begin(engine) as connection:
            count = await store_journeys.mark_all(connection, tenant)
            await store_packs.touch_all(connection, tenant)
        click.echo(f"{count} journeys are folded anew while journey runs")

    run_on_database(mark, MIGRATIONS)


@journeys.command("patterns")
@click.option("--from", "since", callback=moment, help="E.g. 2026-01-01T00:00:00Z, or 90d.")
@click.option("--to", "until", callback=moment, help="Not included. Default: now.")
@click.option(
    "--tone",
    type=click.Choice([one.value for one in Tone]),
    default=Tone.BLAME.value,
    show_default=True,
    help="Which feedback makes steps.",
)
@click.option("--look-back-days", type=float, default=60, show_default=True)
@click.option("--follow-days", type=float, default=60, show_default=True)
@of_instance
def patterns(
    since: datetime | None,
    until: datetime | None,
    tone: str,
    look_back_days: float,
    follow_days: float,
    url: str,
    key: str | None,
) -> None:
    """Print the patterns that surely lead to their outcome, as `signals` of a lifecycle file.

    Asks the insight `patterns` of a running instance. Keep the ones that somebody should act on.
    """
    query: Query = [
        *((n, v.isoformat()) for n, v in (("from", since), ("to", until)) if v is not None),
        ("tone", tone),
        ("look_back_days", look_back_days),
        ("follow_days", follow_days),
    ]
    with instance(url, key) as client:
        answer = answer_of(client, f"{PATH}/patterns", query)
    report = Report.model_validate_json(answer.content)
    measured = (report.until or datetime.now(UTC)).date()
    click.echo(written(report, Tone(tone), look_back_days, follow_days, measured), nl=False)
