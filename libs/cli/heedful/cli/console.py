"""`heedful console`: its local accounts, and its key."""

import asyncio
import base64
from datetime import UTC, datetime

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.cli.connected import run_with_database
from heedful.common.db import migrate
from heedful.common.security.roles import Role
from heedful.console.accounts import passwords, store
from heedful.console.accounts.store import Account
from heedful.console.main import MIGRATIONS
from heedful.console.sessions import store as sessions

_ROW = "{:<24} {:<16} {:<9} {:<9} {}"
_ROLES = [role.value for role in Role]


@click.group()
def console() -> None:
    """Local accounts of the console, and the key that it signs with."""


@console.command("add")
@click.argument("account")
@click.option("--tenant", required=True, help="Whose cases this person works on.")
@click.option("--role", required=True, type=click.Choice(_ROLES))
@click.option("--name", help="As others see it; the account's own where none is given.")
def add(account: str, tenant: str, role: str, name: str | None) -> None:
    """Make an account. Its password is shown once; only its scrypt hash is stored."""
    password = passwords.made()

    async def run(engine: AsyncEngine) -> None:
        await migrate(engine, [MIGRATIONS])
        kept = await asyncio.to_thread(passwords.hashed, password)
        made = Account(tenant, account, name or account, Role(role), kept)
        async with engine.begin() as connection:
            if not await store.add(connection, made, datetime.now(UTC)):
                raise click.ClickException(
                    f"there is an account {account}: choose another name, or give it a new "
                    f"password with `heedful console password {account}`"
                )
        _show(account, password)

    run_with_database(run)


@console.command("password")
@click.argument("account")
def password(account: str) -> None:
    """Give an account a new password, and end its sessions. Also unlocks it."""
    made = passwords.made()

    async def run(engine: AsyncEngine) -> None:
        await migrate(engine, [MIGRATIONS])
        kept = await asyncio.to_thread(passwords.hashed, made)
        async with engine.begin() as connection:
            found = await store.find(connection, account)
            if found is None:
                raise _unknown(account)
            await store.set_password(connection, account, kept, datetime.now(UTC))
            await sessions.end_all(connection, found.tenant, found.id)
        _show(account, made)

    run_with_database(run)


@console.command("disable")
@click.argument("account")
def disable(account: str) -> None:
    """Let nobody sign in with an account, and end its sessions. What it did stays on record."""

    async def run(engine: AsyncEngine) -> None:
        await migrate(engine, [MIGRATIONS])
        async with engine.begin() as connection:
            found = await store.find(connection, account)
            if found is None:
                raise _unknown(account)
            await store.disable(connection, account, datetime.now(UTC))
            await sessions.end_all(connection, found.tenant, found.id)
        click.echo(f"disabled {account}")

    run_with_database(run)


@console.command("list")
@click.option("--tenant", help="Of this one only.")
def list_accounts(tenant: str | None) -> None:
    """Local accounts; who comes through an identity provider has none."""

    async def run(engine: AsyncEngine) -> None:
        await migrate(engine, [MIGRATIONS])
        click.echo(_ROW.format("account", "tenant", "role", "state", "name"))
        async with engine.connect() as connection:
            for one in await store.of_tenant(connection, tenant):
                state = "disabled" if one.disabled_at else "open"
                click.echo(_ROW.format(one.id, one.tenant, one.role.value, state, one.name))

    run_with_database(run)


@console.command("key")
@click.option("--id", "name", default="console-1", help="Of the key, as tokens name it.")
def key(name: str) -> None:
    """Make a key for the console: one variable for it, one for every service."""
    private = Ed25519PrivateKey.generate()
    click.echo("# a secret, of the console alone")
    click.echo(f"HEEDFUL_WEB__SIGNING_KEY={name}:{_base64(private.private_bytes_raw())}")
    click.echo("# of every service")
    public = _base64(private.public_key().public_bytes_raw())
    click.echo(f"HEEDFUL_CONSOLE__PUBLIC_KEYS={name}:{public}")


def _show(account: str, made: str) -> None:
    click.echo(f"account:  {account}\npassword: {made}\nThe password is shown this once.")


def _unknown(account: str) -> click.ClickException:
    return click.ClickException(
        f"there is no account {account}; `heedful console list` shows all, "
        "`heedful console add` makes one"
    )


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
