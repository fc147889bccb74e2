"""`heedful audit`: whether anybody has changed what happened."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import IO, Final

import click
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from heedful.alerting.audit import exporting, store_chains
from heedful.alerting.audit.anchors import SECRET, Signer
from heedful.alerting.audit.verification import Broken, Tally, Verification, kept_elsewhere
from heedful.alerting.main import MIGRATIONS
from heedful.cli import audit_anchors
from heedful.cli.connected import run_on_database
from heedful.cli.progress import shown
from heedful.cli.stored_secret import stored_secret
from heedful.cli.times import moment
from heedful.common import administration
from heedful.common.settings import Settings

_AT_ONCE: Final = 500
Work = Callable[[AsyncConnection, bytes], Awaitable[None]]


@click.group("audit")
def audit() -> None:
    """What happened to cases and what was administered: whether the record of it is whole."""


@audit.command("verify")
@click.option("--tenant", help="Of this tenant alone.")
@click.option(
    "--since", callback=moment, help="What has changed since: ISO 8601, or e.g. 30d or 12h."
)
@click.option(
    "--anchors",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Anchors that were kept elsewhere: a log of alerting, or an export.",
)
def verify_command(tenant: str | None, since: datetime | None, anchors: Path | None) -> None:
    """Check every link of every chain and every anchor, and name what does not hold. The exit code
    is 0 when all is whole and 1 when something is broken."""
    broken = 0

    async def check(connection: AsyncConnection, public_key: bytes) -> None:
        nonlocal broken
        for name in await _tenants(connection, tenant):
            broken += await _verify(connection, public_key, name, since)
        if anchors is not None:
            broken += await _compare(connection, public_key, anchors, tenant)

    _run(check)
    if broken:
        raise click.exceptions.Exit(1)


@audit.command("export")
@click.option("--tenant", help="Of this tenant alone.")
@click.option("--words", is_flag=True, help="With the words of events: a customer's, maybe.")
@click.argument("target", type=click.File("wb", lazy=False))
def export(tenant: str | None, words: bool, target: IO[bytes]) -> None:
    """Write all chains and anchors into TARGET, one JSON line each; a dash is standard output.

    Whoever has the file can verify it without heedful. Words are left out, so that it can be kept
    longer than a customer's words may be.
    """

    async def write(connection: AsyncConnection, public_key: bytes) -> None:
        target.write(exporting.about(public_key))
        for name in await _tenants(connection, tenant):
            async for line in exporting.lines(connection, name, words=words):
                target.write(line)

    _run(write)


@audit.command("key")
def key() -> None:
    """Print the public key that anchors are signed with (Ed25519, hexadecimal)."""

    async def show(_connection: AsyncConnection, public_key: bytes) -> None:
        click.echo(public_key.hex())

    _run(show)


def _run(work: Work) -> None:
    async def connected(engine: AsyncEngine, settings: Settings) -> None:
        async with _snapshot(engine) as connection:
            secret = await stored_secret(connection, settings, SECRET, "alerting")
            await work(connection, Signer(secret).public_key)

    run_on_database(connected, MIGRATIONS)


@asynccontextmanager
async def _snapshot(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """What is read fits together, whatever is written meanwhile."""
    async with engine.connect() as connection:
        yield await connection.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )


async def _tenants(connection: AsyncConnection, only: str | None) -> list[str]:
    found = await store_chains.tenants(connection)
    if only is None:
        return found
    if only not in found:
        raise click.ClickException(f"there is nothing of a tenant {only!r} in alerting")
    return [only]


async def _verify(
    connection: AsyncConnection, public_key: bytes, tenant: str, since: datetime | None
) -> int:
    """Verify a tenant and say what was found; how many chains are broken."""
    tally, found = Tally(), list[Broken]()
    total = await store_chains.count(connection, tenant, since)
    with shown("chains", total=total, done=0, count=0) as show:

        def told() -> None:
            reached = tally.cases + tally.entries
            show(min(reached, total), reached)

        verification = Verification(connection, public_key, since, tally, told)
        async for one in verification.tenant(tenant):
            found.append(one)
    state = f"{len(found):,} BROKEN" if found else "whole"
    newest = tally.heads.get(tenant, "none")
    click.echo(
        f"{tenant}: {tally.cases:,} cases with {tally.events:,} events, {tally.entries:,} changes, "
        f"{tally.anchors:,} anchors, the newest {newest[:16]}: {state}"
    )
    _say(found)
    await _say_waiting(connection, tenant)
    return len(found)


async def _compare(
    connection: AsyncConnection, public_key: bytes, path: Path, tenant: str | None
) -> int:
    kept = (one for one in audit_anchors.read(path) if tenant in (None, one.tenant))
    count, found = 0, list[Broken]()
    while page := list(islice(kept, _AT_ONCE)):
        count += len(page)
        found += await kept_elsewhere(connection, page, public_key)
    if not count:
        raise click.ClickException(
            f"{path} has no anchors: give log lines of alerting as JSON, or a file of "
            "`heedful audit export`"
        )
    state = f"{len(found):,} BROKEN" if found else "all of them are there"
    click.echo(f"{path}: {count:,} anchors: {state}")
    _say(found)
    return len(found)


async def _say_waiting(connection: AsyncConnection, tenant: str) -> None:
    """What no chain has yet is nothing broken; where it stays, no alerting runs."""
    entries, since = await administration.waiting(connection, tenant)
    if since is not None:
        click.echo(
            f"  {tenant}: {entries:,} changes of other services wait for alerting to link them, "
            f"since {since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        )


def _say(found: list[Broken]) -> None:
    for one in found:
        fault = one.fault
        click.echo(f"  {one.tenant}, {one.chain}, {fault.position}: {fault.how}: {fault.said}")
