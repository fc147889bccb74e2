"""`heedful enrich IN.jsonl OUT.jsonl`: label a file offline."""

import sys
from pathlib import Path

import click

from heedful.cli.enrich_lines import Chunk, Labeller
from heedful.cli.enrich_output import Output
from heedful.cli.progress import shown
from heedful.cli.resuming import CannotGoOn
from heedful.common.environment import load
from heedful.nlp.pipeline import Pipeline
from heedful.nlp.settings import NlpSettings

_STREAM = "-"
_TOLD_LINES = 20


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
    size = source.stat().st_size
    bar = shown("lines", total=size, done=reached.read_bytes, count=reached.lines)
    with output, source.open("rb") as lines, bar as show:
        lines.seek(reached.read_bytes)
        for chunk in labeller.chunks(lines, reached.lines):
            output.write(chunk, lines.tell())
            bad = _tell(chunk, bad, _TOLD_LINES)
            show(output.reached.read_bytes, output.reached.lines)
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
