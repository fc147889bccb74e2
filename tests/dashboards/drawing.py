"""A dashboard drawn with matplotlib, from its own JSON and what Prometheus answered to it.

Places, titles, units, colours, stacking, limits and legends are the dashboard's. What Grafana
would scroll, such as a legend of twenty lines, is cut.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch

from tests.dashboards.prometheus import Series
from tests.dashboards.units import written

Answers = Mapping[tuple[int, str], Sequence[Series]]
"""By the panel's id and the query's letter."""

_WIDE: Final = 1400
_UNIT: Final = 30
_MARGIN: Final = 12
_HEAD: Final = 44
_DPI: Final = 100
_COLUMNS: Final = 24
_LEGEND_LINES: Final = 5
_LINE: Final = 13
_STEPS: Final = (60, 120, 300, 600, 1800, 3600)
"""Seconds between two times below a panel."""
_MOST_TICKS: Final = 10
_PALETTE: Final = (
    "#73BF69", "#F2CC0C", "#8AB8FF", "#FF780A", "#F2495C", "#5794F2", "#B877D9", "#705DA0",
    "#37872D", "#FADE2A", "#447EBC", "#C15C17", "#890F02", "#0A437C", "#6D1F62", "#584477",
)  # fmt: skip
_NAMED: Final = {
    "red": "#E02F44",
    "orange": "#FF9830",
    "yellow": "#E0B400",
    "green": "#37872D",
    "blue": "#3274D9",
}
_INK: Final = "#24292e"
_FAINT: Final = "#8e8e8e"
_GRID: Final = "#e6e8eb"


@dataclass(frozen=True, slots=True)
class Line:
    """One series as it is drawn."""

    name: str
    colour: str
    points: Sequence[tuple[float, float]]


def drawn(dashboard: Mapping[str, Any], answers: Answers, start: float, end: float) -> Figure:
    """The whole page, between two Unix times in seconds."""
    panels = dashboard["panels"]
    rows = max(one["gridPos"]["y"] + one["gridPos"]["h"] for one in panels)
    high = rows * _UNIT + _HEAD + _MARGIN
    with mpl.rc_context({"font.size": 7.5, "text.color": _INK, "axes.edgecolor": _GRID}):
        figure = Figure(figsize=(_WIDE / _DPI, high / _DPI), dpi=_DPI, facecolor="#f4f5f5")
        page = _Page(figure, high)
        page.head(dashboard["title"], start, end)
        for one in panels:
            lines = list(_lines(one, answers)) if one["type"] != "row" else []
            match one["type"]:
                case "row":
                    page.row(one)
                case "stat":
                    page.stat(one, answers)
                case _:
                    _graph(page, one, lines, start, end)
    return figure


class _Page:
    """Where things stand, in pixels from the top left."""

    def __init__(self, figure: Figure, high: int) -> None:
        self._figure = figure
        self._high = high

    def head(self, title: str, start: float, end: float) -> None:
        when = f"{_utc(start):%H:%M} – {_utc(end):%H:%M} UTC"
        self.text(_MARGIN, 14, title, fontsize=13, fontweight="bold")
        self.text(_WIDE - _MARGIN, 16, when, fontsize=9, color=_FAINT, ha="right")

    def row(self, panel: Mapping[str, Any]) -> None:
        x, y, _, h = self._place(panel)
        self.text(x, y + h / 2 - 6, f"▾ {panel['title']}", fontsize=9.5, fontweight="bold")

    def stat(self, panel: Mapping[str, Any], answers: Answers) -> None:
        """One number in the colour of its step."""
        x, y, w, h = self.boxed(panel)
        defaults = panel["fieldConfig"]["defaults"]
        found = answers[panel["id"], panel["targets"][0]["refId"]]
        shown = next((one.points[-1][1] for one in found if one.shows), None)
        colour = _NAMED["blue"] if shown is None else _step(defaults["thresholds"], shown)
        text = (
            defaults["noValue"]
            if shown is None
            else written(shown, defaults["unit"], defaults.get("decimals"))
        )
        size = min(24.0, 1.15 * w / max(3, len(text)))
        self.text(
            x + w / 2, y + h / 2 + 4, text, fontsize=size, fontweight="bold", color=colour,
            ha="center", va="center",
        )  # fmt: skip

    def boxed(self, panel: Mapping[str, Any]) -> tuple[float, float, float, float]:
        """The box of a panel with its title; what is free in it."""
        x, y, w, h = self._place(panel)
        self._figure.add_artist(
            FancyBboxPatch(
                (x / _WIDE, 1 - (y + h) / self._high), w / _WIDE, h / self._high,
                boxstyle="square,pad=0", facecolor="white", edgecolor="#d8d9da", linewidth=0.6,
                transform=self._figure.transFigure, zorder=-1,
            )
        )  # fmt: skip
        size = min(8.5, 1.02 * w / len(panel["title"]))
        self.text(x + 8, y + 7, panel["title"], fontsize=size, fontweight="bold")
        return x + 8, y + 24, w - 16, h - 30

    def axes(self, x: float, y: float, w: float, h: float) -> Axes:
        return self._figure.add_axes(
            (x / _WIDE, 1 - (y + h) / self._high, w / _WIDE, h / self._high)
        )

    def text(self, x: float, y: float, text: str, **style: Any) -> None:
        style.setdefault("va", "top")
        self._figure.text(x / _WIDE, 1 - y / self._high, text, **style)

    def dash(self, x: float, y: float, colour: str) -> None:
        self._figure.add_artist(
            Line2D(
                [x / _WIDE, (x + 12) / _WIDE], [1 - y / self._high] * 2, color=colour,
                linewidth=2.5, transform=self._figure.transFigure,
            )
        )  # fmt: skip

    def _place(self, panel: Mapping[str, Any]) -> tuple[float, float, float, float]:
        place = panel["gridPos"]
        column = (_WIDE - 2 * _MARGIN) / _COLUMNS
        gap = 0 if panel["type"] == "row" else 3
        return (
            _MARGIN + place["x"] * column + gap,
            _HEAD + place["y"] * _UNIT + gap,
            place["w"] * column - 2 * gap,
            place["h"] * _UNIT - 2 * gap,
        )


def _graph(
    page: _Page, panel: Mapping[str, Any], lines: Sequence[Line], start: float, end: float
) -> None:
    x, y, w, h = page.boxed(panel)
    defaults = panel["fieldConfig"]["defaults"]
    unit = defaults["unit"]
    listed = lines[:_LEGEND_LINES] if len(lines) <= _LEGEND_LINES else lines[: _LEGEND_LINES - 1]
    legend = 14 + _LINE * min(max(1, len(lines)), _LEGEND_LINES)
    axes = page.axes(x + 44, y + 2, w - 50, h - legend - 22)
    _axes_styled(axes, unit, start, end)
    if not any(line.points for line in lines):
        axes.text(0.5, 0.5, "No data", transform=axes.transAxes, ha="center", color=_FAINT)
        axes.set_xticks([])
        axes.set_yticks([])
        return
    _curves(axes, panel, lines)
    _limits(axes, defaults)
    below = y + h - legend + 6
    for place, title in ((x + w - 62, "Last"), (x + w, "Max")):
        page.text(place, below, title, ha="right", color=_NAMED["blue"], fontsize=7)
    for number, line in enumerate(listed, 1):
        at = below + _LINE * number
        page.dash(x, at + 5, line.colour)
        page.text(x + 18, at, _cut(line.name, int((w - 150) / 4.6)))
        values = [value for _, value in line.points]
        page.text(x + w - 62, at, written(values[-1], unit), ha="right")
        page.text(x + w, at, written(max(values), unit), ha="right")
    if len(listed) < len(lines):
        more = f"… and {len(lines) - len(listed)} more"
        page.text(x + 18, below + _LINE * _LEGEND_LINES, more, color=_FAINT)


def _axes_styled(axes: Axes, unit: str, start: float, end: float) -> None:
    axes.set_xlim(start, end)
    step = next(one for one in _STEPS if (end - start) / one <= _MOST_TICKS)
    ticks = [float(at) for at in range(-int(-start // step) * step, int(end), step)]
    axes.set_xticks(ticks, [f"{_utc(at):%H:%M}" for at in ticks])
    axes.yaxis.set_major_formatter(lambda value, _: written(value, unit))
    axes.locator_params(axis="y", nbins=5)
    axes.tick_params(length=0, labelsize=7, colors="#5a6066")
    axes.grid(color=_GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    for side in axes.spines.values():
        side.set_visible(False)


def _curves(axes: Axes, panel: Mapping[str, Any], lines: Sequence[Line]) -> None:
    drawing = panel["fieldConfig"]["defaults"]["custom"]
    fill = drawing["fillOpacity"] / 100
    times = sorted({at for line in lines for at, _ in line.points})
    below = dict.fromkeys(times, 0.0)
    width = min((b - a for a, b in pairwise(times)), default=1)
    for line in lines:
        base = [below[when] for when, _ in line.points]
        if drawing["stacking"]["mode"] == "normal":
            for when, value in line.points:
                below[when] += value
            tops = [below[when] for when, _ in line.points]
        else:
            tops = [value for _, value in line.points]
        at = [one for one, _ in line.points]
        if drawing["drawStyle"] == "bars":
            heights = [top - low for top, low in zip(tops, base, strict=True)]
            axes.bar(at, heights, width=width, bottom=base, color=line.colour, alpha=0.8)
            continue
        for run in _runs(at, 2.5 * width):
            axes.plot(at[run], tops[run], color=line.colour, linewidth=1.2)
            axes.fill_between(
                at[run], tops[run], base[run], color=line.colour, alpha=fill, linewidth=0
            )


def _runs(at: Sequence[float], widest: float) -> Iterator[slice]:
    """The parts of a line between which nothing is known for longer than `widest`."""
    start = 0
    for number, (one, other) in enumerate(pairwise(at), 1):
        if other - one > widest:
            yield slice(start, number)
            start = number
    yield slice(start, len(at))


def _limits(axes: Axes, defaults: Mapping[str, Any]) -> None:
    bottom, top = 0.0, max(axes.get_ylim()[1], 1e-9)
    axes.set_ylim(bottom, defaults.get("max", top))
    if defaults["custom"]["thresholdsStyle"]["mode"] == "off":
        return
    for step in defaults["thresholds"]["steps"]:
        if step["value"] is not None and step["value"] <= axes.get_ylim()[1]:
            axes.axhline(step["value"], color=_NAMED["red"], linewidth=1, linestyle="--")


def _lines(panel: Mapping[str, Any], answers: Answers) -> Iterator[Line]:
    overrides = panel["fieldConfig"]["overrides"]
    number = 0
    for target in panel["targets"]:
        for series in answers[panel["id"], target["refId"]]:
            points = [(at, value) for at, value in series.points if value == value]
            if not points:
                continue
            name = re.sub(
                r"\{\{\s*(\w+)\s*\}\}",
                lambda match: series.labels.get(match[1], ""),  # noqa: B023  # called at once
                target["legendFormat"],
            )
            fixed = next(
                (
                    one["properties"][0]["value"]["fixedColor"]
                    for one in overrides
                    if re.search(one["matcher"]["options"], name)
                ),
                _PALETTE[number % len(_PALETTE)],
            )
            number += 1
            yield Line(name, _NAMED.get(fixed, fixed), points)


def _step(thresholds: Mapping[str, Any], value: float) -> str:
    """The colour of the highest step that a value reaches."""
    reached = [
        step["color"]
        for step in thresholds["steps"]
        if step["value"] is None or value >= step["value"]
    ]
    return _NAMED[reached[-1]]


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _utc(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
