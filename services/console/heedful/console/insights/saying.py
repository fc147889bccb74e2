"""The sentences over an insight: what was found, and how sure that is. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from heedful.console.insights.kinds import Kind, Shown
from heedful.console.insights.written import NOTHING, Writes
from heedful.console.upstream.insights import Cell, Report, Row

MOST: Final = 3
"""Findings that are told; the chart and the table have all."""
_OK: Final = "ok"
_UNITS: Final = {"silent": "share", "raw_score": "score", "raked_score": "score"}


@dataclass(frozen=True, slots=True)
class Sentence:
    """`words`: their name, `insights.says.…`; `values` go into it."""

    words: str
    values: Mapping[str, str]


def sentences(report: Report, shown: Shown | None, writes: Writes) -> list[Sentence]:
    """What a manager reads first. Without a finding it says that there is none, and why."""
    found = [] if shown is None else _found(report, shown)
    count = {
        "rows": writes.local.number(len(report.rows)),
        "found": writes.local.number(len(found)),
        "customers": writes.local.number(report.customers),
    }
    told = [] if report.state == _OK else [Sentence(f"insights.says.state.{report.state}", count)]
    if figures := _figures(report, writes):
        told.append(Sentence(f"insights.says.figures.{report.name}", figures))
    if shown is not None:
        told += [
            Sentence(f"insights.says.found.{report.name}", _values(row, report, shown, writes))
            for row in found[:MOST]
        ]
    if len(found) > MOST:
        told.append(Sentence("insights.says.more", {**count, "rest": str(len(found) - MOST)}))
    if not found and report.rows and shown is not None:
        told.append(Sentence("insights.says.nothing", count))
    return told


def _found(report: Report, shown: Shown) -> list[Row]:
    """Over time the newest row of each stands for all."""
    found = [row for row in report.rows if _is_found(row, shown)]
    if shown.kind is not Kind.LINES:
        return found
    newest = {tuple(row.text(key) for key in shown.labels): row for row in found}
    return list(newest.values())


def _is_found(row: Row, shown: Shown) -> bool:
    if row.grey or row.number(shown.values[0]) is None:
        return False
    if shown.only is not None and row.cells.get(shown.only[0]) not in shown.only[1]:
        return False
    if shown.tested is not None and row.number(shown.tested) is None:
        return False
    return shown.found is None or row.cells.get(shown.found[0]) in shown.found[1]


def _values(row: Row, report: Report, shown: Shown, writes: Writes) -> Mapping[str, str]:
    """`label`, `value` with `low` and `high`, `other` for the second value, and `trend`."""
    units = {one.key: one.unit for one in report.columns}
    first, *others = shown.values
    low, high = writes.interval(row.cells.get(first), units[first]) or (NOTHING, NOTHING)
    second = others[0] if others else None
    return {
        "label": writes.names.of_row(row, shown.labels),
        "value": writes.cell(row.cells.get(first), units[first]),
        "low": low,
        "high": high,
        "other": NOTHING if second is None else writes.cell(row.cells.get(second), units[second]),
        "trend": writes.cell(row.cells.get("trend"), "text"),
        "customers": writes.local.number(row.customers),
    }


def _figures(report: Report, writes: Writes) -> Mapping[str, str]:
    """Figures that have a sentence of their own, where all of them are there."""
    found: dict[str, str] = {}
    for name, unit in _UNITS.items():
        cell: Cell = report.figures.get(name)
        if cell is None:
            return {}
        found[name] = writes.cell(cell, unit)
    return found
