"""`heedful`: the command line. Each command imports what it needs when it runs."""

import importlib
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import click

from heedful.common import algebra, collector
from heedful.common.errors import HeedfulError
from heedful.common.version import service_version


@dataclass(frozen=True, slots=True)
class _Place:
    module: str
    name: str
    help: str


_PLACES = {
    "asyncapi": _Place("documents", "asyncapi_command", "Print the AsyncAPI document."),
    "audit": _Place("audit", "audit", "Verify or export the audit of cases and changes."),
    "console": _Place("console", "console", "Accounts of the console, and its key."),
    "demo": _Place("demo", "demo_command", "Replay the example feedback against an instance."),
    "dlq": _Place("dlq", "dlq", "Look at dead letters, and send them again."),
    "enrich": _Place("enrich", "enrich_command", "Label a JSONL file offline."),
    "import": _Place(
        "importing", "import_command", "Import reviews and posts from CSV, Excel or JSONL."
    ),
    "erasure": _Place("erasure", "erasure", "What was erased, and whether its record is whole."),
    "insights": _Place("insights", "insights", "What only stitched journeys tell, with a plot."),
    "journeys": _Place("journeys", "journeys", "Check a lifecycle, and fold journeys anew."),
    "keys": _Place("keys", "keys", "Create, list, rotate and revoke API keys."),
    "load": _Place("load.command", "load_command", "Post by the clock, and say how long it took."),
    "migrate": _Place("admin", "migrate_command", "Bring the database to the newest version."),
    "nlp": _Place("nlp", "nlp", "Enrich again what was said before, export corrections."),
    "offsets": _Place("offsets", "offsets", "Set consumers back after a restored database."),
    "policy": _Place("policy", "policy", "Check the light's policy, and try another one."),
    "quotas": _Place("quotas", "quotas", "How much a key or a tenant may ask for."),
    "report": _Place("report", "report", "The monthly report of the closed loop."),
    "search": _Place("search", "search", "Index what customers said."),
    "simulate": _Place("simulate", "simulate_command", "Write a business whose causes are known."),
    "topics": _Place("admin", "topics", "Create or export the topics."),
}


class _LazyGroup(click.Group):
    """Loads a command's module only when that command is asked for: `heedful version` is quick,
    and a command whose extra is missing does not break the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *_PLACES])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        found = super().get_command(ctx, cmd_name)
        place = _PLACES.get(cmd_name)
        if found is not None or place is None:
            return found
        command: click.Command = getattr(_import(f"heedful.cli.{place.module}"), place.name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        known = {name: command.get_short_help_str() for name, command in self.commands.items()}
        known |= {name: place.help for name, place in _PLACES.items()}
        with formatter.section("Commands"):
            formatter.write_dl(sorted(known.items()))


def _import(module: str) -> ModuleType:
    if (known := sys.modules.get(module)) is not None:
        return known
    try:
        algebra.one_thread()
        with collector.loading():
            return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise click.ClickException(
            f"this command needs {error.name}, of the extra `all`: in a checkout, "
            "pip install '.[all]'"
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
