"""A picture of an insight: one number of each row with its interval."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click
import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.figure import Figure

from heedful.cli.insights_table import Language, said
from heedful.journey.insights.report import Cell, ColumnView, Estimate, Report, Row, Unit

MOST_ROWS: Final = 40
_FONTS: Final = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
    "Heiti SC",
    "Noto Sans CJK JP",
    "Arial Unicode MS",
)
_SURE: Final = "#1f5fa8"
_GREY: Final = "#b8b8b8"


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of the picture."""

    label: str
    value: float
    low: float
    high: float
    grey: bool


def drawn(report: Report, language: Language, file: Path) -> None:
    """Write a picture of the first rows; its kind is that of the file's name.

    Raises:
        click.ClickException: the kind of file is none that can be written.
    """
    font = chinese_font()
    if language == "zh" and font is None:
        click.echo("no Chinese font was found: labels of the plot are in English", err=True)
        language = "en"
    with mpl.rc_context({"font.family": [font or "sans-serif"], "axes.unicode_minus": False}):
        figure = _figure(report, language)
        try:
            figure.savefig(file, dpi=150)
        except ValueError as error:
            raise click.ClickException(f"{file}: {error}") from error


def chinese_font() -> str | None:
    """A font that has Chinese characters; None: none is installed."""
    installed = set(font_manager.get_font_names())
    return next((name for name in _FONTS if name in installed), None)


def pictured(report: Report) -> ColumnView | None:
    """The column that is drawn: the first of estimates, else the first of numbers that are no
    counts, else of counts; None: there is none."""
    numeric = [
        one for one in report.columns if any(_bounds(r.cells.get(one.key)) for r in report.rows)
    ]
    estimates = [
        one
        for one in numeric
        if any(isinstance(r.cells.get(one.key), Estimate) for r in report.rows)
    ]
    measures = [one for one in numeric if one.unit not in (Unit.COUNT, Unit.PROBABILITY)]
    return next(iter([*estimates, *measures, *numeric]), None)


def bars(report: Report, column: ColumnView) -> list[Bar]:
    """The first rows that have a number there."""
    named = [one.key for one in report.columns if one.unit in (Unit.TEXT, Unit.TIME)][:2]
    found = []
    for row in report.rows:
        bounds = _bounds(row.cells.get(column.key))
        if bounds is not None:
            found.append(Bar(_label(row, named), *bounds, row.grey))
    return found[:MOST_ROWS]


def _label(row: Row, named: list[str]) -> str:
    return " · ".join(str(row.cells[key]) for key in named if row.cells.get(key) is not None)


def _bounds(cell: Cell) -> tuple[float, float, float] | None:
    match cell:
        case bool() | str() | None:
            return None
        case Estimate():
            return cell.value, cell.low, cell.high
    return float(cell), float(cell), float(cell)


def _figure(report: Report, language: Language) -> Figure:
    column = pictured(report)
    shown = [] if column is None else bars(report, column)
    figure = Figure(figsize=(9, 1.6 + 0.3 * max(3, len(shown))), layout="constrained")
    axes = figure.subplots()
    for place, bar in enumerate(shown):
        colour = _GREY if bar.grey else _SURE
        axes.plot([bar.low, bar.high], [place, place], color=colour, linewidth=2)
        axes.plot(bar.value, place, "o", color=colour)
    axes.set_yticks(range(len(shown)), [bar.label for bar in shown])
    axes.invert_yaxis()
    axes.grid(axis="x", alpha=0.3)
    axes.set_title(said(report.title, language))
    when = "" if report.since is None else f"{report.since:%Y-%m-%d} – {report.until:%Y-%m-%d}, "
    axes.set_xlabel(
        f"{'' if column is None else said(column.label, language)}\n{when}n = {report.events:,}"
    )
    if column is not None and column.unit is Unit.SHARE:
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    return figure
