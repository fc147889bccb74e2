"""Which steps are offered."""

from datetime import UTC, datetime
from typing import Any

import pytest

from heedful.alerting.states import ALLOWED, State
from heedful.common.contracts import CaseEventKind
from heedful.console.cases.allowed import STATES, allowed, likeliest
from heedful.console.upstream.case import Case
from tests.unit.console.cases.cases import case

_KINDS = {
    "claim": CaseEventKind.ASSIGNED,
    "contacts": CaseEventKind.CONTACTED,
    "plan": CaseEventKind.PLANNED,
    "start": CaseEventKind.STARTED,
    "land": CaseEventKind.LANDED,
    "verify": CaseEventKind.VERIFIED,
    "close": CaseEventKind.CLOSED,
    "resume": CaseEventKind.RESUMED,
    "assign": CaseEventKind.ASSIGNED,
    "dismiss": CaseEventKind.DISMISSED,
    "approve-dismissal": CaseEventKind.DISMISSED,
    "merge": CaseEventKind.MERGED,
    "split": CaseEventKind.SPLIT,
    "reopen": CaseEventKind.REOPENED,
    "unmerge": CaseEventKind.UNMERGED,
}
NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)


@pytest.mark.parametrize("step", _KINDS)
def test_a_step_is_offered_in_the_states_in_which_alerting_takes_it(step: str) -> None:
    assert STATES[step] == {str(state) for state in ALLOWED[_KINDS[step]]}


def test_waiting_is_not_offered_to_what_waits() -> None:
    waiting = {State.WAITING_CUSTOMER, State.WAITING_THIRD_PARTY}
    assert STATES["wait"] == {str(one) for one in ALLOWED[CaseEventKind.PAUSED] - waiting}


def test_who_proposed_a_dismissal_cannot_agree_to_it() -> None:
    proposed = case(dismissal="spam", proposed_by="li.lei")
    assert "approve-dismissal" not in allowed(proposed, "li.lei")
    assert "approve-dismissal" in allowed(proposed, "wang.fang")


def _running(metric: str) -> dict[str, Any]:
    return {
        "metric": metric,
        "cycle": 1,
        "target_s": 86400,
        "calendar": "always@1",
        "started_at": NOW,
        "due_at": NOW,
        "pauses": [],
        "enforced": True,
        "fulfilled_at": None,
        "breached_at": None,
        "result": "running",
    }


@pytest.mark.parametrize(
    ("found", "step"),
    [
        (case(), "claim"),
        (case(state="acknowledged", owner="li.lei", clocks=[_running("respond")]), "contacts"),
        (case(state="acknowledged", owner="li.lei"), "plan"),
        (case(state="planned", owner="li.lei"), "start"),
        (case(state="in_progress", owner="li.lei"), "land"),
        (case(state="landed", owner="li.lei"), "verify"),
        (case(state="verified", owner="li.lei"), "close"),
        (case(state="closed", owner="li.lei"), None),
    ],
    ids=lambda one: one.state if isinstance(one, Case) else str(one),
)
def test_the_form_that_is_open_brings_the_case_on(found: Case, step: str | None) -> None:
    assert likeliest(found, "li.lei") == step
