"""What stands where personal data stood."""

import re

import pytest

from heedful.ingest.redaction import Kind, Mode, placeholder, redact, redact_whole

from .words import KEY, redacted

SAME = [
    "13900001234",
    "139 0000 1234",
    "+86-139-0000-1234",
    "０13900001234",
    "幺三九四个零幺二三四",
]


def test_a_mask_says_the_type() -> None:
    assert redacted("打13900001234或lily@example.com").text == "打<phone>或<email>"


def test_tokens_are_numbered_in_the_text_and_equal_for_equal_values() -> None:
    text = "13900001234，13800005678，139-0000-1234，lily@example.com"
    assert redacted(text, Mode.TOKEN).text == "<phone_1>，<phone_2>，<phone_1>，<email_1>"


def test_numbers_that_a_text_already_uses_are_not_given_again() -> None:
    assert redacted("<phone_3> 13900001234", Mode.TOKEN).text == "<phone_3> <phone_4>"


@pytest.mark.parametrize("written", SAME)
def test_a_hash_is_the_same_for_every_spelling_in_every_text(written: str) -> None:
    expected = redacted("13900001234", Mode.HASH).text
    assert re.fullmatch(r"<phone:[0-9a-f]{12}>", expected)
    assert redacted(f"请打 {written} 找我", Mode.HASH).text == f"请打 {expected} 找我"


def test_hashes_differ_by_value_by_type_and_by_key() -> None:
    texts = ["13900001234", "13900001235", "QQ 13900001234"]
    found = {redacted(text, Mode.HASH).text for text in texts}
    found.add(redacted("13900001234", Mode.HASH, b"x" * 32).text)
    assert len({re.search(r"<.*>", one)[0] for one in found}) == 4  # type: ignore[index]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Lily@Example.COM", "lily@example.com"),
        ("11010519491231002x", "110105 19491231 002X"),
        ("京A·12345", "京a12345"),
        ("6222021234567894", "6222-0212-3456-7894"),
    ],
)
def test_values_are_equal_however_they_are_written(one: str, other: str) -> None:
    assert redacted(one, Mode.HASH).text == redacted(other, Mode.HASH).text


def test_a_text_of_a_known_type_is_replaced_whole() -> None:
    written = placeholder(Mode.MASK, KEY, "")
    assert redact_whole(Kind.NAME, "李雷", written).text == "<name>"
    assert redact_whole(Kind.NAME, "<name>", written).text == "<name>"
    assert redact_whole(Kind.NAME, " ", written).spans == ()


def test_one_numbering_serves_several_texts_of_an_item() -> None:
    written = placeholder(Mode.TOKEN, KEY, "")
    assert redact("13900001234", written).text == "<phone_1>"
    assert redact("13800005678 13900001234", written).text == "<phone_2> <phone_1>"
