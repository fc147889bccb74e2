"""What became of the example feedback, for a person at a terminal."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table

STORY_IDENTIFIER = "customer_id:placeholder"
_SHOWN_CASES = 10
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
    _show_cases(console, report.cases)
    _show_places(console, report, ingest, journey, alerting)


def _show_cases(console: Console, cases: list[dict[str, Any]]) -> None:
    states = Counter(case["state"] for case in cases)
    listed = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    table = Table(
        title=f"{len(cases)} cases opened ({listed}); the {_SHOWN_CASES} first to be due",
        title_justify="left",
    )
    for column in ("case", "why", "respond ≤ 24 h", "plan ≤ 48 h", "land ≤ 72 h"):
        table.add_column(column, overflow="fold")
    ordered = sorted(cases, key=lambda case: case["deadlines"]["respond"])
    for case in ordered[:_SHOWN_CASES]:
        reasons = case.get("reasons", [])
        why = "、".join(dict.fromkeys(reason["label_zh"] for reason in reasons)) or "—"
        due = case["deadlines"]
        table.add_row(case["id"][:8], why, *(_local(due[m]) for m in ("respond", "plan", "land")))
    console.print(table)


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
