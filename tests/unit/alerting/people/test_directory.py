"""What a sync with a directory changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.alerting.people import Absence, Member, Position
from heedful.alerting.people.directory import (
    MAX_MEMBERS,
    Given,
    TooManyMembers,
    UnknownDeputy,
    planned,
)
from tests.unit.alerting.people.test_resolving import NOW, houses, member

AWAY = (Absence(NOW),)


def given_all(*members: Member, keeps: bool = False) -> list[Given]:
    return [Given(one, keeps_absences=keeps) for one in members]


def stored(*members: Member) -> dict[str, Member]:
    return {one.id: one for one in members}


def test_it_makes_changes_keeps_and_removes() -> None:
    old = stored(member("a"), member("b"), member("c"))
    wanted = given_all(member("a"), member("b", Position.LEAD), member("d"))
    kept = planned(old, wanted, remove_missing=False)
    assert (kept.created, kept.updated, kept.unchanged, kept.removed) == (1, 1, 1, 0)
    whole = planned(old, wanted, remove_missing=True)
    assert (whole.created, whole.updated, whole.unchanged, whole.removed) == (1, 1, 1, 1)


def test_absences_that_are_left_out_stay() -> None:
    old = stored(member("a", absences=AWAY))
    assert planned(old, given_all(member("a"), keeps=True), remove_missing=False).unchanged == 1
    (change,) = planned(old, given_all(member("a")), remove_missing=False).changes
    assert change.after == member("a")


def test_a_deputy_must_be_another_member_afterwards() -> None:
    old = stored(member("b"))
    for deputy, remove in (("a", False), ("gone", False), ("b", True)):
        with pytest.raises(UnknownDeputy) as raised:
            planned(old, given_all(member("a", deputy=deputy)), remove_missing=remove)
        assert raised.value.members == ["a"]
    circle = given_all(member("a", deputy="b"), member("b", deputy="a"))
    assert planned({}, circle, remove_missing=False).created == 2


def test_there_are_so_many_members_and_no_more() -> None:
    many = stored(*(member(f"m{number}") for number in range(MAX_MEMBERS)))
    with pytest.raises(TooManyMembers, match="5000"):
        planned(many, given_all(member("a")), remove_missing=False)
    assert planned(many, given_all(member("a")), remove_missing=True).removed == MAX_MEMBERS


@given(houses(), houses(), st.booleans())
def test_twice_is_once(before: list[Member], wanted: list[Member], remove: bool) -> None:
    try:
        plan = planned(stored(*before), given_all(*wanted), remove_missing=remove)
    except UnknownDeputy:
        return
    after = stored(*before)
    for change in plan.changes:
        if change.after is not None:
            after[change.after.id] = change.after
        elif change.before is not None:
            del after[change.before.id]
    again = planned(after, given_all(*wanted), remove_missing=remove)
    assert (again.changes, again.unchanged) == ([], len(wanted))
