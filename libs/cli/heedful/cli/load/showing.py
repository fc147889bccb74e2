"""A run on the terminal: a line while it lasts, tables at its end."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import click
from rich.box import SIMPLE
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from heedful.cli.load.outcome import Freshness, Outcome, PhaseOutcome, Times
from heedful.cli.load.running import Tally

_COLUMNS: Final = ("50", "99", "99.9")
_PLAIN_EVERY: Final = 10


class Line:
    """How far a run is: drawn over itself on a terminal, a new line now and then elsewhere.

    Attributes:
        seconds: of the whole plan.
    """

    def __init__(self, live: Live | None, seconds: float) -> None:
        self._live = live
        self._seconds = seconds
        self._told = 0

    def show(self, at: float, sent: int, under_way: int, tally: Tally) -> None:
        """Called each second."""
        said = _line(min(at, self._seconds), self._seconds, sent, under_way, tally)
        if self._live is not None:
            self._live.update(Text(said))
        elif int(at) // _PLAIN_EVERY > self._told:
            self._told = int(at) // _PLAIN_EVERY
            click.echo(said, err=True)

    def say(self, what: str) -> None:
        """Something else that takes a while."""
        if self._live is not None:
            self._live.update(Text(what))


@contextmanager
def line(seconds: float) -> Iterator[Line]:
    """Show how far it is, on standard error."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Line(None, seconds)
        return
    with Live(console=console, transient=True, auto_refresh=False) as live:
        shown = Line(live, seconds)
        yield shown


def _line(at: float, seconds: float, sent: int, under_way: int, tally: Tally) -> str:
    phases = [one for one in tally.phases.values() if one.requests]
    failed = sum(one.failures.total() for one in phases)
    said = f"{at:.0f} of {seconds:.0f} s · {sent:,} sent · {under_way:,} under way"
    if phases:
        seen = phases[-1].latency
        p50, p99 = (seen.percentile(percent) * 1000 for percent in (50, 99))
        said += f" · {phases[-1].phase.name}: p50 {p50:.0f} ms, p99 {p99:.0f} ms"
    return f"{said} · {failed:,} failed · own lag p99 {tally.lag.percentile(99) * 1000:.1f} ms"


def show(outcome: Outcome, console: Console) -> None:
    """The figures of a run."""
    console.print(_latencies(outcome))
    if outcome.freshness:
        console.print(_freshness(outcome.freshness))
    for one in outcome.phases:
        for what, count in one.failures.items():
            console.print(f"{one.name}: {count:,} requests failed: {what}")
        if one.rejected_items:
            console.print(f"{one.name}: {one.rejected_items:,} items were rejected")
    if outcome.held:
        console.print(f"{outcome.held:,} requests waited for a connection: see --connections")
    console.print(
        f"The generator was late by {_ms(outcome.lag.percentiles['50'])} ms (p50), "
        f"{_ms(outcome.lag.percentiles['99'])} ms (p99), {_ms(outcome.lag.max)} ms at most. "
        f"Percentiles are right to {outcome.relative_error:.1%}."
    )
    for why in outcome.invalid:
        console.print(f"NOT VALID: {why}", style="bold red")


def _latencies(outcome: Outcome) -> Table:
    table = Table(title="From when a request was due to its answer, ms", box=SIMPLE)
    heads = ("", "due/s", "taken/s", "items/s", "failed")
    for name in (*heads, *(f"p{one}" for one in _COLUMNS), "max"):
        table.add_column(name, justify="left" if not name else "right")
    for one in outcome.phases:
        if one.counts:
            table.add_row(*_row(one), *_times(one.latency))
    return table


def _row(one: PhaseOutcome) -> tuple[str, ...]:
    failed = sum(one.failures.values())
    rates = (one.offered, one.answered, one.items)
    return (one.name, *(f"{rate:,.1f}" for rate in rates), f"{failed:,}")


def _freshness(found: list[Freshness]) -> Table:
    table = Table(title="From when it was due until it could be read, ms", box=SIMPLE)
    for name in ("", "seen", "missing", *(f"p{one}" for one in _COLUMNS), "max", "to within"):
        table.add_column(name, justify="left" if not name else "right")
    for one in found:
        seen = (one.what, f"{one.times.count:,}", f"{one.missing:,}")
        table.add_row(*seen, *_times(one.times), _ms(one.resolution_ms))
    return table


def _times(times: Times) -> tuple[str, ...]:
    if not times.count:
        return ("-",) * (len(_COLUMNS) + 1)
    return (*(_ms(times.percentiles[one]) for one in _COLUMNS), _ms(times.max))


def _ms(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:,.1f}"
