"""Commands of operators: migrations and topics."""

import asyncio
import importlib

import click
import orjson

from heedful.cli.connected import run_with_database
from heedful.cli.local import command_settings
from heedful.common.db import Migrations, migrate
from heedful.common.db.migrate import COMMON
from heedful.common.serve import open_bus
from heedful.common.settings import Settings
from heedful.common.topics import DLQ_RETENTION, SEGMENT, TOPICS

_WITH_SCHEMA = ("ingest", "nlp", "journey", "alerting", "console")


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
    run_with_database(lambda engine: migrate(engine, histories), prepared=False)
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
            "segment_ms": int(SEGMENT.total_seconds() * 1000),
            "cleanup_policy": "delete",
            "key": topic.key,
            "event_type": topic.event_type,
        }
        for topic in TOPICS
        for name, retention in ((topic.name, topic.retention), (topic.dlq, DLQ_RETENTION))
    ]
    click.echo(orjson.dumps(exported, option=orjson.OPT_INDENT_2).decode())
