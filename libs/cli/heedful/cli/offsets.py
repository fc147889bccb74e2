"""`heedful offsets`: where the groups of consumers stand in Kafka, and how they are set back."""

import asyncio
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.table import Table

from heedful.cli.times import moment
from heedful.common.bus.kafka.rewind import GroupInUse, Rewind, Rewinding
from heedful.common.environment import load
from heedful.common.settings import Settings


@click.group("offsets")
def offsets() -> None:
    """Where consumers stand in the log."""


@offsets.command("rewind")
@click.option(
    "--to",
    "to",
    required=True,
    callback=moment,
    help="When every consumer had caught up, before the backup began: an ISO-8601 time, or how "
    "long ago (2h). Earlier does no harm.",
)
@click.option(
    "--group",
    "groups",
    multiple=True,
    help="As often as needed; default: every group of heedful that has committed.",
)
@click.option("--execute", is_flag=True, help="Set them; without it they are only shown.")
def rewind_command(to: datetime, groups: tuple[str, ...], execute: bool) -> None:
    """Have consumers read again what was written since a moment, after a database was restored.

    Only with Kafka, and only while the services are stopped. A group is never set forward. What
    it reads again and has handled before it knows again, and leaves. The embedded log needs
    nothing of this: it lies in the database, and its groups stand where the backup has them.
    """
    settings = load(Settings)
    if not settings.kafka.bootstrap_servers:
        raise click.ClickException(
            "HEEDFUL_KAFKA__BOOTSTRAP_SERVERS is not set, and the embedded log needs no rewinding: "
            "it is restored with its database"
        )
    try:
        found = asyncio.run(_rewound(Rewinding(settings.kafka), to, groups, execute))
    except GroupInUse as error:
        raise click.ClickException(str(error)) from error
    _show(found, to)
    if not execute:
        click.echo("Nothing was changed: give --execute to set the groups back.")


async def _rewound(
    rewinding: Rewinding, to: datetime, groups: tuple[str, ...], execute: bool
) -> list[Rewind]:
    found = await rewinding.plan(to, groups)
    if execute:
        await rewinding.execute(found)
    return found


def _show(found: list[Rewind], to: datetime) -> None:
    table = Table(title=f"Groups set back to {to.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
    for name in ("group", "topic", "partition", "stands at", "goes to", "read again"):
        table.add_column(name, justify="left" if name in ("group", "topic") else "right")
    for one in found:
        again = one.committed - one.target
        numbers = (one.partition, one.committed, one.target, again)
        table.add_row(one.group, one.topic, *(f"{number:,}" for number in numbers))
    Console().print(table)
    click.echo(f"{sum(one.committed - one.target for one in found):,} records are read again.")
    for one in found:
        if one.cut:
            click.echo(
                f"{one.topic} {one.partition}: the log begins after that moment. What was written "
                "between is gone from Kafka and cannot be read again.",
                err=True,
            )
