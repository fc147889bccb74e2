"""`heedful insights NAME`: an insight of a running instance, as a table, a plot or a file."""

from datetime import datetime
from pathlib import Path

import click
from rich.console import Console

from heedful.cli import insights_table
from heedful.cli.insights_asking import PATH, Query, answer_of, instance, of_instance
from heedful.cli.times import moment
from heedful.journey.insights.report import Report


def _assigned(
    _context: click.Context, _option: click.Parameter, values: tuple[str, ...]
) -> list[tuple[str, str]]:
    pairs = [value.partition("=") for value in values]
    for name, equals, _ in pairs:
        if not name or not equals:
            raise click.BadParameter("write NAME=VALUE, e.g. q=0.1")
    return [(name, value) for name, _, value in pairs]


@click.command()
@click.argument("name", required=False)
@click.option("--from", "since", callback=moment, help="E.g. 2026-01-01T00:00:00Z, or 90d.")
@click.option("--to", "until", callback=moment, help="Not included. Default: now.")
@click.option("--touchpoint", help="Only events of this touchpoint.")
@click.option("--segment", help="Only customers of this segment.")
@click.option(
    "--set",
    "asked",
    multiple=True,
    metavar="NAME=VALUE",
    callback=_assigned,
    help="A parameter of the insight; without NAME the command lists them.",
)
@click.option(
    "--language",
    type=click.Choice(["zh", "en"]),
    default="zh",
    show_default=True,
    help="Of labels.",
)
@click.option(
    "--plot",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Write a picture there, e.g. map.png.",
)
@click.option(
    "--csv",
    "table_file",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Write the table there, for a spreadsheet.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON, not as a table.")
@of_instance
def insights(
    name: str | None,
    since: datetime | None,
    until: datetime | None,
    touchpoint: str | None,
    segment: str | None,
    asked: list[tuple[str, str]],
    language: insights_table.Language,
    plot: Path | None,
    table_file: Path | None,
    as_json: bool,
    url: str,
    key: str | None,
) -> None:
    """Ask a running instance for an insight; without NAME, which there are.

    Grey rows say too little, for the reason beside them. docs/insights.md says what each insight
    means, by which formula.
    """
    times = {"from": since, "to": until}
    query: Query = [
        *((one, value.isoformat()) for one, value in times.items() if value is not None),
        *(
            (one, v)
            for one, v in (("touchpoint", touchpoint), ("segment", segment))
            if v is not None
        ),
        *asked,
    ]
    console = Console()
    with instance(url, key) as client:
        if name is None:
            insights_table.listed(console, answer_of(client, PATH).json()["items"], language)
            return
        answer = answer_of(client, f"{PATH}/{name}", query)
        if table_file is not None:
            table_file.write_bytes(
                answer_of(client, f"{PATH}/{name}", [*query, ("format", "csv")]).content
            )
    report = Report.model_validate_json(answer.content)
    if as_json:
        click.echo(answer.text)
    else:
        insights_table.shown(console, report, language)
    if plot is not None:
        # matplotlib takes a second to load, and most who ask want the table.
        from heedful.cli import insights_plot

        insights_plot.drawn(report, language, plot)
    for file in (plot, table_file):
        if file is not None:
            click.echo(f"wrote {file}", err=True)
