"""How far a long command is: a bar on a terminal, a line now and then elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

Show = Callable[[int, int], None]
"""Given how much is done, of the total, and how many of the units that are counted."""

_PLAIN_EVERY = 5000


@contextmanager
def shown(unit: str, *, total: int, done: int, count: int) -> Iterator[Show]:
    """Show how far it is.

    Args:
        unit: what is counted, e.g. `lines`.
        done, count: of an earlier run on which this one goes on.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _plain(unit, count)
        return
    columns = (
        BarColumn(),
        TaskProgressColumn(),
        TextColumn(f"{{task.fields[count]:,}} {unit}, {{task.fields[rate]:,.0f}} a second,"),
        TimeRemainingColumn(),
        TextColumn("left"),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=total, completed=done, count=count, rate=0.0)

        def show(reached: int, counted: int) -> None:
            took = progress.tasks[0].elapsed or 1e-9
            rate = (counted - count) / took
            progress.update(task, completed=reached, count=counted, rate=rate)

        yield show


def _plain(unit: str, told: int) -> Show:
    def show(_reached: int, counted: int) -> None:
        nonlocal told
        if counted // _PLAIN_EVERY > told // _PLAIN_EVERY:
            click.echo(f"{counted:,} {unit}", err=True)
        told = counted

    return show
