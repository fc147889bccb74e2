"""The plain figures of a policy: targets of clocks and the pause budget, in hours."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from heedful.console.upstream.policies import Document
from heedful.console.web.faults import Fault

BUDGET: Final = "pause_budget"
_MOST_HOURS: Final = 400 * 24


@dataclass(frozen=True, slots=True)
class Figure:
    """A field of the form.

    Attributes:
        at: its place in the document, and its name in the form.
        rule: whose; empty: the whole policy's.
        clock: which; empty: it is the pause budget.
        hours: as text.
    """

    at: str
    rule: str
    clock: str
    hours: str


def figures(document: Document) -> list[Figure]:
    """All of them, in the order of the rules."""
    found = [
        Figure(f"rules.{number}.clocks.{clock}.target", rule.name, clock, _hours(terms.target))
        for number, rule in enumerate(document.rules)
        for clock, terms in rule.ordered.items()
    ]
    return [*found, Figure(BUDGET, "", "", _hours(document.pause_budget))]


def changed(
    whole: Mapping[str, Any], document: Document, typed: Mapping[str, str]
) -> tuple[dict[str, Any], list[Fault]]:
    """The document with other figures, and what of them is no number of hours."""
    made, wrong = copy.deepcopy(dict(whole)), []
    for one in figures(document):
        text = typed.get(one.at, one.hours).strip().replace(",", ".")
        if text == one.hours:
            continue
        length = _length(text)
        if length is None:
            wrong.append(Fault(one.at, f"`{text}` is no number of hours above 0, e.g. 24 or 1.5"))
            continue
        _put(made, one.at, length)
    return made, wrong


def _length(text: str) -> str | None:
    """ISO 8601, to the minute."""
    try:
        hours = float(text)
    except ValueError:
        return None
    if not 0 < hours <= _MOST_HOURS:
        return None
    minutes = max(1, round(hours * 60))
    whole, rest = divmod(minutes, 60)
    return "PT" + (f"{whole}H" if whole else "") + (f"{rest}M" if rest else "")


def _hours(length: timedelta) -> str:
    return f"{length.total_seconds() / 3600:.4f}".rstrip("0").rstrip(".")


def _put(document: dict[str, Any], at: str, value: str) -> None:
    *path, last = at.split(".")
    inside: Any = document
    for step in path:
        inside = inside[int(step)] if isinstance(inside, list) else inside[step]
    inside[last] = value
