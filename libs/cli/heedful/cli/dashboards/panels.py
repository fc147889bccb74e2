"""Grafana's JSON of a dashboard, from what differs between panels.

The shape is that of Grafana 12 (schema 42), as it exports a dashboard. Panels stand in rows from
left to right, 24 columns wide; ids are given in their order.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

SOURCE: Final = {"type": "prometheus", "uid": "prometheus"}
_COLUMNS: Final = 24

LIGHTS: Final = {"^red$": "red", "^amber$": "orange", "^green$": "green", "^gr[ea]y$": "#8e8e8e"}
"""Colours of the series that are called by a light."""
Steps = Sequence[tuple[str, float | None]]
"""Colours, each from its value on; the first from nowhere."""


@dataclass(frozen=True, slots=True)
class Query:
    """PromQL, and how its series are called: text with {{label}} in it."""

    expr: str
    legend: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stat:
    """One number.

    Attributes:
        says: what it is, for who does not know.
        unit: one of Grafana's ids of units.
    """

    title: str
    says: str
    unit: str
    query: str
    steps: Steps
    decimals: int | None = 0
    width: int = 3
    height: int = 4

    def body(self) -> dict[str, Any]:
        defaults: dict[str, Any] = {
            "color": {"mode": "thresholds"},
            "mappings": [],
            "noValue": "–",
            "thresholds": _thresholds(self.steps),
            "unit": self.unit,
        }
        if self.decimals is not None:
            defaults["decimals"] = self.decimals
        return {
            "type": "stat",
            "fieldConfig": {"defaults": defaults, "overrides": []},
            "options": {
                "colorMode": "value",
                "graphMode": "none",
                "justifyMode": "auto",
                "orientation": "auto",
                "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
                "showPercentChange": False,
                "textMode": "auto",
                "wideLayout": True,
            },
            "targets": [{**_target(0, Query(self.query)), "instant": True, "range": False}],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Lines over time.

    Attributes:
        stacked: one upon the other, where the sum means something.
        bars: for counts in each step.
        limit: where a dashed line is drawn, red above it.
        colours: by the pattern of the series' name; the others get Grafana's.
    """

    title: str
    says: str
    unit: str
    queries: Sequence[Query]
    stacked: bool = False
    bars: bool = False
    limit: float | None = None
    most: float | None = None
    colours: Mapping[str, str] = field(default_factory=dict)
    width: int = 8
    height: int = 8

    def body(self) -> dict[str, Any]:
        steps: Steps = [("green", None)]
        if self.limit is not None:
            steps = [*steps, ("red", self.limit)]
        defaults: dict[str, Any] = {
            "color": {"mode": "palette-classic"},
            "custom": {**_LINE, **self._drawn()},
            "mappings": [],
            "min": 0,
            "thresholds": _thresholds(steps),
            "unit": self.unit,
        }
        if self.most is not None:
            defaults["max"] = self.most
        return {
            "type": "timeseries",
            "fieldConfig": {"defaults": defaults, "overrides": list(self._overrides())},
            "options": {
                "legend": {
                    "calcs": ["lastNotNull", "max"],
                    "displayMode": "table",
                    "placement": "bottom",
                    "showLegend": True,
                },
                "tooltip": {"mode": "multi", "sort": "desc"},
            },
            "targets": [
                {**_target(n, one), "instant": False, "range": True}
                for n, one in enumerate(self.queries)
            ],
        }

    def _drawn(self) -> dict[str, Any]:
        piled = self.stacked or self.bars
        return {
            "drawStyle": "bars" if self.bars else "line",
            "fillOpacity": 60 if self.bars else 25 if piled else 8,
            "stacking": {"group": "A", "mode": "normal" if piled else "none"},
            "thresholdsStyle": {"mode": "off" if self.limit is None else "dashed"},
        }

    def _overrides(self) -> Iterator[dict[str, Any]]:
        for pattern, colour in self.colours.items():
            fixed = {"fixedColor": colour, "mode": "fixed"}
            yield {
                "matcher": {"id": "byRegexp", "options": pattern},
                "properties": [{"id": "color", "value": fixed}],
            }


@dataclass(frozen=True, slots=True)
class Row:
    """A headline and what stands below it."""

    title: str
    panels: Sequence[Stat | Graph]


_LINE: Final = {
    "axisLabel": "",
    "axisPlacement": "auto",
    "gradientMode": "none",
    "hideFrom": {"legend": False, "tooltip": False, "viz": False},
    "lineInterpolation": "linear",
    "lineWidth": 1,
    "pointSize": 4,
    "scaleDistribution": {"type": "linear"},
    "showPoints": "never",
    "spanNulls": False,
}


def quantile(share: float, histogram: str, *by: str, of: str = "") -> str:
    """PromQL: the value below which this share of what a histogram counted lies.

    Args:
        by: labels to keep apart.
        of: which series, as {label="value"}; all.
    """
    kept = ", ".join(("le", *by))
    counted = f"rate({histogram}_bucket{of}[$__rate_interval])"
    return f"histogram_quantile({share:g}, sum by ({kept}) ({counted}))"


def laid_out(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The panels of a dashboard, each with its id and place."""
    found: list[dict[str, Any]] = []
    y = 0
    for row in rows:
        head = {"type": "row", "title": row.title, "collapsed": False, "panels": []}
        found.append({**head, **_place(len(found), 0, y, _COLUMNS, 1)})
        y += 1
        x = height = 0
        for panel in row.panels:
            if x + panel.width > _COLUMNS:
                x, y, height = 0, y + height, 0
            place = _place(len(found), x, y, panel.width, panel.height)
            told = {"title": panel.title, "description": panel.says, "datasource": SOURCE}
            found.append({**told, **panel.body(), **place})
            x, height = x + panel.width, max(height, panel.height)
        y += height
    return found


def _place(before: int, x: int, y: int, width: int, height: int) -> dict[str, Any]:
    return {"id": before + 1, "gridPos": {"x": x, "y": y, "w": width, "h": height}}


def _target(number: int, query: Query) -> dict[str, Any]:
    return {
        "refId": chr(ord("A") + number),
        "datasource": SOURCE,
        "editorMode": "code",
        "expr": query.expr,
        "legendFormat": query.legend,
    }


def _thresholds(steps: Steps) -> dict[str, Any]:
    return {
        "mode": "absolute",
        "steps": [{"color": colour, "value": value} for colour, value in steps],
    }
