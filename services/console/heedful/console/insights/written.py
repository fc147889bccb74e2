"""Cells of a report in words and numbers. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from heedful.console.insights.names import Names
from heedful.console.upstream.insights import Cell, Column, Estimate, Report, Row, Words
from heedful.console.web.localize import Localize

NOTHING: Final = "–"
_LEAST_P: Final = 0.001
_DIGITS: Final = {"ratio": 2, "score": 2, "days": 1}


@dataclass(frozen=True, slots=True)
class Writes:
    """Writes cells for people: in one language, by the unit of their column."""

    local: Localize
    names: Names
    yes: str
    no: str

    def cell(self, cell: Cell, unit: str) -> str:
        """Without its interval."""
        if cell is None:
            return NOTHING
        if isinstance(cell, bool):
            return self.yes if cell else self.no
        if isinstance(cell, str):
            return self._day(cell) if unit == "time" else self.names.of(cell)
        return self._number(cell.value if isinstance(cell, Estimate) else cell, unit)

    def interval(self, cell: Cell, unit: str) -> tuple[str, str] | None:
        """Low and high of an estimate."""
        if not isinstance(cell, Estimate):
            return None
        return self._number(cell.low, unit), self._number(cell.high, unit)

    def _number(self, value: float, unit: str) -> str:
        if unit == "share":
            return self.local.percent(value, 1)
        if unit == "probability":
            return f"<{_LEAST_P}" if value < _LEAST_P else self.local.number(value, 3)
        return self.local.number(value, _DIGITS.get(unit, 0))

    def _day(self, written: str) -> str:
        try:
            return self.local.day(datetime.fromisoformat(written))
        except ValueError:
            return written


@dataclass(frozen=True, slots=True)
class TableCell:
    """`interval`: low and high, of an estimate. `customer`: an id to lead to."""

    text: str
    interval: tuple[str, str] | None = None
    numeric: bool = False
    customer: str | None = None


@dataclass(frozen=True, slots=True)
class TableRow:
    """`examples`: ids of customers."""

    cells: Sequence[TableCell]
    customers: str
    grey: bool
    why: str | None
    examples: Sequence[str]


@dataclass(frozen=True, slots=True)
class Table:
    heads: Sequence[tuple[str, bool]]
    rows: Sequence[TableRow]


def table(report: Report, writes: Writes, of: Callable[[Words], str]) -> Table:
    """All rows, grey ones too; columns in which nothing stands are left out.

    Args:
        of: words of the page's language, of two.
    """
    used = [
        one
        for one in report.columns
        if any(row.cells.get(one.key) is not None for row in report.rows)
    ]
    return Table(
        heads=[(of(one.label), _numeric(one)) for one in used],
        rows=[_row(row, used, writes, of) for row in report.rows],
    )


def _row(row: Row, used: Sequence[Column], writes: Writes, of: Callable[[Words], str]) -> TableRow:
    return TableRow(
        cells=[_cell(row.cells.get(one.key), one, writes) for one in used],
        customers=writes.local.number(row.customers),
        grey=row.grey,
        why=None if row.why is None else of(row.why),
        examples=list(dict.fromkeys(one.customer_id for one in row.examples)),
    )


def _cell(cell: Cell, column: Column, writes: Writes) -> TableCell:
    customer = cell if column.key == "customer" and isinstance(cell, str) else None
    return TableCell(
        text=customer[:8] if customer else writes.cell(cell, column.unit),
        interval=writes.interval(cell, column.unit),
        numeric=_numeric(column),
        customer=customer,
    )


def _numeric(column: Column) -> bool:
    return column.unit not in ("text", "time")
