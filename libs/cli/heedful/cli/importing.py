"""`heedful import FILE`: reviews, posts and old feedback from CSV, Excel and JSON lines."""

import sys
from collections.abc import Sequence
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any, BinaryIO, Final

import click
from click.core import ParameterSource
from pydantic import ValidationError
from rich.console import Console

from heedful.cli import importing_show as show
from heedful.cli.importing_options import file_options
from heedful.cli.importing_output import Output, Places, Reached, digest_of, earlier
from heedful.cli.importing_quarantine import Quarantine
from heedful.cli.importing_run import PARTS, check, done, send
from heedful.cli.importing_tally import Tally
from heedful.cli.local import caller_key
from heedful.cli.posting import CutOff, NotThere, Refused, Sender, greet, opened
from heedful.cli.progress import shown
from heedful.cli.resuming import CannotGoOn
from heedful.common.environment import load
from heedful.common.errors import ConfigurationError
from heedful.common.settings import Settings
from heedful.common.wording import describe
from heedful.ingest.importing.layout import Hints
from heedful.ingest.importing.plan import Options, Plan
from heedful.ingest.importing.proposal import Proposal, propose
from heedful.ingest.importing.reading import Reading
from heedful.ingest.importing.records import Limits, Unreadable
from heedful.ingest.importing.report import HEADER, Counts, Line, written
from heedful.ingest.imports import new_import_id

_SOME_REJECTED: Final = 1
_LIMITS: Final = Limits()
_BESIDE_RESUME: Final = frozenset({"source_file", "resume", "url", "key", "report", "yes"})


class NothingDone(click.ClickException):
    """The file or an option is wrong."""

    exit_code = 2


class Stopped(click.ClickException):
    """The import was cut off; it can go on."""

    exit_code = 3


@click.command("import")
@click.argument(
    "source_file",
    metavar="FILE",
    type=click.Path(dir_okay=False, exists=True, readable=True, path_type=Path),
)
@file_options
@click.option("--dry-run", is_flag=True, help="Show what would become of every row; send nothing.")
@click.option("--yes", is_flag=True, help="Do not ask; what is in doubt is taken as guessed.")
@click.option("--resume", is_flag=True, help="Go on with an import of FILE that was cut off.")
@click.option("--overwrite", is_flag=True, help="Begin anew, over the report that is there.")
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Default: FILE.report.csv; of a dry run none.",
)
@click.option(
    "--url", default="http://127.0.0.1:8080", show_default=True, help="Where ingest answers."
)
@click.option(
    "--key",
    envvar="HEEDFUL_IMPORT_KEY",
    help="API key; default: from HEEDFUL_API_KEYS, or of the data folder.",
)
@click.pass_context
def import_command(
    context: click.Context,
    /,
    source_file: Path,
    dry_run: bool,
    yes: bool,
    resume: bool,
    overwrite: bool,
    report: Path | None,
    url: str,
    key: str | None,
    **said: Any,
) -> None:
    """Import reviews, posts or old feedback from FILE (CSV, Excel .xlsx, JSON lines).

    What each column becomes is guessed from its name and its values, and shown with its reason
    before anything is sent. The report says of every row what became of it. Ends with 0 when every
    row is in, 1 when some were rejected, 2 when nothing was done, 3 when it was cut off: the same
    command with --resume goes on.
    """
    console = Console()
    place = report or source_file.with_name(f"{source_file.name}.report.csv")
    try:
        with source_file.open("rb") as file:
            if dry_run:
                _dry_run(console, file, said, report)
                return
            if resume:
                _refuse_other_options(context)
                reached = _unfinished(source_file, place)
                if context.get_parameter_source("url") is ParameterSource.DEFAULT:
                    url = reached.url
            else:
                _refuse_earlier(place, overwrite)
                plan = _agreed(console, file, said, url, yes)
                reached = Reached(
                    import_id=new_import_id(),
                    digest=digest_of(source_file),
                    url=url,
                    plan=plan,
                    counts=Counts(),
                    report_bytes=0,
                )
            _import(console, file, reached, place, _Target(url, key))
    except (Unreadable, CannotGoOn, ConfigurationError, NotThere, OSError) as error:
        raise NothingDone(str(error)) from error


class _Target:
    """Where rows go; the key is looked up when it is needed: a dry run needs none."""

    def __init__(self, url: str, key: str | None) -> None:
        self.url = url
        self._key = key

    @property
    def key(self) -> str:
        return caller_key(load(Settings)) if self._key is None else self._key


def _dry_run(console: Console, file: BinaryIO, said: dict[str, Any], report: Path | None) -> None:
    plan = _shown(console, file, said)[1]
    reading, tally = Reading(file, plan, _LIMITS), Tally()
    target = nullcontext() if report is None else report.open("wb")
    with target as lines_of, shown("rows", total=PARTS, done=0, count=0) as bar:
        if lines_of is not None:
            lines_of.write(HEADER)

        def take(lines: list[Line]) -> None:
            tally.take(lines)
            if lines_of is not None:
                lines_of.write(written(lines))
            bar(done(reading), tally.counts.rows)

        first = check(reading, take)
    console.print("\nThe first rows:")
    show.items(console, first)
    console.print("\nNothing was sent.")
    _end(console, reading, tally, [], report)


def _proposed(file: BinaryIO, said: dict[str, Any]) -> tuple[Proposal, Options]:
    if said.get("source") is None:
        raise NothingDone("say with --source which system the rows come from")
    try:
        options = Options.model_validate({name: said[name] for name in Options.model_fields})
        hints = Hints.model_validate({name: said[name] for name in Hints.model_fields})
    except ValidationError as error:
        raise NothingDone(describe(error)) from error
    return propose(file, hints, options, _LIMITS), options


def _shown(console: Console, file: BinaryIO, said: dict[str, Any]) -> tuple[Proposal, Plan]:
    """The proposal, which the user has seen."""
    found, options = _proposed(file, said)
    show.proposal(console, found, options)
    if found.plan is None:
        raise NothingDone("something is missing; see above")
    return found, found.plan


def _agreed(console: Console, file: BinaryIO, said: dict[str, Any], url: str, yes: bool) -> Plan:
    """The plan, when the user wants it."""
    found, plan = _shown(console, file, said)
    if yes:
        return plan
    if sys.stdin.isatty():
        click.confirm(f"Import these rows to {url}?", abort=True)
    elif found.doubts:
        raise NothingDone(
            "some of it is only guessed; say it with --map and the like, or agree with --yes"
        )
    return plan


def _refuse_other_options(context: click.Context) -> None:
    """The plan of the earlier run holds."""
    given = [
        name
        for name in context.params
        if name not in _BESIDE_RESUME
        and context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    ]
    if given:
        names = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        raise NothingDone(f"with --resume the options of the earlier run hold; leave out {names}")


def _unfinished(source: Path, report: Path) -> Reached:
    reached = earlier(source, report)
    if reached is None:
        raise NothingDone(f"no import of {source} was cut off; leave out --resume")
    click.echo(f"going on behind row {reached.counts.last_row:,}", err=True)
    return reached


def _refuse_earlier(report: Path, overwrite: bool) -> None:
    if overwrite:
        return
    if Places(report).progress.exists():
        raise NothingDone(
            "an import of this file was cut off; --resume goes on, --overwrite begins anew (rows "
            "that are in are then told as duplicates)"
        )
    if report.exists():
        raise NothingDone(f"{report} is there already; --overwrite writes it anew")


def _import(
    console: Console, file: BinaryIO, reached: Reached, report: Path, target: _Target
) -> None:
    reading, tally = Reading(file, reached.plan, _LIMITS), Tally(reached.counts)
    with opened(target.url, target.key) as client:
        greet(client)
        sender = Sender(client)
        quarantine = Quarantine(sender, reached.import_id, reached.plan)
        bar = shown("rows", total=PARTS, done=0, count=reached.counts.rows)
        with closing(Output(report, reached)) as output, bar as show_progress:

            def write(lines: list[Line]) -> None:
                tally.take(lines)
                output.write(lines, tally.counts)
                show_progress(done(reading), tally.counts.rows)

            try:
                send(reading, sender, quarantine, reached.counts.last_row, write)
            except (CutOff, Refused, KeyboardInterrupt) as error:
                raise _stopped(error, output, tally.counts) from error
            output.finish()
    rejected = tally.counts.rejected
    kept = show.quarantined(reached.import_id, quarantine.left_out) if rejected else []
    _end(console, reading, tally, kept, report)


def _stopped(error: BaseException, output: Output, counts: Counts) -> click.ClickException:
    if isinstance(error, Refused) and not counts.rows:
        output.discard()
        return NothingDone(str(error))
    return Stopped(
        f"{str(error) or 'stopped'}\nstopped behind row {counts.last_row:,}; the same command with "
        "--resume goes on"
    )


def _end(
    console: Console, reading: Reading, tally: Tally, kept: Sequence[str], report: Path | None
) -> None:
    stopped = None if reading.stopped is None else str(reading.stopped)
    show.outcome(console, tally, reading.merged, stopped, kept, report)
    if tally.counts.rejected or stopped:
        sys.exit(_SOME_REJECTED)
