"""`heedful nlp` and its `reprocess`: read again what customers said, by another model or policy."""

import logging
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.cli.connected import run_connected
from heedful.cli.corrections import export_corrections
from heedful.cli.erased import Erased, key_of
from heedful.cli.times import moment
from heedful.common.bus.base import Bus, Consumer, Record, StaleAssignment, TopicPartition
from heedful.common.bus.reading import passing_group, until_end
from heedful.common.contracts import Feedback
from heedful.common.environment import load
from heedful.nlp.pipeline import Pipeline
from heedful.nlp.records import FeedbackKey
from heedful.nlp.reprocess import Fate, Job, Reprocessor, Selection, Source
from heedful.nlp.settings import NlpSettings
from heedful.nlp.workers import Workers

log = logging.getLogger(__name__)

_BATCH = 64


@click.group("nlp")
def nlp() -> None:
    """What understanding leaves behind."""


nlp.add_command(export_corrections)


@nlp.command("reprocess")
@click.option(
    "--since", callback=moment, required=True, help="Received since: ISO 8601, or e.g. 7d or 12h."
)
@click.option("--until", callback=moment, help="Received before. Default: now.")
@click.option(
    "--model",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File of the encoder. Default: the one in the package.",
)
@click.option(
    "--from",
    "source",
    type=click.Choice([one.value for one in Source]),
    default=Source.RECEIVED.value,
    show_default=True,
    help="What ingest received, or the words in what was enriched, where that is kept longer.",
)
@click.option("--dry-run", is_flag=True, help="Say how much there is to do and do nothing.")
def reprocess(
    since: datetime, until: datetime | None, model: Path | None, source: str, dry_run: bool
) -> None:
    """Enrich again what was said in a period, and publish a new version beside the old.

    The policy is HEEDFUL_NLP__POLICY. Nobody is paged by what is made again, and no case opens.
    An interrupted run goes on where it stopped when it is started with the same period.
    """
    end = until or datetime.now(UTC)
    if since >= end:
        raise click.UsageError(f"--since {since:%FT%TZ} is not before --until {end:%FT%TZ}")
    settings = load(NlpSettings)
    pipeline = Pipeline.load(
        settings.backend.value,
        0,
        settings.policy,
        model,
        taxonomy=settings.taxonomy,
        mask_names=settings.mask_names,
        embeddings=settings.embeddings,
    )
    job = Job(Source(source), since, end, pipeline.versions)
    fates: Counter[Fate] = Counter()

    async def work(bus: Bus, engine: AsyncEngine) -> None:
        if dry_run:
            await _count(bus, job, fates)
        else:
            erased = await Erased.open(engine)
            workers = Workers(pipeline, settings.workers, settings.waiting_texts)
            reprocessor = Reprocessor(job, workers, partial(_gone, erased))
            try:
                await _publish(bus, job, reprocessor, fates)
            finally:
                await workers.close()

    if not dry_run:
        click.echo(f"if this is interrupted, go on with: {_again(job, model)}", err=True)
    run_connected(work)
    click.echo(_summary(job, fates, dry_run=dry_run))


async def _gone(erased: Erased, said: Sequence[Feedback]) -> set[FeedbackKey]:
    keys = {key: FeedbackKey.of(one) for one in said if (key := key_of(one)) is not None}
    return {keys[key] for key in await erased.among(list(keys))}


async def _count(bus: Bus, job: Job, fates: Counter[Fate]) -> None:
    selection = Selection(job)
    consumer = bus.consumer(passing_group(), [job.source.topic.name])
    async with aclosing(_batches(consumer)) as batches:
        async for records in batches:
            fates.update(selection.judge(record)[0] for record in records)


async def _publish(bus: Bus, job: Job, reprocessor: Reprocessor, fates: Counter[Fate]) -> None:
    consumer = bus.consumer(job.group, [job.source.topic.name])
    async with aclosing(_batches(consumer)) as batches:
        async for records in batches:
            found, counts = await reprocessor(records)
            if found:
                await bus.producer.send(found)
            fates.update(counts)
            try:
                await consumer.commit(_after(records))
            except StaleAssignment:
                # Somebody runs the same job beside us and does these again, under the same ids.
                log.info("partitions went to another member of this job")


async def _batches(consumer: Consumer) -> AsyncGenerator[Sequence[Record], None]:
    """What there is to read, with a progress bar on standard error."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    await consumer.start()
    try:
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("records read", total=None)
            async with aclosing(until_end(consumer, _BATCH)) as batches:
                async for records in batches:
                    if progress.tasks[task].total is None:
                        left = sum((await consumer.lag()).values())
                        progress.update(task, total=left + len(records))
                    yield records
                    progress.advance(task, len(records))
    finally:
        await consumer.stop()


def _after(records: Sequence[Record]) -> dict[TopicPartition, int]:
    """The next offset of each partition; they come in order within each."""
    return {TopicPartition(one.topic, one.partition): one.offset + 1 for one in records}


def _again(job: Job, model: Path | None) -> str:
    period = f"--since {job.since.isoformat()} --until {job.until.isoformat()}"
    chosen = f" --model {model}" if model else ""
    return f"heedful nlp reprocess {period} --from {job.source}{chosen}"


def _summary(job: Job, fates: Counter[Fate], *, dry_run: bool) -> str:
    verb = "would be published" if dry_run else "published"
    versions = ", ".join(f"{k} {v}" for k, v in job.versions.model_dump(exclude_none=True).items())
    lines = [f"{fates[Fate.PUBLISHED]} new enrichments {verb}: {versions}"]
    left = [(fate, n) for fate, n in fates.most_common() if n and fate is not Fate.PUBLISHED]
    lines += [f"  left: {count} {fate}" for fate, count in left]
    if not fates:
        lines.append(
            f"  nothing to read in {job.source.topic.name}: it holds no record, or this period "
            "was done before"
        )
    return "\n".join(lines)
