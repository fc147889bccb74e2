"""Personal data is replaced wherever rules can see it, and nothing else is."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.ingest.redaction import is_bank_card, is_id_card, redact

_MOBILE = re.compile(r"(?<!\d)1[3-9][0-9]{9}(?!\d)")

# Pieces that make the rules meet each other far more often than random text does.
_PIECES = st.sampled_from(
    [
        "13900001234", "139 0000 1234", "+86-", "0086", "110105194912310021", "11010519491231002X",
        "6222021234567894", "6222 0212 3456 7894", "a@b.com", "@", ".com", " ", "-", "1", "86", "x",
        "电话", "，", "<phone>", "１３９", "００００１２３４", "\n", "\ud7ff", "٣", "é",
    ]
)  # fmt: skip
_TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(_PIECES, max_size=12).map("".join),
    st.text(alphabet="0123456789 -Xx@.a", max_size=60),
)


@given(_TEXTS)
def test_it_never_raises_and_is_idempotent(text: str) -> None:
    once = redact(text)
    assert redact(once) == once


@given(_TEXTS, st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), _TEXTS)
def test_no_mobile_number_remains(before: str, number: str, after: str) -> None:
    assert _MOBILE.search(redact(before + number + after)) is None


@given(st.text(alphabet=st.characters(exclude_categories=["Nd", "Nl", "No"]), max_size=200))
def test_text_without_digits_and_mail_is_untouched(text: str) -> None:
    if "@" not in text and "＠" not in text:
        assert redact(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("打13900001234找我", "打<phone>找我"),
        ("139 0000 1234", "<phone>"),
        ("139-0000-1234。", "<phone>。"),
        ("1 3 9 0 0 0 0 1 2 3 4", "<phone>"),
        ("+8613900001234", "<phone>"),
        ("+86 139 0000 1234", "<phone>"),
        ("+86-139-0000-1234", "<phone>"),
        ("008613900001234", "<phone>"),
        ("8613900001234", "<phone>"),
        ("tel13900001234", "tel<phone>"),
        ("wx13900001234a", "wx<phone>a"),
        ("１３９００００１２３４", "<phone>"),
        ("13900001234,13800005678", "<phone>,<phone>"),
        ("电话13900001234-8012转", "电话<phone>-8012转"),
        ("发到 zhang.san+a@mail.example.com.cn 吧", "发到 <email> 吧"),
        ("zhang＠example．com", "<email>"),
        ("a@b.com13900001234", "<email><phone>"),
    ],
)
def test_phones_and_mail(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize(
    ("number", "good"),
    [
        # The example of GB 11643-1999 and further ones computed by its annex.
        ("11010519491231002X", True),
        ("11010519491231002x", True),
        ("440524188001010014", True),
        ("110105 19491231 002X", True),
        ("110105-19491231-002X", True),
        ("110105194912310021", False),
        ("440524188001010015", False),
        ("11010519491231003X", False),
    ],
)
def test_resident_ids_are_told_by_their_check_character(number: str, good: bool) -> None:
    assert is_id_card(number) is good
    assert redact(f"身份证{number}，谢谢") == f"身份证{'<id_card>' if good else number}，谢谢"


@pytest.mark.parametrize(
    ("number", "good"),
    [
        ("4111111111111111", True),
        ("4111 1111 1111 1111", True),
        ("4111-1111-1111-1111", True),
        ("378282246310005", True),
        ("6222021234567894", True),
        ("4111111111111112", False),
        ("6222021234567893", False),
    ],
)
def test_bank_cards_are_told_by_the_luhn_digit(number: str, good: bool) -> None:
    assert is_bank_card(number) is good
    assert redact(f"卡号{number}扣款") == f"卡号{'<bank_card>' if good else number}扣款"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("第3 4111111111111111", "第3 <bank_card>"),
        ("4111111111111111 127", "<bank_card> 127"),
        ("ICBC6222021234567894x", "ICBC<bank_card>x"),
        ("12 11010519491231002X", "12 <id_card>"),
    ],
)
def test_other_digits_beside_a_number_do_not_hide_it(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "订单号20261124000123，金额1299.00元",
        "订单 SF1390000123456 三天没到",
        "订单号13900001234567890",
        "退款 12900001234 分",
        "等了120分钟，客服400-800-1234也打不通",
        "2026-11-24 08:15:00 到 2026-11-25 09:00:00",
        "座机010-62345678",
        "@客服 你们的1+1活动",
        "第1、2、3、4、5、6、7、8项",
    ],
)
def test_orders_amounts_and_dates_are_untouched(text: str) -> None:
    assert redact(text) == text


def test_long_texts_cost_little() -> None:
    text = "13900001234 4111111111111112 " * 3000
    assert redact(text) == "<phone> 4111111111111112 " * 3000
