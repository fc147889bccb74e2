"""What became of the example feedback, for a person at a terminal."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.markup import escape

STORY_IDENTIFIER = "customer_id:YQ100301"
"""The student of the telecom example who is known under three identifiers."""

_SHOWN_CASES = 6
_SHOWN_CELLS = 60
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


@dataclass(frozen=True, slots=True)
class Places:
    """Where the services answer, and how a person at a shell writes the API key."""

    ingest: str
    journey: str
    alerting: str
    key: str
    console: str | None = None


def show(console: Console, report: Report, places: Places) -> None:
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
    _show_places(console, report.customer, places)


def _show_cases(console: Console, report: Report) -> None:
    states = Counter(case["state"] for case in report.cases)
    listed = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    ordered = sorted(report.cases, key=_first_due)
    shown = ordered[:_SHOWN_CASES]
    console.print(
        f"\n[bold]{len(ordered)} cases opened[/] ({listed}). The {len(shown)} first to be due:"
    )
    for case in shown:
        due = " · ".join(
            f"{metric} by {_local(time)}" for metric, time in case["deadlines"].items() if time
        )
        console.print(
            f"  {case['id'][:8]}  {_said(case, report.words)}\n"
            f"            [red]{_why(case)}[/]\n"
            f"            [dim]{due}[/]",
            highlight=False,
            soft_wrap=True,
        )


def _first_due(case: dict[str, Any]) -> str:
    """Its soonest deadline; ISO 8601 in UTC sorts as time does."""
    return min(str(time) for time in case["deadlines"].values() if time)


def _said(case: dict[str, Any], words: Mapping[tuple[str, str], str]) -> str:
    first = case["feedback"][0]
    text = " ".join(words.get((first["source"], first["id"]), "").split())
    # A Chinese character is two cells wide.
    short = (
        text if cell_len(text) <= _SHOWN_CELLS else set_cell_size(text, _SHOWN_CELLS).rstrip() + "…"
    )
    return escape(short)


def _why(case: dict[str, Any]) -> str:
    found = dict.fromkeys((reason["label_zh"], reason["label_en"]) for reason in case["reasons"])
    return "；".join(f"{chinese} ({english})" for chinese, english in found) or "—"


def _show_places(console: Console, customer: str | None, places: Places) -> None:
    def place(name: str, what: str) -> None:
        console.print(f"  {name:<10} {what}", highlight=False, soft_wrap=True, markup=False)

    call = f'curl -s -H "X-API-Key: {places.key}"'
    whose = " (KEY is the API key)" if places.key == "$KEY" else ""
    console.print(f"\nWhere to look{whose}:", highlight=False)
    if places.console is not None:
        place("Console", f"{places.console}/board")
    place("API docs", f"{places.ingest}/docs")
    place("Metrics", f"{places.ingest}/metrics")
    place("Board", f"{call} {places.alerting}/v1/board")
    place("Cases", f"{call} {places.alerting}/v1/cases")
    if customer is not None:
        place("A customer", f"{call} {places.journey}/v1/customers/{customer}/timeline")


def _local(time: str) -> str:
    return datetime.fromisoformat(time).astimezone().strftime("%m-%d %H:%M")
