"""One spelling of an identifier, and its keyed hash."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.common.contracts import IdentifierType
from heedful.common.identifiers import hashed, is_hashed, normalised

SECRET = b"s" * 32
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


@given(st.sampled_from(IdentifierType), WORDS | DIALLED)
def test_a_hash_has_its_one_spelling_already(kind: IdentifierType, written: str) -> None:
    value = hashed(SECRET, "acme", kind, normalised(kind, written, "CN"))
    assert normalised(kind, value, "CN") == value
    assert hashed(SECRET, "acme", kind, value) == value
    assert is_hashed(value) or value == ""


def test_a_hash_says_nothing_and_is_the_same_for_every_spelling() -> None:
    spellings = ["13900001234", "+86 139-0000-1234"]
    values = {
        hashed(SECRET, "acme", IdentifierType.PHONE, normalised(IdentifierType.PHONE, one, "CN"))
        for one in spellings
    }
    (value,) = values
    assert re.fullmatch(r"hashed:[0-9a-f]{32}", value)


def test_hashes_differ_by_tenant_type_value_and_secret() -> None:
    given_ = [
        (SECRET, "acme", IdentifierType.PHONE, "+8613900001234"),
        (SECRET, "other", IdentifierType.PHONE, "+8613900001234"),
        (SECRET, "acme", IdentifierType.EXTERNAL, "+8613900001234"),
        (SECRET, "acme", IdentifierType.PHONE, "+8613900001235"),
        (b"x" * 32, "acme", IdentifierType.PHONE, "+8613900001234"),
    ]
    assert len({hashed(*one) for one in given_}) == len(given_)


def test_what_names_nobody_is_not_hashed() -> None:
    """Otherwise all whose number is masked would be one person."""
    assert hashed(SECRET, "acme", IdentifierType.PHONE, "") == ""


@pytest.mark.parametrize("value", ["9f86d081884c7d65", "hmac:1a2b", "x" * 63 + "1"])
def test_a_hash_of_the_sender_stays_as_it_is(value: str) -> None:
    assert normalised(IdentifierType.PHONE, value, "CN") == value
