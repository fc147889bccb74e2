"""Who is told: deputies, circles of them, empty rungs of the ladder."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.alerting.people import Absence, Member, Position, Present
from heedful.alerting.recipients import Recipient

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
AWAY = (Absence(NOW),)
TEAMS = ("repair", "delivery")
OWNER, LEAD, MANAGER, DIRECTOR, BOARD = Recipient


def member(member_id: str, position: Position = Position.AGENT, **changes: Any) -> Member:
    return Member(member_id, f"Name of {member_id}", position, **changes)


def told(
    members: list[Member], *recipients: Recipient, owner: str | None = None, team: str | None = None
) -> list[str]:
    return [one.id for one in Present(members, NOW).resolve(recipients, owner, team)]


HOUSE = [
    member("li", teams=("repair",), deputy="wang"),
    member("wang", teams=("repair",), deputy="li"),
    member("lead-r", Position.LEAD, teams=("repair",)),
    member("lead-d", Position.LEAD, teams=("delivery",)),
    member("manager", Position.MANAGER),
    member("director", Position.DIRECTOR),
]


def away(*ids: str) -> list[Member]:
    return [
        Member(one.id, one.name, one.position, one.teams, one.deputy, AWAY if one.id in ids else ())
        for one in HOUSE
    ]


@pytest.mark.parametrize(
    ("absent", "found"),
    [
        ((), ["li"]),
        (("li",), ["wang"]),
        (("li", "wang"), ["lead-r"]),
        (("li", "wang", "lead-r"), ["manager"]),
        (("li", "wang", "lead-r", "manager"), ["director"]),
        (("li", "wang", "lead-r", "manager", "director"), []),
    ],
)
def test_an_owner_is_stood_in_for_up_the_ladder(absent: tuple[str, ...], found: list[str]) -> None:
    assert told(away(*absent), OWNER, owner="li", team="repair") == found


@pytest.mark.parametrize("owner", [None, "gone", ""])
def test_what_is_nobodys_is_the_leads(owner: str | None) -> None:
    assert told(HOUSE, OWNER, owner=owner, team="repair") == ["lead-r"]
    assert told(HOUSE, OWNER, owner=owner) == ["lead-d", "lead-r"]
    assert told(HOUSE, OWNER, owner=owner, team="unknown") == ["manager"]


def test_each_is_told_once_in_the_order_of_the_recipients() -> None:
    assert told(HOUSE, MANAGER, OWNER, LEAD, BOARD, team="repair") == ["manager", "lead-r"]
    assert told(HOUSE, BOARD) == []


def test_a_deputy_who_is_no_member_is_nobody() -> None:
    assert told([member("li", deputy="gone", absences=AWAY)], OWNER, owner="li") == []


@pytest.mark.parametrize(
    ("absence", "absent"),
    [
        (Absence(NOW), True),
        (Absence(NOW - timedelta(days=1), NOW), False),
        (Absence(NOW - timedelta(days=1), NOW + timedelta(microseconds=1)), True),
        (Absence(NOW + timedelta(microseconds=1)), False),
    ],
)
def test_an_absence_holds_from_its_start_until_just_before_its_end(
    absence: Absence, absent: bool
) -> None:
    assert member("li", absences=(absence,)).absent(NOW) is absent


@st.composite
def houses(draw: st.DrawFn) -> list[Member]:
    """Members whose deputies are anybody, themselves and strangers too."""
    ids = draw(st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8))
    return [
        member(
            name,
            draw(st.sampled_from(Position)),
            teams=tuple(draw(st.lists(st.sampled_from(TEAMS), unique=True))),
            deputy=draw(st.none() | st.sampled_from([*ids, "stranger"])),
            absences=draw(st.sampled_from([(), AWAY])),
        )
        for name in ids
    ]


RECIPIENTS = st.lists(st.sampled_from(Recipient), max_size=6)
TEAM = st.none() | st.sampled_from([*TEAMS, "unknown"])
WHO = st.none() | st.sampled_from("abcdefghz")


@given(houses(), RECIPIENTS, WHO, TEAM, st.randoms(use_true_random=False))
def test_whatever_the_house_who_is_told_is_there_and_told_once(
    house: list[Member],
    recipients: list[Recipient],
    owner: str | None,
    team: str | None,
    chance: Any,
) -> None:
    found = told(house, *recipients, owner=owner, team=team)
    by_id = {one.id: one for one in house}
    assert len(set(found)) == len(found)
    assert not [one for one in found if by_id[one].absent(NOW)]
    chance.shuffle(house)
    assert told(house, *recipients, owner=owner, team=team) == found


@given(houses(), WHO, TEAM)
def test_nobody_is_told_only_when_nobody_can_be(
    house: list[Member], owner: str | None, team: str | None
) -> None:
    """By a slow walk: everybody whom some chain of deputies leads to."""
    by_id = {one.id: one for one in house}

    def reached(member: Member | None) -> bool:
        for _ in range(len(house) + 1):
            if member is None or not member.absent(NOW):
                break
            member = by_id.get(member.deputy or "")
        return member is not None and not member.absent(NOW)

    rungs = (Position.LEAD, Position.MANAGER, Position.DIRECTOR)
    possible = reached(by_id.get(owner or "")) or any(
        reached(one) for one in house if one.position in rungs and one.works_for(team)
    )
    assert bool(told(house, OWNER, owner=owner, team=team)) is possible


@given(houses(), st.sampled_from([LEAD, MANAGER, DIRECTOR]), TEAM)
def test_a_higher_rung_is_told_only_when_the_lower_is_empty(
    house: list[Member], recipient: Recipient, team: str | None
) -> None:
    there = [
        one.id
        for one in house
        if one.position.value == recipient.value and one.works_for(team) and not one.absent(NOW)
    ]
    assert set(there) <= set(told(house, recipient, team=team))
