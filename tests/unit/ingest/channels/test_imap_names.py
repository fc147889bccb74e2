"""https://www.rfc-editor.org/rfc/rfc3501 section 5.1.3 and 4.3"""

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.ingest.channels.imap_names import folder_name, quoted


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),  # of the RFC
        ("INBOX", "INBOX"),
        ("Q&A", "Q&-A"),
        ("已发送", "&XfJT0ZAB-"),
        ("投诉 2026", "&YpWLyQ- 2026"),
        ("😀", "&2D3eAA-"),
    ],
)
def test_folders_in_modified_utf_7(name: str, written: str) -> None:
    assert folder_name(name) == written


@given(st.text(st.characters(codec="utf-8"), max_size=50))
def test_a_folders_name_is_printable_ascii_and_its_own(name: str) -> None:
    written = folder_name(name)
    assert written.isascii()
    assert written.isprintable() or not written
    assert re.sub("&([^-]*)-", _read, written) == name


def _read(match: re.Match[str]) -> str:
    packed = match[1].replace(",", "/")
    return base64.b64decode(packed + "=" * (-len(packed) % 4)).decode("utf-16-be") or "&"


@pytest.mark.parametrize(
    ("text", "written"), [("a b", '"a b"'), ('say "x"', '"say \\"x\\""'), ("a\\b", '"a\\\\b"')]
)
def test_quoted_strings(text: str, written: str) -> None:
    assert quoted(text) == written


@pytest.mark.parametrize("text", ["a\r\nA1 LOGOUT", "a\n", "a\x00"])
def test_what_would_end_a_command_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="line break"):
        quoted(text)
