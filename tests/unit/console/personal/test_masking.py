"""Identifiers, masked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.common.contracts import IdentifierType
from heedful.console.personal.masking import masked


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("phone", "13812345678", "138****5678"),
        ("phone", "+8613812345678", "+86138****5678"),
        ("phone", "110", "***"),
        ("email", "li.lei@example.com", "l***@example.com"),
        ("wechat_openid", "oABCD1234567", "oA***67"),
        ("member_card", "x", "***"),
    ],
)
def test_enough_is_left_to_tell_one_from_another(kind: str, value: str, shown: str) -> None:
    assert masked(kind, value) == shown


@given(st.sampled_from([one.value for one in IdentifierType]), st.text("ab1@", max_size=30))
def test_an_identifier_is_never_shown_whole(kind: str, value: str) -> None:
    shown = masked(kind, value)
    assert "**" in shown
    assert not value or value not in shown
