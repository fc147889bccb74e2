"""Lengths of time are told as they are: a deadline is never rounded."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from heedful.console.sessions.preference import Language
from heedful.console.web.localize import Localize


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(hours=24), "24 hours"),
        (timedelta(hours=36), "36 hours"),
        (timedelta(days=7), "7 days"),
        (timedelta(days=5, hours=1), "5 days 1 hour"),
        (timedelta(hours=1, minutes=30), "1 hour 30 minutes"),
        (timedelta(seconds=30), "30 seconds"),
        (timedelta(), "0 minutes"),
    ],
)
def test_a_length_is_told_exactly(length: timedelta, said: str) -> None:
    assert Localize(Language.EN, ZoneInfo("UTC")).exactly(length) == said
