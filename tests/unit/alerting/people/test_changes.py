"""What the audit says of members."""

from dataclasses import replace

from heedful.alerting.endpoint_kinds import EndpointKind
from heedful.alerting.people import Absence, Member, Position
from heedful.alerting.people.changes import entry
from heedful.alerting.people.directory import Change
from heedful.common.contracts import Actor, ActorType
from tests.unit.alerting.people.test_resolving import NOW

BY = Actor(type=ActorType.HUMAN, id="chen")
WANG = Member(
    "wang.fang",
    "王芳",
    Position.LEAD,
    teams=("repair",),
    absences=(Absence(NOW),),
    handles={EndpointKind.DINGTALK: "13900001234"},
    email="wang@example.com",
)


def test_a_new_member_is_told_without_names_and_addresses() -> None:
    made = entry("acme", BY, Change(None, WANG))
    assert (made.action, made.subject.id, made.before) == ("member.created", "wang.fang", None)
    assert made.after == {
        "position": "lead",
        "teams": ["repair"],
        "deputy": None,
        "absences": [{"from": "2026-11-24T12:00:00+00:00", "until": None}],
        "personal": ["name", "handles", "email"],
    }


def test_a_change_says_from_what_to_what() -> None:
    after = replace(WANG, position=Position.MANAGER, email=None)
    made = entry("acme", BY, Change(WANG, after))
    assert made.action == "member.changed"
    assert made.before is not None
    assert made.after is not None
    assert (made.before["position"], made.after["position"]) == ("lead", "manager")
    assert made.after["personal"] == ["email"]


def test_a_removal_says_what_was() -> None:
    made = entry("acme", BY, Change(WANG, None))
    assert (made.action, made.after) == ("member.removed", None)
    assert not [one for one in ("王芳", "13900001234", "wang@example.com") if one in str(made)]
