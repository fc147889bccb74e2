"""What of an event of a case is hashed: the columns of its row. Pure."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from heedful.alerting.audit.canonical import moment
from heedful.alerting.audit.links import Content
from heedful.alerting.policies.judging import FACTS
from heedful.common.contracts import CaseEventKind

_MEASURE = frozenset({"policy", "rule", "first_light", "split_from"}) | FACTS
KEPT: Final[Mapping[CaseEventKind, frozenset[str]]] = {
    CaseEventKind.OPENED: _MEASURE,
    CaseEventKind.SEVERITY_CHANGED: _MEASURE,
    CaseEventKind.REOPENED: _MEASURE,
    CaseEventKind.SIGNALLED: FACTS,
    CaseEventKind.POLICY_APPLIED: _MEASURE | {"application"},
    CaseEventKind.CALENDAR_APPLIED: frozenset({"calendar", "application"}),
    CaseEventKind.CLOCK_STARTED: frozenset({"pauses", "application"}),
    CaseEventKind.ACKNOWLEDGED: frozenset({"issue"}),
    CaseEventKind.ASSIGNED: frozenset({"owner"}),
    CaseEventKind.CONTACTED: frozenset({"contact"}),
    CaseEventKind.RESPONDED: frozenset({"contact"}),
    CaseEventKind.PLANNED: frozenset({"owner", "due", "issue"}),
    CaseEventKind.PAUSED: frozenset({"state"}),
    CaseEventKind.RESUMED: frozenset({"reason"}),
    CaseEventKind.LANDED: frozenset({"root_cause"}),
    CaseEventKind.VERIFIED: frozenset({"method"}),
    CaseEventKind.DISMISSAL_PROPOSED: frozenset({"reason"}),
    CaseEventKind.DISMISSED: frozenset({"reason", "proposed_by"}),
    CaseEventKind.MERGED: frozenset({"into"}),
    CaseEventKind.REPLY_WANTED: frozenset({"issue", "answer"}),
    CaseEventKind.ERASED: frozenset({"erasure_id"}),
}
"""Names in the detail of an event that an erasure leaves. All others may be a customer's words or
lead to them: an erasure puts `erased` in their place."""

ERASED: Final = "erased"
"""Stands in place of words."""

_WORDS: Final = ("feedback_source", "feedback_id", "note")
_APART: Final = frozenset({*_WORDS, "sequence", "detail"})


def kept_of(kind: CaseEventKind, detail: Mapping[str, Any]) -> list[str]:
    """Names in this detail that an erasure leaves."""
    return sorted(KEPT.get(kind, frozenset()) & detail.keys())


def content(columns: Mapping[str, Any], kept: Collection[str]) -> Content:
    """What the chain of a case says of an event; its sequence is its position in the chain.

    Args:
        columns: of `alerting.case_event` by their names, without those of the chain itself.
        kept: as of `kept_of` when the event was written.
    """
    facts = {
        name: moment(value) if isinstance(value, datetime) else value
        for name, value in columns.items()
        if value is not None and name not in _APART
    }
    words = {name: columns[name] for name in _WORDS if columns[name] is not None}
    detail: Mapping[str, Any] = columns["detail"]
    if detail:
        _split(detail, kept, facts, words)
    return Content(facts, words)


def _split(
    detail: Mapping[str, Any], kept: Collection[str], facts: dict[str, Any], words: dict[str, Any]
) -> None:
    facts["detail"] = {name: one for name, one in detail.items() if name in kept}
    words["detail"] = {name: one for name, one in detail.items() if name not in kept}
    for part in (facts, words):
        if not part["detail"]:
            del part["detail"]


def taken(columns: Mapping[str, Any], kept: Collection[str]) -> bool:
    """Whether nothing of the words is left."""
    others = (one for name, one in columns["detail"].items() if name not in kept)
    return all(columns[name] is None for name in _WORDS) and all(one == ERASED for one in others)
