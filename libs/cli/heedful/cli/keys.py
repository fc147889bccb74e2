"""`heedful keys`: API keys of tenants."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import click
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.cli.acting import operator
from heedful.cli.connected import run_with_database
from heedful.cli.times import duration
from heedful.common.security import key_store
from heedful.common.security.addresses import Network, network
from heedful.common.security.keys import known_scopes
from heedful.common.security.stored_key import KeyTerms, MadeKey, StoredKey

_PAGE = 500
_ROW = "{:<15} {:<16} {:<20} {:<9} {:<17} {:<17} {}"
_NO_OVERLAP = timedelta()


def _networks(
    _context: click.Context, _option: click.Parameter, values: Sequence[str]
) -> tuple[Network, ...]:
    try:
        return tuple(network(value) for value in values)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@click.group()
def keys() -> None:
    """API keys of tenants."""


@keys.command("create")
@click.option("--tenant", required=True)
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice(sorted(known_scopes())),
    help="May be given several times; * is all.",
)
@click.option("--name", default="", help="What it is for.")
@click.option("--expires", callback=duration, help="After how long it ends, e.g. 90d.")
@click.option(
    "--allow-ip",
    "allowed_ips",
    multiple=True,
    callback=_networks,
    help="Network that it may be used from, e.g. 203.0.113.0/24; may be given several times.",
)
def create(
    tenant: str,
    scopes: Sequence[str],
    name: str,
    expires: timedelta | None,
    allowed_ips: tuple[Network, ...],
) -> None:
    """Make a key. It is shown once; only its digest is stored."""

    async def run(engine: AsyncEngine) -> None:
        now = datetime.now(UTC)
        terms = KeyTerms(
            tenant=tenant,
            scopes=frozenset(scopes),
            name=name,
            expires_at=None if expires is None else now + expires,
            allowed_ips=allowed_ips,
        )
        _show(await key_store.create(engine, terms, now, operator()))

    run_with_database(run)


@keys.command("list")
@click.option("--tenant", help="Of this one only.")
def list_keys(tenant: str | None) -> None:
    """Keys that are stored, the newest first; those of HEEDFUL_API_KEYS are not."""

    async def run(engine: AsyncEngine) -> None:
        click.echo(_ROW.format("id", "tenant", "name", "state", "expires", "last used", "scopes"))
        now, after = datetime.now(UTC), None
        while True:
            page = await key_store.page(engine, tenant, after, _PAGE)
            for one in page:
                click.echo(_line(one, now))
            if len(page) < _PAGE:
                return
            after = (page[-1].created_at, page[-1].id)

    run_with_database(run)


@keys.command("rotate")
@click.argument("key_id")
@click.option(
    "--overlap",
    default="24h",
    show_default=True,
    callback=duration,
    help="How long the old key goes on to work.",
)
@click.option("--expires", callback=duration, help="After how long the new one ends.")
def rotate(key_id: str, overlap: timedelta | None, expires: timedelta | None) -> None:
    """Make a key's successor. Both work until the overlap is over."""

    async def run(engine: AsyncEngine) -> None:
        now = datetime.now(UTC)
        try:
            made = await key_store.rotate(
                engine,
                key_id,
                overlap or _NO_OVERLAP,
                now,
                operator(),
                expires_at=None if expires is None else now + expires,
            )
        except key_store.NotRotated as error:
            raise click.ClickException(str(error)) from error
        if made is None:
            raise click.ClickException(f"there is no key {key_id}")
        _show(made)
        old = await key_store.get(engine, key_id)
        click.echo(f"{key_id} ends at {_time(old.terms.expires_at if old else None)}")

    run_with_database(run)


@keys.command("revoke")
@click.argument("key_id")
def revoke(key_id: str) -> None:
    """Revoke a key by its id; it stops working within ten seconds."""

    async def run(engine: AsyncEngine) -> None:
        if not await key_store.revoke(engine, key_id, datetime.now(UTC), operator()):
            raise click.ClickException(f"there is no active key {key_id}")
        click.echo(f"revoked {key_id}")

    run_with_database(run)


def _show(made: MadeKey) -> None:
    click.echo(
        f"id:  {made.stored.id}\nkey: {made.secret}\nStore the key now: it is not shown again."
    )


def _line(one: StoredKey, now: datetime) -> str:
    terms = one.terms
    state = "active" if one.active(now) else "ended"
    if one.active(now) and one.successor is not None:
        state = "rotated"
    return _ROW.format(
        one.id,
        terms.tenant,
        terms.name or "-",
        state,
        _time(terms.expires_at),
        _time(one.last_used_at),
        ",".join(sorted(terms.scopes)),
    )


def _time(moment: datetime | None) -> str:
    return "-" if moment is None else f"{moment.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
