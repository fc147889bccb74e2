"""`heedful enrich IN.jsonl OUT.jsonl`: label a file offline."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from heedful.cli.enrich_lines import CHUNK_LINES, Chunk, Labeller
from heedful.cli.enrich_output import CannotGoOn, Output, Reached
from heedful.common.environment import load
from heedful.nlp.pipeline import Pipeline
from heedful.nlp.settings import NlpSettings

_STREAM = "-"
_TOLD_LINES = 20
_PLAIN_EVERY = 5000


@click.command("enrich")
@click.argument("source", type=click.Path(dir_okay=False, exists=True, allow_dash=True))
@click.argument("target", type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--overwrite", is_flag=True, help="Write TARGET anew, whatever is there.")
def enrich_command(source: str, target: str, overwrite: bool) -> None:
    """Label SOURCE (JSONL with id, text, optional channel, score, occurred_at) into TARGET.

    A run that was cut off goes on where it stopped when the same command is given again; until it
    has ended, TARGET.progress says how far it is. A line that cannot be read is told by its
    number, kept with its reason in TARGET.errors, and makes the command end with exit code 1; all
    others are written, in their order. A dash stands for standard input or output; such a run
    cannot be resumed.
    """
    settings = load(NlpSettings)
    # Evidence points into the lines that were given.
    backend = settings.backend.value
    pipeline = Pipeline.load(
        backend, policy=settings.policy, taxonomy=settings.taxonomy, mask_names=False
    )
    labeller = Labeller(pipeline, settings.workers)
    if _STREAM in (source, target):
        bad = _streams(labeller, source, target)
    else:
        bad = _files(labeller, Path(source), Path(target), overwrite)
    if bad:
        where = "above" if target == _STREAM else f"in {target}.errors"
        raise click.ClickException(f"{bad:,} lines were not labelled: their reasons are {where}")


def _streams(labeller: Labeller, source: str, target: str) -> int:
    bad = 0
    with click.open_file(source, "rb") as lines, click.open_file(target, "wb") as labelled:
        for chunk in labeller.chunks(lines):
            labelled.write(chunk.labelled)
            labelled.flush()
            bad = _tell(chunk, bad, sys.maxsize)
    return bad


def _files(labeller: Labeller, source: Path, target: Path, overwrite: bool) -> int:
    try:
        output = Output.open(source, target, labeller.versions, overwrite=overwrite)
    except CannotGoOn as error:
        raise click.ClickException(str(error)) from error
    reached = output.reached
    if reached.lines:
        click.echo(f"going on behind line {reached.lines:,}", err=True)
    bad = reached.bad
    with output, source.open("rb") as lines, _shown(source, reached) as show:
        lines.seek(reached.read_bytes)
        for chunk in labeller.chunks(lines, reached.lines):
            output.write(chunk, lines.tell())
            bad = _tell(chunk, bad, _TOLD_LINES)
            show(output.reached)
        output.finish()
    return bad


def _tell(chunk: Chunk, told: int, most: int) -> int:
    for one in chunk.bad:
        told += 1
        if told <= most:
            click.echo(f"line {one.number}: {one.reason}", err=True)
        elif told == most + 1:
            click.echo("more lines cannot be read; they are not told one by one", err=True)
    return told


@contextmanager
def _shown(source: Path, begun: Reached) -> Iterator[Callable[[Reached], None]]:
    """Show how far it is: a bar on a terminal, a line now and then elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _plain
        return
    columns = (
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[lines]:,} lines, {task.fields[rate]:,.0f} a second,"),
        TimeRemainingColumn(),
        TextColumn("left"),
    )
    with Progress(*columns, console=console) as progress:
        size = source.stat().st_size
        task = progress.add_task("", total=size, completed=begun.read_bytes, lines=0, rate=0.0)

        def show(reached: Reached) -> None:
            took = progress.tasks[0].elapsed or 1e-9
            rate = (reached.lines - begun.lines) / took
            progress.update(task, completed=reached.read_bytes, lines=reached.lines, rate=rate)

        yield show


def _plain(reached: Reached) -> None:
    if reached.lines // _PLAIN_EVERY > (reached.lines - CHUNK_LINES) // _PLAIN_EVERY:
        click.echo(f"{reached.lines:,} lines", err=True)
