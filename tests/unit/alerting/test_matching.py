"""Which contact belongs to which case."""

import pytest

from heedful.alerting.matching import match_keys, normalised
from heedful.common.contracts import Identifier, IdentifierType

SECRET = b"s" * 32


def phone(value: str) -> Identifier:
    return Identifier(type=IdentifierType.PHONE, value=value)


@pytest.mark.parametrize(
    "spelling",
    [
        "13800138000",
        "+86 138 0013 8000",
        "0086-138-0013-8000",
        "(138)0013-8000",
        "１３８００１３８０００",
    ],
)
def test_spellings_of_one_chinese_phone(spelling: str) -> None:
    assert normalised(phone(spelling)) == "+8613800138000"


def test_a_foreign_phone_keeps_its_country() -> None:
    assert normalised(phone("+1 650-253-0000")) == "+16502530000"


def test_what_is_no_phone_stays() -> None:
    assert normalised(phone("Ext-A")) == "ext-a"


def test_a_hashed_phone_is_not_read_as_digits() -> None:
    """A parser of telephone numbers would find one in it: letters stand on keypads."""
    value = "hashed:" + "13900001234abcdef" + "0" * 15
    assert normalised(phone(value)) == value


def test_other_identifiers() -> None:
    email = Identifier(type=IdentifierType.EMAIL, value="Li.Wei@Example.COM")
    card = Identifier(type=IdentifierType.MEMBER_CARD, value="aB1")
    assert normalised(email) == "li.wei@example.com"
    assert normalised(card) == "aB1"


def test_keys_match_by_type_and_value_within_a_tenant() -> None:
    mine = match_keys(SECRET, "a", "s", "conv", (phone("13800138000"),))
    assert len(mine) == 2
    assert set(match_keys(SECRET, "a", "s", None, (phone("+8613800138000"),))) < set(mine)
    assert set(match_keys(SECRET, "a", "s", "conv", ())) < set(mine)
    external = Identifier(type=IdentifierType.EXTERNAL, value="13800138000")
    others = [
        match_keys(SECRET, "b", "s", "conv", (phone("13800138000"),)),
        match_keys(b"other", "a", "s", "conv", (phone("13800138000"),)),
        match_keys(SECRET, "a", "s", "13800138000", (external,)),
    ]
    assert all(not set(mine) & set(keys) for keys in others)


def test_an_external_id_is_of_its_source() -> None:
    external = Identifier(type=IdentifierType.EXTERNAL, value="42")
    shop, desk = (match_keys(SECRET, "a", source, None, (external,)) for source in ("shop", "desk"))
    assert shop != desk
    assert shop == match_keys(SECRET, "a", "shop", None, (external,))
    card = Identifier(type=IdentifierType.MEMBER_CARD, value="42")
    assert match_keys(SECRET, "a", "shop", None, (card,)) == match_keys(
        SECRET, "a", "desk", None, (card,)
    )


def test_keys_name_nobody() -> None:
    (key,) = match_keys(SECRET, "a", "s", None, (phone("13800138000"),))
    assert all(character in "0123456789abcdef" for character in key)


def test_nothing_known_no_key() -> None:
    assert match_keys(SECRET, "a", "s", None, ()) == ()
