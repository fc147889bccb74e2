"""An insight in a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from heedful.journey.insights.report import Cell, Estimate, Label, Report, Row, Unit

Language = Literal["zh", "en"]

_ANY_WIDTH = 10_000
_UNKNOWN = "–"
_CUSTOMERS = Label(zh="客户数", en="customers")
_WHY = Label(zh="说明", en="why grey")
_STATES = {
    "too_few": Label(zh="样本太少，不足以下结论", en="too little to say anything"),
    "not_representative": Label(zh="不具代表性", en="not representative"),
}


def said(label: Label, language: Language) -> str:
    return label.zh if language == "zh" else label.en


def shown(console: Console, report: Report, language: Language) -> None:
    """Print a report: grey rows dim, with their reason."""
    console.print(Text(said(report.title, language), style="bold"))
    console.print(said(report.meaning, language), highlight=False)
    if report.since is not None and report.until is not None:
        console.print(
            f"{report.since:%Y-%m-%d %H:%M} – {report.until:%Y-%m-%d %H:%M} UTC · "
            f"{report.customers:,} {said(_CUSTOMERS, language)} · n = {report.events:,}",
            highlight=False,
        )
    if (state := _STATES.get(report.state)) is not None:
        console.print(Text(said(state, language), style="yellow"))
    for name, figure in report.figures.items():
        console.print(f"{name} = {written(figure, Unit.RATIO)}", highlight=False)
    table = _table(report, language)
    unfolded = console.measure(table, options=console.options.update(width=_ANY_WIDTH)).maximum
    if unfolded <= console.width:
        console.print(table)
    else:
        _print_records(console, report, language)
    for note in report.notes:
        console.print(Text(said(note, language), style="dim"))


def listed(console: Console, items: Sequence[Mapping[str, Any]], language: Language) -> None:
    """Print which insights there are, and what may be asked of each."""
    table = Table(box=None)
    for column in ("NAME", "", "--set"):
        table.add_column(column, overflow="fold")
    for item in items:
        own = item["parameters"]["properties"].keys() - {"touchpoint", "segment"}
        table.add_row(item["name"], item["title"][language], ", ".join(sorted(own)))
    console.print(table)


def _table(report: Report, language: Language) -> Table:
    table = Table()
    for column in report.columns:
        right = column.unit not in (Unit.TEXT, Unit.TIME)
        table.add_column(
            said(column.label, language), justify="right" if right else "left", overflow="fold"
        )
    table.add_column(said(_CUSTOMERS, language), justify="right")
    greyed = any(row.grey for row in report.rows)
    if greyed:
        table.add_column(said(_WHY, language), overflow="fold")
    for row in report.rows:
        table.add_row(*_cells(report, row, language, greyed), style="dim" if row.grey else None)
    return table


def _print_records(console: Console, report: Report, language: Language) -> None:
    """A row after the other, for a table that is wider than the terminal: what is not known or
    no is left out."""
    first, *others = report.columns
    for row in report.rows:
        head = written(row.cells.get(first.key), first.unit)
        facts = [
            f"{said(column.label, language)} {value}"
            for column in others
            if (value := written(row.cells.get(column.key), column.unit)) not in ("", _UNKNOWN)
        ]
        facts.append(f"{said(_CUSTOMERS, language)} {row.customers:,}")
        if row.grey and row.why is not None:
            facts.append(said(row.why, language))
        style = "dim" if row.grey else ""
        console.print(Text(head, style=f"bold {style}"))
        console.print(Padding(Text(" · ".join(facts), style=style), (0, 0, 0, 2)))


def _cells(report: Report, row: Row, language: Language, greyed: bool) -> list[str]:
    cells = [written(row.cells.get(column.key), column.unit) for column in report.columns]
    why = "" if row.why is None else said(row.why, language)
    return [*cells, f"{row.customers:,}", *([why] if greyed else [])]


def written(cell: Cell, unit: Unit) -> str:
    """A cell as people read it, an estimate with its interval."""
    match cell:
        case None:
            return _UNKNOWN
        case bool():
            return "✓" if cell else ""
        case Estimate():
            return (
                f"{_number(cell.value, unit)} [{_number(cell.low, unit)}, "
                f"{_number(cell.high, unit)}]"
            )
        case int() | float():
            return _number(cell, unit)
    return cell


def _number(value: float, unit: Unit) -> str:
    match unit:
        case Unit.SHARE:
            return f"{value:.1%}"
        case Unit.PROBABILITY:
            return f"{value:.3f}" if value >= 0.0005 else "<0.001"
        case Unit.COUNT | Unit.MONEY | Unit.SECONDS:
            return f"{value:,.0f}"
        case Unit.DAYS:
            return f"{value:.1f}"
    return f"{value:,}" if isinstance(value, int) else f"{value:.3g}"
