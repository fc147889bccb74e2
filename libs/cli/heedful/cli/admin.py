"""Commands of operators: migrations, topics, keys."""

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

import click
import orjson
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.cli.local import command_settings
from heedful.common.db import Migrations, create_engine, migrate, ping, require_migrated
from heedful.common.db.migrate import COMMON
from heedful.common.security import Scope, keys
from heedful.common.serve import open_bus
from heedful.common.settings import Settings
from heedful.common.topics import DLQ_RETENTION, TOPICS

_WITH_SCHEMA = ("ingest", "nlp", "journey", "alerting")


@click.command("migrate")
def migrate_command() -> None:
    """Bring the schemas of the installed services to their newest version."""
    histories = [COMMON]
    for name in _WITH_SCHEMA:
        try:
            found: Migrations = importlib.import_module(f"heedful.{name}.main").MIGRATIONS
        except ModuleNotFoundError as error:
            click.echo(f"skipped {name}: {error.name} is not installed", err=True)
        else:
            histories.append(found)
    _with_engine(lambda engine: migrate(engine, histories), prepared=False)
    click.echo("migrated: " + ", ".join(history.schema for history in histories))


@click.group()
def topics() -> None:
    """The topics of the registry."""


@topics.command("create")
def create_topics() -> None:
    """Create missing topics and dead letter queues; existing ones stay as they are."""

    async def create(settings: Settings) -> None:
        bus = open_bus(settings, "heedful-topics")
        await bus.start()
        try:
            await bus.create_topics(TOPICS)
        finally:
            await bus.stop()

    with command_settings() as settings:
        asyncio.run(create(settings))
    for topic in TOPICS:
        click.echo(f"{topic.name}\n{topic.dlq}")


@topics.command("export")
def export_topics() -> None:
    """Print the registry as JSON, for whoever creates topics elsewhere."""
    exported = [
        {
            "name": name,
            "partitions": topic.partitions,
            "retention_ms": int(retention.total_seconds() * 1000),
            "cleanup_policy": "delete",
            "key": topic.key,
            "event_type": topic.event_type,
        }
        for topic in TOPICS
        for name, retention in ((topic.name, topic.retention), (topic.dlq, DLQ_RETENTION))
    ]
    click.echo(orjson.dumps(exported, option=orjson.OPT_INDENT_2).decode())


@click.group("keys")
def keys_command() -> None:
    """API keys of tenants."""


@keys_command.command("create")
@click.option("--tenant", required=True)
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice(["*", *(scope.value for scope in Scope)]),
    help="May be given several times; * is all.",
)
def create_key(tenant: str, scopes: Sequence[str]) -> None:
    """Make a key. It is shown once; only its digest is stored."""

    async def create(engine: AsyncEngine) -> None:
        key_id, key = await keys.create(engine, tenant, scopes, datetime.now(UTC))
        click.echo(f"id:  {key_id}\nkey: {key}\nStore the key now: it is not shown again.")

    _with_engine(create)


@keys_command.command("revoke")
@click.argument("key_id")
def revoke_key(key_id: str) -> None:
    """Revoke a key by its id; it stops working within ten seconds."""

    async def revoke(engine: AsyncEngine) -> None:
        if not await keys.revoke(engine, key_id, datetime.now(UTC)):
            raise click.ClickException(f"there is no active key {key_id}")
        click.echo(f"revoked {key_id}")

    _with_engine(revoke)


def _with_engine(work: Callable[[AsyncEngine], Awaitable[None]], *, prepared: bool = True) -> None:
    """Do work on the database; `prepared` migrates what commands use first, unless the settings
    leave that to another user."""

    async def run(settings: Settings) -> None:
        engine = create_engine(settings, "heedful-cli")
        try:
            await ping(engine)
            if prepared:
                await (migrate if settings.migrate_at_start else require_migrated)(engine, [COMMON])
            await work(engine)
        finally:
            await engine.dispose()

    with command_settings() as settings:
        asyncio.run(run(settings))
