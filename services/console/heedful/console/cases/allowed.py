"""Which steps are offered for a case: those that its state and the viewer allow. Pure.

Alerting decides; this keeps people from forms that it would refuse (docs/cases.md, "States").
"""

from collections.abc import Mapping
from typing import Final

from heedful.console.upstream.case import Case

_WAITING: Final = frozenset({"waiting_customer", "waiting_third_party"})
_BEFORE_LANDING: Final = frozenset({"new", "acknowledged", "planned", "in_progress", *_WAITING})
_OPEN: Final = _BEFORE_LANDING | {"landed", "verified"}

STATES: Final[Mapping[str, frozenset[str]]] = {
    "claim": _OPEN,
    "contacts": _OPEN,
    "plan": frozenset({"acknowledged"}),
    "start": frozenset({"planned"}),
    "land": frozenset({"planned", "in_progress"}),
    "verify": frozenset({"landed"}),
    "close": frozenset({"landed", "verified"}),
    "resume": _WAITING,
    "notes": _OPEN | {"closed", "dismissed", "merged"},
    "assign": _OPEN,
    "wait": frozenset({"acknowledged", "planned", "in_progress"}),
    "approve-dismissal": _BEFORE_LANDING,
    "dismiss": _BEFORE_LANDING,
    "merge": _BEFORE_LANDING,
    "split": _OPEN,
    "reopen": frozenset({"landed", "verified", "closed", "dismissed"}),
    "unmerge": frozenset({"merged"}),
}
"""In the order in which they are shown."""


def allowed(case: Case, person: str) -> list[str]:
    """The steps that this person can take now, the likeliest first."""
    can = {step for step, states in STATES.items() if case.state in states}
    if case.owner == person and case.state != "new":
        can.discard("claim")
    if case.proposed_by is None or case.dismissal is None or case.proposed_by == person:
        can.discard("approve-dismissal")
    if case.proposed_by is not None:
        can.discard("dismiss")
    if len(case.feedback) < 2:
        can.discard("split")
    return [step for step in STATES if step in can]


def likeliest(case: Case, person: str) -> str | None:
    """The step that brings the case on: its form is open."""
    can = allowed(case, person)
    if "claim" in can and case.owner is None:
        return "claim"
    respond = [one for one in case.clocks if one.metric in ("respond", "next_reply")]
    if "contacts" in can and any(one.result == "running" for one in respond):
        return "contacts"
    order = ("claim", "plan", "resume", "start", "land", "verify", "close", "unmerge")
    return next((one for one in order if one in can), None)
