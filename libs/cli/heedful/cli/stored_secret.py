"""Secrets of the database that commands use and never make."""

import click
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.common.security.secrets import SecretBox
from heedful.common.settings import Settings


async def stored_secret(
    connection: AsyncConnection, settings: Settings, name: str, service: str
) -> bytes:
    """The instance secret of this name. The service makes it, with the right secret keys.

    Raises:
        ClickException: the service has never started on this database.
        ConfigurationError: the keys here do not open it.
    """
    sealed = await connection.scalar(
        text("SELECT sealed FROM common.instance_secret WHERE name = :name"), {"name": name}
    )
    if sealed is None:
        raise click.ClickException(f"{service} has never started on this database")
    box = SecretBox.existing(settings.secret_keys, settings.data_dir)
    return box.open(bytes(sealed), name)
