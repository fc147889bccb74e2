"""What became of the example feedback, for a person at a terminal."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.markup import escape

STORY_IDENTIFIER = "customer_id:YQ100301"
"""The student of the telecom example who is known under three identifiers."""

_SHOWN_CASES = 6
_SHOWN_CHARS = 30
_COLOURS = {"red": "red", "amber": "yellow", "green": "green", "grey": "bright_black"}
_NAMES = {"red": "红 red", "amber": "黄 amber", "green": "绿 green", "grey": "灰 grey"}


@dataclass(frozen=True, slots=True)
class Sent:
    feedback: int
    interactions: int
    duplicates: int


@dataclass(frozen=True, slots=True)
class Report:
    sent: Sent
    summary: dict[str, Any]
    cases: list[dict[str, Any]]
    words: Mapping[tuple[str, str], str]
    customer: str | None
    seconds: float


def show(console: Console, report: Report, ingest: str, journey: str, alerting: str) -> None:
    """Print counts, lights, cases with their deadlines, and where to look."""
    sent = report.sent
    console.print(
        f"\n[bold]{sent.feedback} feedback items and {sent.interactions} interactions[/bold] "
        f"of {report.summary['customers']} customers in {report.seconds:.1f} s"
        + (f", {sent.duplicates} of them known from an earlier run" if sent.duplicates else "")
    )
    lights = report.summary["lights"]
    console.print(
        "Lights: "
        + " · ".join(
            f"[{_COLOURS[name]}]{_NAMES[name]} {lights.get(name, 0)}[/]" for name in _COLOURS
        )
    )
    _show_cases(console, report)
    _show_places(console, report, ingest, journey, alerting)


def _show_cases(console: Console, report: Report) -> None:
    states = Counter(case["state"] for case in report.cases)
    listed = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    ordered = sorted(report.cases, key=lambda case: case["deadlines"]["respond"])
    shown = ordered[:_SHOWN_CASES]
    console.print(
        f"\n[bold]{len(ordered)} cases opened[/] ({listed}). The {len(shown)} first to be due:"
    )
    for case in shown:
        due = {metric: _local(time) for metric, time in case["deadlines"].items()}
        console.print(
            f"  {case['id'][:8]}  {_said(case, report.words)}\n"
            f"            [red]{_why(case)}[/]\n"
            f"            [dim]respond by {due['respond']} · plan by {due['plan']}"
            f" · land by {due['land']}[/]",
            highlight=False,
            soft_wrap=True,
        )


def _said(case: dict[str, Any], words: Mapping[tuple[str, str], str]) -> str:
    first = case["feedback"][0]
    text = " ".join(words.get((first["source"], first["id"]), "").split())
    return escape(text if len(text) <= _SHOWN_CHARS else text[:_SHOWN_CHARS] + "…")


def _why(case: dict[str, Any]) -> str:
    return "、".join(dict.fromkeys(reason["label_zh"] for reason in case["reasons"])) or "—"


def _show_places(
    console: Console, report: Report, ingest: str, journey: str, alerting: str
) -> None:
    console.print("\nWhere to look (the key is in the file api-key of the data folder):")
    key = '-H "X-API-Key: $(cat .heedful/api-key)"'
    console.print(f"  API docs   {ingest}/docs", highlight=False, soft_wrap=True)
    console.print(f"  Metrics    {ingest}/metrics", highlight=False, soft_wrap=True)
    console.print(
        f"  Board      curl -s {key} {alerting}/v1/board", highlight=False, soft_wrap=True
    )
    console.print(
        f"  Cases      curl -s {key} {alerting}/v1/cases", highlight=False, soft_wrap=True
    )
    if report.customer is not None:
        url = f"{journey}/v1/customers/{report.customer}/timeline"
        console.print(f"  A customer curl -s {key} {url}", highlight=False, soft_wrap=True)


def _local(time: str) -> str:
    return datetime.fromisoformat(time).astimezone().strftime("%m-%d %H:%M")
