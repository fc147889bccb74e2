"""https://www.rfc-editor.org/rfc/rfc3676 section 4"""

import pytest

from heedful.ingest.mail.flowed import unflow


@pytest.mark.parametrize(
    ("text", "delete_space", "read"),
    [
        ("one \ntwo\nthree", False, "one two\nthree"),
        ("刹车 \n失灵", True, "刹车失灵"),
        (">quoted \n>more\nnew", False, "> quoted more\nnew"),
        (">>a \n>b", False, ">> a \n> b"),
        ("words\n-- \nWang", False, "words\n-- \nWang"),
        (" >not quoted", False, ">not quoted"),
        ("a \r\nb", False, "a b"),
    ],
)
def test_lines_are_joined(text: str, delete_space: bool, read: str) -> None:
    assert unflow(text, delete_space=delete_space) == read
