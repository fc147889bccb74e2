"""Forms of a case, as bodies."""

from zoneinfo import ZoneInfo

import pytest

from heedful.alerting.api import case_bodies
from heedful.alerting.verification.series import Measure
from heedful.alerting.work import ContactKind, DismissalReason, Verification
from heedful.console.cases import forms
from heedful.console.cases.allowed import STATES
from heedful.console.cases.forms import Mistyped, body

ZONE = ZoneInfo("Asia/Shanghai")
TYPED = {
    "csrf": "x",
    "sequence": "3",
    "owner": "li.lei",
    "kind": "call",
    "at": "2026-11-30T16:05",
    "due": "2026-12-01T18:00",
    "note": " called back ",
    "action": "replace the hose",
    "reason": "spam",
    "root_cause": "supplier",
    "action_taken": "changed",
    "why_1": "it broke",
    "evidence_1": "photo",
    "why_2": "",
    "why_3": "it was old",
    "check": "yes",
    "topic": "vehicle.brake",
    "touchpoint": "",
    "measure": "negative_rate",
    "after_days": "28",
    "method": "measured",
    "into": "https://heedful.example/cases/0198c0de/",
    "feedback": "callcentre\nf1",
    "state": "waiting_customer",
}
_BODIES: dict[str, type[case_bodies.Taken]] = {
    "assign": case_bodies.AssignBody,
    "contacts": case_bodies.ContactBody,
    "plan": case_bodies.PlanBody,
    "wait": case_bodies.WaitBody,
    "land": case_bodies.LandBody,
    "verify": case_bodies.VerifyBody,
    "dismiss": case_bodies.DismissBody,
    "merge": case_bodies.MergeBody,
    "split": case_bodies.SplitBody,
    "notes": case_bodies.WordsBody,
}


@pytest.mark.parametrize("step", STATES)
def test_alerting_takes_what_a_form_makes(step: str) -> None:
    _BODIES.get(step, case_bodies.NoteBody).model_validate(body(step, TYPED, ZONE))


def test_times_are_of_the_zone_that_pages_show() -> None:
    assert body("contacts", TYPED, ZONE)["at"] == "2026-11-30T16:05:00+08:00"


def test_whys_keep_their_order_and_leave_out_what_is_empty() -> None:
    assert body("land", TYPED, ZONE)["whys"] == [
        {"answer": "it broke", "evidence": "photo"},
        {"answer": "it was old"},
    ]


def test_a_fix_is_looked_at_only_where_that_is_ticked() -> None:
    assert "verify" not in body("land", {**TYPED, "check": ""}, ZONE)


def test_a_case_is_named_by_its_address_too() -> None:
    assert body("merge", TYPED, ZONE) == {"into": "0198c0de"}


@pytest.mark.parametrize(
    ("step", "name", "value"), [("plan", "due", "soon"), ("land", "after_days", "²")]
)
def test_what_cannot_be_read_is_named(step: str, name: str, value: str) -> None:
    with pytest.raises(Mistyped) as caught:
        body(step, {**TYPED, name: value}, ZONE)
    assert caught.value.field == name


def test_what_can_be_chosen_is_what_alerting_knows() -> None:
    assert set(forms.KINDS) == set(ContactKind)
    assert set(forms.REASONS) == set(DismissalReason)
    assert set(forms.METHODS) == set(Verification)
    assert set(forms.MEASURES) == set(Measure)
