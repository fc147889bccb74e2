"""The language that a browser asks for."""

import pytest

from heedful.console.sessions.preference import Language, accepted


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", Language.ZH),
        ("en-GB,en;q=0.9", Language.EN),
        ("fr-FR, EN;q=0.5", Language.EN),
        ("zh-Hant-TW", Language.ZH),
        ("fr", Language.ZH),
        ("", Language.ZH),
        (None, Language.ZH),
        ("*", Language.ZH),
        (",;=,", Language.ZH),
    ],
)
def test_the_first_that_there_is(header: str | None, language: Language) -> None:
    assert accepted(header) is language
