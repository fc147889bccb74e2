"""Ids that stay, and what changes hands between two states."""

import uuid

from heedful.journey.customers import affected, compare
from tests.unit.journey.history import history, node_of
from tests.unit.journey.material import feedback

A, B, C, D, X = (uuid.UUID(int=number) for number in range(1, 6))
PHONE = "phone:13900001234"


def test_the_first_strong_identifier_gives_the_id() -> None:
    found = history(
        [
            feedback(1, PHONE),
            feedback(2, "wechat_openid:o9", PHONE),
            feedback(3, "wechat_unionid:u1", "wechat_openid:o9"),
        ]
    )
    assert set(found.owners.values()) == {node_of("wechat_openid:o9").id}


def test_a_phone_gives_the_id_while_nothing_else_is_known() -> None:
    assert history([feedback(1, PHONE)]).customer_of(PHONE) == node_of(PHONE).id


def test_a_customer_id_gives_the_id_from_when_it_is_known() -> None:
    found = history([feedback(1, "member_card:m1"), feedback(2, "member_card:m1", "customer_id:c")])
    assert found.customer_of("member_card:m1") == node_of("customer_id:c").id


def test_first_is_what_happened_first_not_what_came_first() -> None:
    late = feedback(1, "wechat_openid:o1", hours=-5)
    found = history(
        [feedback(2, "email:a@b.cn"), feedback(3, "email:a@b.cn", "wechat_openid:o1")], [late]
    )
    assert found.customer_of("email:a@b.cn") == node_of("wechat_openid:o1").id


def test_at_one_moment_the_strongest_gives_the_id() -> None:
    found = history([feedback(1, "email:a@b.cn", "wechat_unionid:u1", "wechat_openid:o1")])
    assert found.customer_of("email:a@b.cn") == node_of("wechat_unionid:u1").id


def test_two_customers_that_become_one_are_a_merge() -> None:
    change = compare({A: A, B: B}, {A: A, B: A})
    (move,) = change.moves
    assert (move.kind, move.from_id, move.into_id) == ("merge", B, A)
    assert [move.came, move.group, move.around] == [{B}, {A, B}, {A, B}]
    assert change.changed == {B}
    assert not change.created


def test_a_customer_that_gets_a_better_id_is_a_merge_into_it() -> None:
    change = compare({A: A, B: A}, {A: C, B: C, C: C})
    assert [(move.kind, move.from_id, move.into_id) for move in change.moves] == [("merge", A, C)]
    assert change.created == {C}
    assert change.changed == {A, B, C}


def test_an_identifier_that_leaves_is_a_split() -> None:
    change = compare({A: A, B: A}, {A: A, B: B})
    (move,) = change.moves
    assert (move.kind, move.from_id, move.into_id) == ("split", A, B)
    assert [move.came, move.group, move.around] == [{B}, {B}, {A, B}]
    assert change.created == {B}


def test_an_identifier_that_changes_sides_is_a_split() -> None:
    change = compare({A: A, B: A, C: C}, {A: A, B: C, C: C})
    assert [(move.kind, move.from_id, move.into_id) for move in change.moves] == [("split", A, C)]
    assert not change.created


def test_a_customer_whose_own_identifier_is_cut_parts_into_the_rest() -> None:
    change = compare({A: A, B: A, C: A}, {B: B, C: C})
    assert {(move.kind, move.from_id, move.into_id) for move in change.moves} == {
        ("split", A, B),
        ("split", A, C),
    }
    assert change.changed == {A, B, C}


def test_nothing_new_moves_nothing() -> None:
    change = compare({A: A, B: A}, {A: A, B: A})
    assert change == compare({}, {})


def test_a_new_identifier_of_a_known_customer_moves_nothing() -> None:
    assert compare({A: A}, {A: A, B: A}).moves == ()


def test_customers_that_lost_something_are_affected() -> None:
    change = compare({A: A, B: A, C: C}, {A: A, B: B, C: C})
    assert affected({A: A, B: A, C: C}, change, []) == {A}


def test_customers_beside_what_has_an_owner_at_last_are_affected() -> None:
    before = {A: A, C: C, D: D}
    change = compare(before, {**before, X: A})
    assert affected(before, change, [(X, C), (C, X), (A, D)]) == {C}
