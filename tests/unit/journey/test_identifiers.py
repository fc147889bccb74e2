"""One spelling per person; what names nobody is no identifier."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.common.contracts import IdentifierType
from heedful.common.identifiers import normalised
from heedful.journey.identifiers import STRENGTH, nodes
from tests.unit.journey.material import identifiers

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
DIALLED = st.text("0123456789+-() ./", max_size=20)


@pytest.mark.parametrize(
    "written",
    [
        "13900001234",
        "139 0000 1234",
        "139-0000-1234",
        "+8613900001234",
        "+86 139 0000 1234",
        "(+86) 139-0000-1234",
        "8613900001234",
        "0086 139 0000 1234",
        "013900001234",
        "１３９００００１２３４",
        "٠١٣٩٠٠٠٠١٢٣٤",
        "\u202d13900001234\u202c",
    ],
)
def test_a_phone_has_one_spelling(written: str) -> None:
    assert normalised(IdentifierType.PHONE, written, "CN") == "+8613900001234"


def test_a_country_code_wins_over_the_region() -> None:
    assert normalised(IdentifierType.PHONE, "+1 (415) 555-2671", "CN") == "+14155552671"
    assert normalised(IdentifierType.PHONE, "(415) 555-2671", "US") == "+14155552671"
    assert normalised(IdentifierType.PHONE, "07911 123456", "GB") == "+447911123456"


def test_what_cannot_be_a_number_keeps_its_digits() -> None:
    assert normalised(IdentifierType.PHONE, "010-1234 5678", "CN") == "+861012345678"
    assert normalised(IdentifierType.PHONE, "138-0013-8000-1380-0138", "CN") == (
        "1380013800013800138"
    )


@pytest.mark.parametrize("hashed", ["9f86d081884c7d65", "hmac:1a2b", "x" * 63 + "1"])
def test_a_hashed_phone_stays_as_it_is(hashed: str) -> None:
    assert normalised(IdentifierType.PHONE, hashed, "CN") == hashed


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("phone", "139****1234"),
        ("phone", "139••••1234"),
        ("phone", "00000000000"),
        ("phone", "+86 00000000000"),
        ("phone", "110"),
        ("phone", "-"),
        ("phone", "无"),
        ("phone", "unknown"),
        ("email", "l***@example.com"),
        ("customer_id", "\u200b"),
    ],
)
def test_masked_and_empty_values_name_nobody(kind: str, written: str) -> None:
    """Otherwise all who are masked alike would be one person."""
    assert nodes("acme", "crm", identifiers(f"{kind}:{written}"), "CN") == ()


def test_mail_addresses_ignore_case_and_width() -> None:
    spellings = [
        "Li.Na@Example.COM",
        "li.na@example.com",
        " li.na@example.com",
        "li.na＠example.com",
    ]
    assert {normalised(IdentifierType.EMAIL, one, "CN") for one in spellings} == {
        "li.na@example.com"
    }


def test_two_addresses_that_casefold_alike_stay_two() -> None:
    assert normalised(IdentifierType.EMAIL, "straße@example.com", "CN") != normalised(
        IdentifierType.EMAIL, "strasse@example.com", "CN"
    )


@pytest.mark.parametrize(
    "kind", ["customer_id", "wechat_openid", "wechat_unionid", "member_card", "external", "device"]
)
def test_other_identifiers_keep_their_case(kind: str) -> None:
    assert normalised(IdentifierType(kind), "oAbC-1", "CN") == "oAbC-1"
    assert normalised(IdentifierType(kind), "ｏＡｂＣ-１", "CN") == "oAbC-1"


@given(st.sampled_from(IdentifierType), WORDS | DIALLED)
def test_what_has_its_one_spelling_keeps_it(kind: IdentifierType, written: str) -> None:
    once = normalised(kind, written, "CN")
    assert normalised(kind, once, "CN") == once


def test_the_same_identifier_twice_is_one() -> None:
    spelled = identifiers("phone:13900001234", "phone:+86 139 0000 1234", "email:A@example.com")
    assert [one.value for one in nodes("acme", "crm", spelled, "CN")] == [
        "a@example.com",
        "+8613900001234",
    ]


def test_the_strongest_comes_first() -> None:
    given_order = identifiers(*(f"{kind}:13900001234" for kind in reversed(list(STRENGTH))))
    found = [one.type for one in nodes("acme", "crm", given_order, "CN")]
    assert found == list(STRENGTH)
    assert found[0] is IdentifierType.CUSTOMER_ID
    assert set(found) == set(IdentifierType)


def test_an_account_belongs_to_its_source_and_the_rest_to_the_tenant() -> None:
    def ids(name: str, source: str = "crm", tenant: str = "acme") -> set[object]:
        return {one.id for one in nodes(tenant, source, identifiers(name), "CN")}

    assert ids("external:7") != ids("external:7", source="shop")
    assert ids("customer_id:7") == ids("customer_id:7", source="shop")
    assert ids("customer_id:7") != ids("customer_id:7", tenant="other")
    assert ids("customer_id:7") != ids("member_card:7")


def test_scope_and_value_do_not_run_into_each_other() -> None:
    one = nodes("acme", "a", identifiers("external:b\x1fc"), "CN")
    other = nodes("acme", "a\x1fb", identifiers("external:c"), "CN")
    assert one[0].id != other[0].id


def test_the_id_of_an_identifier_never_changes() -> None:
    """Every customer id hangs on it: another value here would give everybody a new id."""
    (found,) = nodes("acme", "crm", identifiers("phone:13900001234"), "CN")
    assert str(found.id) == "7f37119d-b8e4-5c00-9395-1a4b85ec8e80"
