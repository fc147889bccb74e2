"""Tokens of links, and what a link is worth."""

from datetime import UTC, datetime, timedelta

import pytest

from heedful.alerting.links.link import (
    Link,
    LinkAction,
    Verdict,
    Wanted,
    digest,
    judged,
    new_token,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
WANTED = Wanted("acme", "case-1", "wang.fang", LinkAction.ACKNOWLEDGE)


def test_tokens_are_long_random_and_fit_into_a_path() -> None:
    made = {new_token() for _ in range(100)}
    assert len(made) == 100
    assert all(len(one) == 43 and one.replace("-", "").replace("_", "").isalnum() for one in made)


def test_a_digest_does_not_show_the_token() -> None:
    token = new_token()
    assert len(digest(token)) == 32
    assert token.encode() not in digest(token)
    assert digest("\ud800\x00") != digest("")


@pytest.mark.parametrize(
    ("link", "verdict"),
    [
        (None, Verdict.UNKNOWN),
        (Link(WANTED, "Wang", NOW + MOMENT, None), Verdict.READY),
        (Link(WANTED, "Wang", NOW, None), Verdict.EXPIRED),
        (Link(WANTED, "Wang", NOW + MOMENT, NOW), Verdict.USED),
        (Link(WANTED, "Wang", NOW, NOW), Verdict.USED),
    ],
)
def test_a_link_is_good_until_it_is_used_or_expires(link: Link | None, verdict: Verdict) -> None:
    assert judged(link, NOW) is verdict
