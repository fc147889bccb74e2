"""Who is one person, and who is not."""

import pytest

from heedful.journey.resolve import MAX_LINKED, MAX_PERSONAL
from tests.unit.journey.history import History, history, node_of
from tests.unit.journey.material import feedback, interaction

PHONE = "phone:13900001234"


def together(*seen: tuple[str, ...]) -> History:
    """Each tuple is what one event carried."""
    return history([feedback(number, *names) for number, names in enumerate(seen)])


def one_customer(found: History, *names: str) -> bool:
    owners = {found.customer_of(name) for name in names}
    return len(owners) == 1 and None not in owners


@pytest.mark.parametrize(
    "strong",
    [
        "customer_id:c1",
        "wechat_unionid:u1",
        "member_card:m1",
        "external:x1",
        "wechat_openid:o1",
    ],
)
def test_strong_identifiers_of_one_event_are_one_customer(strong: str) -> None:
    assert one_customer(together((strong, "email:a@example.com")), strong, "email:a@example.com")


def test_customers_grow_together_over_events() -> None:
    found = together(
        ("wechat_openid:o1", "wechat_unionid:u1"),
        ("wechat_unionid:u1", "member_card:m1"),
        ("member_card:m1", "customer_id:c1"),
    )
    assert one_customer(
        found, "wechat_openid:o1", "wechat_unionid:u1", "member_card:m1", "customer_id:c1"
    )


def test_a_phone_joins_what_complements_it() -> None:
    """The chat knows an openid and the phone, the shop a customer id and the phone."""
    found = together(("wechat_openid:o1", PHONE), ("customer_id:c1", PHONE))
    assert one_customer(found, "wechat_openid:o1", PHONE, "customer_id:c1")


@pytest.mark.parametrize("weak", [PHONE, "device:d1"])
def test_two_customer_ids_never_merge_through_something_weak(weak: str) -> None:
    found = together(("customer_id:c1", weak), ("customer_id:c2", weak))
    assert not one_customer(found, "customer_id:c1", "customer_id:c2")
    assert found.customer_of(weak) is None


@pytest.mark.parametrize("kind", ["wechat_unionid", "member_card", "external"])
def test_a_phone_of_two_accounts_of_one_kind_is_shared(kind: str) -> None:
    found = together((f"{kind}:1", PHONE), (f"{kind}:2", PHONE))
    assert not one_customer(found, f"{kind}:1", f"{kind}:2")
    assert node_of(PHONE).id in found.resolution.shared


def test_a_shared_phone_is_nobodys_and_neither_are_its_calls() -> None:
    found = together(("member_card:1", PHONE), ("member_card:2", PHONE), (PHONE,))
    assert found.customers["acme", "feedback", "crm", "f2"] is None


def test_a_phone_is_shared_no_longer_when_its_people_are_one() -> None:
    found = together(
        ("member_card:1", PHONE), ("member_card:2", PHONE), ("member_card:1", "member_card:2")
    )
    assert one_customer(found, PHONE, "member_card:1", "member_card:2")


def test_a_device_links_nothing() -> None:
    found = together(
        ("wechat_openid:o1", "device:d1"), ("email:a@example.com", "device:d1"), ("device:d1",)
    )
    assert not one_customer(found, "wechat_openid:o1", "email:a@example.com")
    assert found.customers["acme", "feedback", "crm", "f2"] is None


def test_customer_ids_on_one_event_stay_two_customers() -> None:
    found = together(("customer_id:c1", "customer_id:c2", "email:a@example.com"))
    assert not one_customer(found, "customer_id:c1", "customer_id:c2")
    assert found.customer_of("email:a@example.com") is None


@pytest.mark.parametrize("kind", ["email", "wechat_openid", "member_card", "wechat_unionid"])
def test_what_two_customer_ids_were_seen_with_says_nothing(kind: str) -> None:
    found = together(("customer_id:c1", f"{kind}:7"), ("customer_id:c2", f"{kind}:7"))
    assert found.customer_of(f"{kind}:7") is None
    assert node_of(f"{kind}:7").id in found.resolution.cut


def test_the_strongest_link_decides_where_two_customers_compete() -> None:
    """openid-mail hangs between them; the openid was seen with c2 itself."""
    found = together(
        ("customer_id:c1", "email:a@example.com"),
        ("email:a@example.com", "wechat_openid:o1"),
        ("wechat_openid:o1", "customer_id:c2"),
    )
    assert one_customer(found, "customer_id:c1", "email:a@example.com")
    assert one_customer(found, "customer_id:c2", "wechat_openid:o1")


def test_a_placeholder_links_nothing() -> None:
    many = [(f"wechat_openid:o{number}", "member_card:guest") for number in range(MAX_PERSONAL + 1)]
    assert one_customer(together(*many[:-1]), "wechat_openid:o0", "wechat_openid:o1")
    found = together(*many)
    assert not one_customer(found, "wechat_openid:o0", "wechat_openid:o1")
    assert found.customer_of("member_card:guest") is None


def test_a_loyal_customer_with_many_accounts_is_no_placeholder() -> None:
    found = together(*((f"external:{number}", "customer_id:c1") for number in range(100)))
    assert one_customer(found, "customer_id:c1", "external:0", "external:99")


def test_what_one_event_can_make_us_look_at_is_bounded() -> None:
    found = together(*((f"external:{number}", "email:a@b.cn") for number in range(MAX_LINKED + 1)))
    assert found.customer_of("email:a@b.cn") is None


def test_devices_are_no_sign_of_a_placeholder() -> None:
    found = together(
        *((f"device:{number}", PHONE) for number in range(MAX_LINKED + 1)), (PHONE, "email:a@b.cn")
    )
    assert one_customer(found, PHONE, "email:a@b.cn")


def test_tenants_never_meet() -> None:
    mine, theirs = (
        feedback(1, "customer_id:c1", PHONE),
        feedback(2, "customer_id:c1", PHONE, tenant="other"),
    )
    found = history([mine, theirs])
    owners = set(found.customers.values())
    assert len(owners) == 2
    assert None not in owners


def test_accounts_of_two_sources_meet_in_a_phone() -> None:
    found = history(
        [interaction(1, "external:7", PHONE, source="a"), interaction(2, "external:7", PHONE)]
    )
    assert found.customer_of("external:7", "a") == found.customer_of("external:7", "shop")
