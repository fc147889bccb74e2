"""What people decide of who is who, and what the rules make of it."""

import pytest

from heedful.common.events import Delivery
from heedful.journey.records import read
from tests.unit.journey.decided import apart, together
from tests.unit.journey.history import History, history, node_of
from tests.unit.journey.material import feedback
from tests.unit.journey.test_resolve import one_customer
from tests.unit.journey.test_resolve import together as seen

PHONE = "phone:13900001234"
OPENID, MAIL, CARD, OTHER_CARD = (
    "wechat_openid:o1",
    "email:a@example.com",
    "member_card:m1",
    "member_card:m2",
)
C1, C2, C3 = "customer_id:c1", "customer_id:c2", "customer_id:c3"


def later(found: History, *deliveries: Delivery) -> None:
    found.add([read(delivery, "CN") for delivery in deliveries])


@pytest.mark.parametrize(("one", "other"), [(OPENID, MAIL), (CARD, OTHER_CARD), (C1, PHONE)])
def test_what_is_decided_to_be_together_is_one_customer(one: str, other: str) -> None:
    found = seen((one,), (other,))
    assert not one_customer(found, one, other)
    found.decide(together(1, one, other))
    assert one_customer(found, one, other)


def test_a_decision_holds_for_what_comes_later() -> None:
    found = History()
    found.decide(together(1, OPENID, MAIL))
    later(found, feedback(1, OPENID), feedback(2, MAIL))
    assert one_customer(found, OPENID, MAIL)


def test_two_customer_ids_need_a_decision_that_says_so() -> None:
    found = seen((C1,), (C2,))
    found.decide(together(1, C1, C2))
    assert not one_customer(found, C1, C2)
    found.decide(together(2, C1, C2, two_customers=True))
    assert one_customer(found, C1, C2)


def test_a_decision_lapses_where_two_customer_ids_turn_up() -> None:
    """Nobody said that it is one person with two accounts."""
    found = seen((OPENID,), (MAIL,))
    found.decide(together(1, OPENID, MAIL))
    later(found, feedback(8, OPENID, C1), feedback(9, MAIL, C2))
    assert one_customer(found, OPENID, C1)
    assert one_customer(found, MAIL, C2)
    assert not one_customer(found, C1, C2)


def test_the_phone_of_two_accounts_of_one_person_is_that_persons() -> None:
    found = seen((C1, PHONE), (C2, PHONE), (PHONE,))
    assert found.customer_of(PHONE) is None
    found.decide(together(1, C1, C2, two_customers=True))
    assert one_customer(found, C1, C2, PHONE)
    assert found.customers["acme", "feedback", "crm", "f2"] == found.customer_of(C1)
    found.revoke(1)
    assert found.customer_of(PHONE) is None
    assert found.customers["acme", "feedback", "crm", "f2"] is None


def test_a_third_customer_id_still_makes_the_phone_nobodys() -> None:
    found = seen((C1, PHONE), (C2, PHONE), (C3, PHONE))
    found.decide(together(1, C1, C2, two_customers=True))
    assert found.customer_of(PHONE) is None


def test_what_was_seen_with_two_accounts_that_are_apart_is_nobodys() -> None:
    found = seen((C1, MAIL), (C2, MAIL))
    found.decide(together(1, C1, C2, two_customers=True))
    assert one_customer(found, C1, C2, MAIL)
    found.decide(apart(2, (C1,), (C2,)))
    assert found.customer_of(MAIL) is None


def test_accounts_of_one_person_are_so_by_way_of_one_that_nobody_has_seen() -> None:
    """Else the phone would be cut for good before that one is seen."""
    found = History()
    found.decide(together(1, C1, C2, two_customers=True))
    found.decide(together(2, C2, C3, two_customers=True))
    later(found, feedback(1, C1, PHONE), feedback(2, C3, PHONE))
    assert node_of(PHONE).id not in found.resolution.cut
    later(found, feedback(3, C2))
    assert one_customer(found, C1, C2, C3, PHONE)


def test_what_is_decided_to_be_apart_stays_apart() -> None:
    found = seen((C1, MAIL, OPENID))
    found.decide(apart(1, (OPENID,), (C1, MAIL)))
    assert one_customer(found, C1, MAIL)
    assert not one_customer(found, C1, OPENID)
    later(found, feedback(5, OPENID, MAIL), feedback(6, OPENID, C1))
    assert not one_customer(found, C1, OPENID)
    assert found.customer_of(OPENID) == node_of(OPENID).id


def test_what_joins_one_side_is_apart_from_the_other() -> None:
    found = seen((C1, OPENID))
    found.decide(apart(1, (OPENID,), (C1,)))
    later(found, feedback(5, OPENID, CARD), feedback(6, CARD, MAIL), feedback(7, MAIL, C1))
    assert not one_customer(found, C1, OPENID)


def test_apart_beats_together_whichever_was_decided_last() -> None:
    for first, second in ((1, 2), (2, 1)):
        found = seen((OPENID,), (MAIL,))
        found.decide(together(first, OPENID, MAIL))
        found.decide(apart(second, (OPENID,), (MAIL,)))
        assert not one_customer(found, OPENID, MAIL)


def test_apart_also_beats_what_joins_by_way_of_others() -> None:
    found = seen((OPENID,), (MAIL,), (CARD,))
    found.decide(apart(1, (OPENID,), (MAIL,)))
    found.decide(together(2, OPENID, CARD))
    found.decide(together(3, CARD, MAIL))
    assert one_customer(found, OPENID, CARD)
    assert not one_customer(found, CARD, MAIL)


def test_a_phone_that_is_not_theirs_is_somebody_elses() -> None:
    """Not shared: with whom it was decided not to be does not count, also by what comes later."""
    found = seen((C1, MAIL, PHONE), (PHONE,))
    found.decide(apart(1, (PHONE,), (C1, MAIL)))
    assert found.customer_of(PHONE) == node_of(PHONE).id
    later(found, feedback(5, PHONE, OPENID), feedback(6, C1, CARD), feedback(7, CARD, PHONE))
    assert one_customer(found, PHONE, OPENID)
    assert not one_customer(found, PHONE, C1)


def test_a_phone_of_two_who_are_apart_is_shared() -> None:
    found = seen((OPENID, PHONE), (MAIL, PHONE))
    assert one_customer(found, OPENID, MAIL)
    found.decide(apart(1, (OPENID,), (MAIL,)))
    assert node_of(PHONE).id in found.resolution.shared


def test_a_phone_that_is_shared_joins_nobody_by_decision() -> None:
    found = seen((PHONE,), (CARD,))
    found.decide(together(1, PHONE, CARD))
    assert one_customer(found, PHONE, CARD)
    later(found, feedback(5, PHONE, OTHER_CARD))
    assert found.customer_of(PHONE) is None


def test_a_device_joins_nobody_by_decision() -> None:
    found = seen(("device:d1",), (CARD,))
    found.decide(together(1, "device:d1", CARD))
    assert found.customer_of("device:d1") is None


def test_the_id_follows_from_the_identifiers_not_from_the_decision() -> None:
    for left, right in ((OPENID, MAIL), (MAIL, OPENID)):
        found = history([feedback(1, MAIL), feedback(2, OPENID)])
        found.decide(together(1, left, right))
        assert found.customer_of(OPENID) == node_of(MAIL).id
