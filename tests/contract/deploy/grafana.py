"""What a dashboard asks Prometheus for, as Grafana asks it: with its variables filled in."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.contract.deploy.observability import panels


@dataclass(frozen=True, slots=True)
class View:
    """An open page.

    Attributes:
        seconds: the time range that it shows.
        scrape: seconds between two scrapes, which the data source knows.
        points: how many of them a panel can show.
    """

    seconds: int
    scrape: int
    points: int = 400

    @property
    def step(self) -> int:
        """Seconds between two points of a line: `$__interval`."""
        return max(self.scrape, -(-self.seconds // self.points))

    def variables(self) -> Mapping[str, str]:
        """By what stands for it; `$__rate_interval` is as Grafana's documentation of Prometheus's
        template variables defines it."""
        rate = max(self.step + self.scrape, 4 * self.scrape)
        return {"$__rate_interval": f"{rate}s", "$__range": f"{self.seconds}s", "$job": ".*"}

    def asked(self, expr: str) -> str:
        """An expression as Grafana asks it."""
        for name, value in self.variables().items():
            expr = expr.replace(name, value)
        return expr


@dataclass(frozen=True, slots=True)
class Target:
    """One query of a panel, with variables in it."""

    panel: int
    title: str
    ref: str
    expr: str
    legend: str
    instant: bool


def targets(dashboard: Path) -> Iterator[Target]:
    """All that its panels ask."""
    for panel in panels(dashboard):
        for one in panel["targets"]:
            yield Target(
                panel["id"],
                panel["title"],
                one["refId"],
                one["expr"],
                one["legendFormat"],
                one["instant"],
            )


def annotations(dashboard: Path) -> list[str]:
    """The expressions of what it marks in all panels."""
    return [one["expr"] for one in whole(dashboard)["annotations"]["list"] if "expr" in one]


def whole(dashboard: Path) -> dict[str, Any]:
    """All of it."""
    read: dict[str, Any] = json.loads(dashboard.read_text(encoding="utf-8"))
    return read
