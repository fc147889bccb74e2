"""`heedful policy check|simulate`: is a policy right, and what would it have done?"""

from collections import Counter
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.cli import policy_report
from heedful.cli.connected import run_connected
from heedful.cli.enrichments import Source, enrichments
from heedful.cli.times import moment
from heedful.common.bus.base import Bus
from heedful.common.contracts import Colour
from heedful.common.environment import load
from heedful.common.topics import FEEDBACK_ENRICHED
from heedful.nlp.policy import LightPolicy
from heedful.nlp.settings import NlpSettings
from heedful.nlp.simulation import Simulation
from heedful.nlp.taxonomy_file import TaxonomyFile, open_taxonomy


@click.group("policy")
def policy() -> None:
    """The light's policy: which labels make feedback red, amber, green or grey."""


def _topics() -> TaxonomyFile:
    """The topics that a policy may ask for: those of HEEDFUL_NLP__TAXONOMY, or the shipped ones."""
    return open_taxonomy(load(NlpSettings).taxonomy)


@policy.command("check")
@click.argument("file", type=click.Path(path_type=Path))
def check(file: Path) -> None:
    """Say whether FILE can be used as HEEDFUL_NLP__POLICY, and what to mend if not."""
    found = LightPolicy.load(file, _topics())
    colours = Counter(rule.colour for rule in found.rules)
    counts = ", ".join(f"{colours[colour]} {colour}" for colour in Colour if colours[colour])
    click.echo(f"{file}: version {found.version}, {len(found.rules)} rules ({counts}): usable")


@policy.command("simulate")
@click.option(
    "--policy", "file", type=click.Path(path_type=Path), required=True, help="The policy to try."
)
@click.option(
    "--since", callback=moment, required=True, help="Received since: ISO 8601, or e.g. 30d or 12h."
)
@click.option("--until", callback=moment, help="Received before. Default: now.")
@click.option(
    "--from",
    "source",
    type=click.Choice([one.value for one in Source]),
    default=Source.LOG.value,
    show_default=True,
    help="The topic, as far as it is kept, or all that journey remembers.",
)
@click.option(
    "--examples",
    type=click.IntRange(0, 100),
    default=3,
    show_default=True,
    help="Shown of each move between two colours, with the customer's words.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
def simulate(
    file: Path,
    since: datetime,
    until: datetime | None,
    source: str,
    examples: int,
    as_json: bool,
) -> None:
    """Say what another policy would have made of what customers said.

    Which feedback would have become red and which would not, what moves between the colours, how
    often each rule is a reason, and how many cases more or fewer a day that is. Nothing is
    changed.
    """
    end = until or datetime.now(UTC)
    if since >= end:
        raise click.UsageError(f"--since {since:%FT%TZ} is not before --until {end:%FT%TZ}")
    simulation = Simulation(LightPolicy.load(file, _topics()), examples)

    async def read(bus: Bus, engine: AsyncEngine) -> None:
        found = enrichments(Source(source), bus, engine, since, end)
        columns = (SpinnerColumn(), TextColumn("{task.completed:,.0f} enrichments read"))
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("", total=None)
            async with aclosing(found):
                async for enrichment in found:
                    simulation.add(enrichment)
                    progress.advance(task)

    run_connected(read)
    report = simulation.report(since, end)
    if not report.feedback:
        raise click.ClickException(_nothing(source, since, end))
    if as_json:
        click.echo(report.model_dump_json())
        return
    for line in policy_report.lines(report):
        click.echo(line)
    if source == Source.LOG.value and datetime.now(UTC) - since > FEEDBACK_ENRICHED.retention:
        days = FEEDBACK_ENRICHED.retention.days
        click.echo(
            f"the log keeps {days} days unless told otherwise; --from journey goes back further",
            err=True,
        )


def _nothing(source: str, since: datetime, until: datetime) -> str:
    other = Source.JOURNEY if source == Source.LOG.value else Source.LOG
    return (
        f"no feedback from {since:%FT%TZ} to {until:%FT%TZ} in {source}: nothing to compare. "
        f"Choose another period, or --from {other}"
    )
