"""`heedful search`: index what came before there was an index."""

import click
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.cli.connected import run_on_database
from heedful.common.settings import Settings
from heedful.journey import database, store_texts
from heedful.journey.main import MIGRATIONS

_AT_ONCE = 500


@click.group()
def search() -> None:
    """What customers said, to be searched."""


@search.command("rebuild")
def rebuild() -> None:
    """Index feedback that is not indexed yet, label what was indexed before texts had labels, and
    make the table of vectors where PostgreSQL has pgvector. Can be interrupted and run again;
    journey must start anew to use new vectors."""

    async def work(engine: AsyncEngine, _: Settings) -> None:
        indexed = labelled = placed = 0
        while more := await _step(engine, store_texts.index_more):
            indexed += more
        while more := await _step(engine, store_texts.label_more):
            labelled += more
        async with database.begin(engine) as connection:
            vectors = await store_texts.make_vectors(connection)
        while vectors and (more := await _step(engine, store_texts.place_more)):
            placed += more
        click.echo(f"{indexed} texts indexed, {labelled} labelled, {placed} vectors placed")
        if not vectors:
            click.echo(
                "search goes by words alone: PostgreSQL has no pgvector 0.7 or later; install it, "
                "let a superuser run CREATE EXTENSION vector, and run this again"
            )

    run_on_database(work, MIGRATIONS)


async def _step(engine: AsyncEngine, do: store_texts.Step) -> int:
    async with database.begin(engine) as connection:
        return await do(connection, _AT_ONCE)
