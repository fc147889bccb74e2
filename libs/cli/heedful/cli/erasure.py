"""`heedful erasure`: what was erased, and whether the record of it is whole."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import click
import orjson
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from heedful.cli.connected import run_on_database
from heedful.cli.stored_secret import stored_secret
from heedful.common.settings import Settings
from heedful.journey import record, store_erasures, store_record
from heedful.journey.main import MIGRATIONS
from heedful.journey.obeyed import SERVICES, obeyed
from heedful.journey.open_erasures import OVERDUE_AFTER
from heedful.journey.record import Entry, Signer, faults
from heedful.journey.store_erasures import Stored
from heedful.journey.verification import Verified, entries, verify

_KEY_BYTES = 32
Work = Callable[[AsyncConnection, Settings], Awaitable[None]]


@click.group("erasure")
def erasure() -> None:
    """Customers who were erased, and the signed record of it."""


@erasure.command("list")
@click.option("--tenant", help="Of this tenant alone.")
@click.option("--open", "only_open", is_flag=True, help="Those that a service has yet to obey.")
def list_erasures(tenant: str | None, only_open: bool) -> None:
    """Erasures, the newest first, each with the services that have not answered."""

    async def show(connection: AsyncConnection, _settings: Settings) -> None:
        now = datetime.now(UTC)
        for name in [tenant] if tenant else await store_record.tenants(connection):
            found = await store_erasures.page(
                connection,
                name,
                complete=False if only_open else None,
                late=None,
                after=None,
                limit=None,
            )
            recorded = await store_record.of_erasures(connection, [one.id for one in found])
            for one in found:
                click.echo(_line(one, recorded[one.id], now))

    _run(show)


@erasure.command("export")
@click.option("--tenant", required=True)
@click.argument("target", type=click.File("wb", lazy=False))
def export(tenant: str, target: IO[bytes]) -> None:
    """Write the record of a tenant into TARGET, one JSON line for each entry; a dash is standard
    output. Keep it elsewhere: what is in it cannot be taken out of the database unnoticed."""

    async def write(connection: AsyncConnection, _settings: Settings) -> None:
        async for entry in entries(connection, tenant):
            told = {
                "body": entry.body,
                "digest": entry.digest.hex(),
                "signature": entry.signature.hex(),
            }
            target.write(orjson.dumps(told) + b"\n")

    _run(write)


@erasure.command("key")
def key() -> None:
    """Print the public key that the record is signed with (Ed25519, hexadecimal)."""

    async def show(connection: AsyncConnection, settings: Settings) -> None:
        click.echo((await _own_key(connection, settings)).hex())

    _run(show)


@erasure.command("verify")
@click.option("--public-key", help="Verify FILE with this key alone, without a database.")
@click.argument("what", required=False)
def verify_command(public_key: str | None, what: str | None) -> None:
    """Check signatures and completeness: of all, of the tenant of the erasure with this ID, or of
    an exported FILE, of which the database must still have every entry."""
    path = Path(what) if what and Path(what).is_file() else None
    if public_key is not None:
        if path is None:
            raise click.UsageError("--public-key needs an exported FILE")
        _tell(path.name, len(kept := _read(path)), faults(kept, _key_of(public_key)))
        return

    async def check(connection: AsyncConnection, settings: Settings) -> None:
        own_key = await _own_key(connection, settings)
        if path is not None:
            kept = _read(path)
            wrong = faults(kept, own_key) + await _taken_out(connection, kept)
            _tell(path.name, len(kept), wrong)
            return
        tenants = await store_record.tenants(connection)
        if what is not None:
            tenants = [await _tenant_of(connection, what)]
        found = [await verify(connection, tenant, own_key) for tenant in tenants]
        for one in found:
            _say(one)
        if any(one.faults for one in found):
            raise click.exceptions.Exit(1)

    _run(check)


def _run(work: Work) -> None:
    async def connected(engine: AsyncEngine, settings: Settings) -> None:
        async with engine.connect() as connection:
            await work(connection, settings)

    run_on_database(connected, MIGRATIONS)


async def _own_key(connection: AsyncConnection, settings: Settings) -> bytes:
    secret = await stored_secret(connection, settings, record.SECRET, "journey")
    return Signer(secret).public_key


def _line(one: Stored, recorded: list[Entry], now: datetime) -> str:
    silent = [
        each.service
        for each in obeyed(recorded, one.parts)
        if each.service in SERVICES and not each.complete
    ]
    state = "complete" if one.completed_at else "pending"
    if state == "pending" and now - one.asked_at > OVERDUE_AFTER:
        state = "OVERDUE"
    waiting = f"  waits for {', '.join(silent)}" if silent else ""
    return f"{one.requested_at:%FT%TZ}  {one.id}  {one.tenant}  {state}{waiting}"


def _say(one: Verified) -> None:
    _tell_lines(
        f"{one.tenant}: {one.entries} entries of {one.erasures} erasures, the newest "
        f"{one.head[:16] or 'none'}",
        one.faults,
    )


def _tell(name: str, count: int, wrong: list[str]) -> None:
    _tell_lines(f"{name}: {count} entries", wrong)
    if wrong:
        raise click.exceptions.Exit(1)


def _tell_lines(what: str, wrong: list[str] | tuple[str, ...]) -> None:
    click.echo(what + (": whole" if not wrong else ""))
    for fault in wrong:
        click.echo(f"  {fault}")


def _read(path: Path) -> list[Entry]:
    try:
        lines = [orjson.loads(line) for line in path.read_bytes().splitlines() if line]
        return [
            Entry(one["body"], bytes.fromhex(one["digest"]), bytes.fromhex(one["signature"]))
            for one in lines
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise click.ClickException(
            f"{path} is no export of the record; `heedful erasure export` makes one"
        ) from error


def _key_of(written: str) -> bytes:
    try:
        key = bytes.fromhex(written)
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise click.UsageError("--public-key is 64 hexadecimal digits; see `heedful erasure key`")
    return key


async def _taken_out(connection: AsyncConnection, kept: list[Entry]) -> list[str]:
    """Entries of an export that the database does not have any more."""
    here: set[bytes] = set()
    for tenant in {str(entry.said.get("tenant")) for entry in kept}:
        here |= {entry.digest async for entry in entries(connection, tenant)}
    return [
        f"entry {entry.position} is not in the database any more"
        for entry in kept
        if entry.digest not in here
    ]


async def _tenant_of(connection: AsyncConnection, erasure_id: str) -> str:
    recorded = (await store_record.of_erasures(connection, [erasure_id]))[erasure_id]
    if not recorded:
        raise click.ClickException(f"there is neither an erasure nor a file {erasure_id}")
    return str(recorded[0].said.get("tenant"))
