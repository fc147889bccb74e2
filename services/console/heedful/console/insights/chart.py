"""From a report to the data of a chart. Pure; assets/insights.js draws it.

Nothing is left out because it is grey: it is drawn as uncertain.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from heedful.console.insights.kinds import Kind, Shown
from heedful.console.insights.names import Names
from heedful.console.upstream.insights import Column, Report, Row

MOST_ROWS: Final = 30
"""Of a chart; the table has all."""
MOST_PANELS: Final = 6

Chart = Mapping[str, Any]
Said = Callable[[Column], str]
"""The name of a column, in the language of the page."""


def chart(report: Report, shown: Shown, names: Names, said: Said) -> Chart | None:
    """Data of the chart, as JSON takes it; None where there is nothing to draw."""
    columns = {one.key: one for one in report.columns}
    if not all(key in columns for key in shown.values):
        return None
    rows = [row for row in report.rows if _drawn(row, shown)]
    if not rows:
        return None
    first = columns[shown.values[0]]
    return {
        "kind": shown.kind.value,
        "unit": first.unit,
        "reference": shown.reference,
        "log": shown.log,
        "shown": min(len(rows), MOST_ROWS),
        "of": len(rows),
        **_BUILDERS[shown.kind](
            report, rows, shown, names, [columns[key] for key in shown.values], said
        ),
    }


def _drawn(row: Row, shown: Shown) -> bool:
    if shown.only is not None and row.cells.get(shown.only[0]) not in shown.only[1]:
        return False
    return row.number(shown.values[0]) is not None


def _intervals(
    report: Report,
    rows: Sequence[Row],
    shown: Shown,
    names: Names,
    columns: Sequence[Column],
    said: Said,
) -> Chart:
    """A dot with its interval: rates, ratios, differences. Surest rows first, as the report has
    them."""
    drawn = _surest_first(rows)
    return {
        "labels": [names.of_row(row, shown.labels) for row in drawn],
        "grey": [row.grey for row in drawn],
        "series": [
            {"name": said(one), "key": one.key, "points": [_point(row, one.key) for row in drawn]}
            for one in columns
        ],
    }


def _lines(
    report: Report,
    rows: Sequence[Row],
    shown: Shown,
    names: Names,
    columns: Sequence[Column],
    said: Said,
) -> Chart:
    """A panel for each group (touchpoint, segment), those with most customers first; in it a line
    for each label over the months."""
    line, *groups = shown.labels
    times = sorted({month for row in rows if (month := row.text("month"))})
    panels: dict[str, list[Row]] = {}
    for row in rows:
        panels.setdefault(names.of_row(row, groups), []).append(row)
    biggest = sorted(panels.items(), key=lambda one: -sum(row.customers for row in one[1]))
    return {
        "times": times,
        "shown": min(len(panels), MOST_PANELS),
        "of": len(panels),
        "panels": [
            {"name": name, "series": _by_line(own, line, times, columns[0].key, names)}
            for name, own in biggest[:MOST_PANELS]
        ],
    }


def _by_line(
    rows: Sequence[Row], line: str, times: Sequence[str], key: str, names: Names
) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Row]] = {}
    for row in rows:
        found.setdefault(row.text(line) or "", {})[row.text("month") or ""] = row
    return [
        {
            "name": names.of(code),
            "key": code,
            "points": [_point(at[time], key) if time in at else None for time in times],
            "grey": [time in at and at[time].grey for time in times],
        }
        for code, at in found.items()
    ]


def _bars(
    report: Report,
    rows: Sequence[Row],
    shown: Shown,
    names: Names,
    columns: Sequence[Column],
    said: Said,
) -> Chart:
    drawn = rows[:MOST_ROWS]
    return {
        # An id is long, and its beginning tells it from the others of a page.
        "labels": [names.of_row(row, shown.labels)[:8] for row in drawn],
        "grey": [row.grey for row in drawn],
        "series": [
            {"name": said(one), "key": one.key, "points": [_point(row, one.key) for row in drawn]}
            for one in columns
        ],
    }


def _matrix(
    report: Report,
    rows: Sequence[Row],
    shown: Shown,
    names: Names,
    columns: Sequence[Column],
    said: Said,
) -> Chart:
    """One against another; `x_from` and `y_from` part the quadrants. What has no `y` yet is listed
    under `unplaced`."""
    across, up = columns
    return {
        "x": {"name": said(across), "unit": across.unit},
        "y": {"name": said(up), "unit": up.unit, "min": 1, "max": 5},
        "x_from": _figure(report, "valuable_from"),
        "y_from": _figure(report, "able_from"),
        "points": [
            {
                "label": names.of_row(row, shown.labels),
                "x": row.number(across.key),
                "y": row.number(up.key),
                "range": _point(row, across.key),
                "grey": row.grey,
            }
            for row in rows
            if row.number(up.key) is not None
        ],
        "unplaced": [names.of_row(row, shown.labels) for row in rows if row.number(up.key) is None],
    }


def _curve(
    report: Report,
    rows: Sequence[Row],
    shown: Shown,
    names: Names,
    columns: Sequence[Column],
    said: Said,
) -> Chart:
    """How the moments that set the score feel, and how often each was the peak or the end. The
    strongest effects, from the worst feeling to the best."""
    effect, valence, peaks, ends = columns
    strongest = sorted(rows, key=lambda row: (row.grey, -abs(row.number(effect.key) or 0)))
    drawn = sorted(strongest[:MOST_ROWS], key=lambda row: row.number(valence.key) or 0)
    return {
        "labels": [names.of_row(row, shown.labels) for row in drawn],
        "grey": [row.grey for row in drawn],
        "curve": {"name": said(valence), "points": [row.number(valence.key) for row in drawn]},
        "bars": [
            {"name": said(one), "key": one.key, "points": [row.number(one.key) for row in drawn]}
            for one in (peaks, ends)
        ],
        "effects": {"name": said(effect), "points": [_point(row, effect.key) for row in drawn]},
    }


_BUILDERS: Final = {
    Kind.INTERVALS: _intervals,
    Kind.BARS: _bars,
    Kind.LINES: _lines,
    Kind.MATRIX: _matrix,
    Kind.CURVE: _curve,
}


def _surest_first(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row.grey)[:MOST_ROWS]


def _point(row: Row, key: str) -> tuple[float, float, float] | None:
    """Value, low, high; of a number without an interval all three are it."""
    found = row.estimate(key)
    if found is not None:
        return found.value, found.low, found.high
    number = row.number(key)
    return None if number is None else (number, number, number)


def _figure(report: Report, name: str) -> float | None:
    found = report.figures.get(name)
    return float(found) if isinstance(found, int | float) else None
