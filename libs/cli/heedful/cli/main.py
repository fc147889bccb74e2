"""`heedful`: the command line. Each command imports what it needs when it runs."""

import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import ClassVar

import click

from heedful.common.errors import HeedfulError
from heedful.common.runtime.deadletter import service_version


class _LazyGroup(click.Group):
    """Loads a command's module only when that command is asked for: `heedful version` is quick,
    and a command whose extra is missing does not break the others."""

    _PLACES: ClassVar = {
        "asyncapi": ("heedful.cli.documents", "asyncapi_command"),
        "keys": ("heedful.cli.admin", "keys_command"),
        "migrate": ("heedful.cli.admin", "migrate_command"),
        "topics": ("heedful.cli.admin", "topics"),
        "demo": ("heedful.cli.demo", "demo_command"),
        "enrich": ("heedful.cli.enrich", "enrich_command"),
    }

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *self._PLACES])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        found = super().get_command(ctx, cmd_name)
        if found is not None or cmd_name not in self._PLACES:
            return found
        module, name = self._PLACES[cmd_name]
        command: click.Command = getattr(_import(module), name)
        return command


def _import(module: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise click.ClickException(
            f"this command needs {error.name}: pip install 'heedful[all]'"
        ) from error


@click.group(cls=_LazyGroup)
def cli() -> None:
    """heedful hears what customers say on every channel and makes sure that somebody answers."""


@cli.command()
@click.option("--demo", is_flag=True, help="Replay the bundled example feedback once ready.")
@click.option(
    "--log-file",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="Default: heedful.log in the data folder; - is standard error.",
)
def up(demo: bool, log_file: Path | None) -> None:
    """Run all four services in one process, with an embedded bus and database."""
    module = _import("heedful.cli.up")
    module.run(with_demo=demo, log_file=log_file)


@cli.command()
def version() -> None:
    """Print the version."""
    click.echo(service_version())


def main() -> None:
    """Entry point; errors that heedful raises on purpose are told in one line."""
    try:
        cli()
    except HeedfulError as error:
        click.echo(f"heedful: {error}", err=True)
        sys.exit(1)
