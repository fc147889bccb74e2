"""What `heedful import` can be told about a file, in the order of its help."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from heedful.common.contracts import Channel
from heedful.ingest.importing.dates import DateOrder
from heedful.ingest.importing.plan import DEFAULT_ZONE

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--channel",
        type=click.Choice([one.value for one in Channel]),
        help="Where it was said, e.g. review; needed unless a column says it.",
    ),
    click.option("--source", help="The system that the rows come from; needed."),
    click.option(
        "--map",
        "mapping",
        multiple=True,
        metavar="TARGET=COLUMN",
        help="E.g. text=评论内容, occurred_at=时间, attributes.grade=车型, ignore=备注.",
    ),
    click.option(
        "--timezone", default=DEFAULT_ZONE, show_default=True, help="Of times without an offset."
    ),
    click.option(
        "--date-order",
        type=click.Choice([one.value for one in DateOrder]),
        help="Of dates such as 05/06/2026; default: as the column says.",
    ),
    click.option(
        "--scale", help="nps, csat, ces, stars or kind:minimum-maximum; default: guessed."
    ),
    click.option("--occurred-at", help="One time for all rows, or now, where no column says it."),
    click.option("--touchpoint", help="Of all rows, e.g. review.platform."),
    click.option("--department", help="Of all rows."),
    click.option(
        "--backfill/--live",
        default=True,
        show_default=True,
        help="History opens no case and notifies nobody; live rows do.",
    ),
    click.option("--encoding", help="Of a CSV; default: found out."),
    click.option("--delimiter", help="Of a CSV: one character, or tab; default: found out."),
    click.option("--sheet", help="Of an Excel file; default: the first visible one."),
    click.option(
        "--header-row",
        type=click.IntRange(min=0),
        help="Row with the names of the columns; 0: there is none; default: found out.",
    ),
)


def file_options(command: F) -> F:
    """Adds them to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
