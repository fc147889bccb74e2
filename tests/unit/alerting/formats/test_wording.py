"""Cutting and escaping."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.alerting.endpoint_kinds import EndpointKind
from heedful.alerting.formats import FORMATS
from heedful.alerting.formats.wording import CUT, fitting, in_bytes

LIMITS = st.integers(60, 400)
# Whatever a client could take for markup, a link, a mention or a line of its own.
DANGEROUS = {
    EndpointKind.DINGTALK: "[]()*#>`_!~@<",
    EndpointKind.FEISHU: "[]()*#>`_!~@<",
    EndpointKind.WECOM: "[]()*#>`_!~@<",
    EndpointKind.TEAMS: "[]()*#>`_!~@<",
    EndpointKind.SLACK: "<>*`~_",
}


@given(st.text(max_size=600), LIMITS)
def test_what_fits_is_left_alone_and_the_rest_leaves_a_mark(text: str, limit: int) -> None:
    found = fitting(text, limit)
    assert in_bytes(found) <= limit
    assert found == text or found.endswith(CUT)


@given(st.text(max_size=600), LIMITS)
def test_characters_are_counted_as_well(text: str, limit: int) -> None:
    assert len(fitting(text, limit, len)) <= limit


def test_whole_lines_are_kept() -> None:
    lines = "\n".join(["[a](https://example.com/1)"] * 20)
    for line in fitting(lines, 200).split("\n")[:-1]:
        assert line == "[a](https://example.com/1)"


@pytest.mark.parametrize("kind", list(DANGEROUS))
@given(words=st.text(st.sampled_from(string.punctuation + "\n\r\t\u2028\u202ea 好"), max_size=40))
def test_a_customers_words_are_no_markup(kind: EndpointKind, words: str) -> None:
    found = FORMATS[kind].escape(words)
    assert not set(found) & set(DANGEROUS[kind])
    assert "\n" not in found
    assert "\u202e" not in found
    assert "://" not in FORMATS[EndpointKind.DINGTALK].escape("https://evil.example")


def test_slack_entities_are_those_of_its_page() -> None:
    assert FORMATS[EndpointKind.SLACK].escape("<!channel> & co") == "&lt;!channel&gt; &amp; co"
