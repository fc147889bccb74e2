"""The pages of links."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from heedful.alerting.links import pages
from heedful.alerting.links.following import Followed, Looked, Outcome
from heedful.alerting.links.link import Link, Verdict
from heedful.alerting.links.standing import Standing
from tests.unit.alerting.links.test_link import NOW, WANTED

LINK = Link(WANTED, "<script>alert(1)</script>王芳", NOW, None)
LOOKS = [
    *(Looked(verdict, LINK) for verdict in Verdict),
    *(Looked(Verdict.READY, LINK, one) for one in Standing if one is not Standing.OPEN),
]
GOOD = Looked(Verdict.READY, LINK)
ALL = [
    *map(pages.looked, LOOKS),
    *(pages.followed(Followed(Verdict.USED, outcome)) for outcome in Outcome),
    pages.too_often(),
]


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.attributes: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)
        self.attributes += [name for name, _ in attrs]


def test_only_a_good_link_asks_for_a_click() -> None:
    assert [one for one in LOOKS if "<form" in pages.looked(one).html] == [GOOD]
    assert '<form method="post">' in pages.looked(GOOD).html


@pytest.mark.parametrize("page", ALL)
def test_a_page_is_plain_and_in_both_languages(page: pages.Page) -> None:
    tags = Tags()
    tags.feed(page.html)
    assert not {"script", "img", "link", "iframe", "a"} & set(tags.found)
    assert not [name for name in tags.attributes if name.startswith("on") or name == "style"]
    assert re.search(r"[一-鿿]", page.html)
    assert re.search(r"[A-Za-z]{4,}", page.html)


def test_a_name_is_words_and_no_markup() -> None:
    assert "<script>" not in pages.looked(GOOD).html
    assert "&lt;script&gt;" in pages.looked(GOOD).html


def test_what_is_not_good_shows_nothing_of_the_case() -> None:
    for page in ALL[1:]:
        assert WANTED.case_id not in page.html
        assert "王芳" not in page.html


def test_the_policy_allows_the_pages_own_style_and_nothing_else() -> None:
    policy = pages.HEADERS["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    style = re.search(r"<style>(.*)</style>", ALL[0].html)
    assert style is not None
    expected = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{expected}'" in policy
    assert "unsafe" not in policy


def test_statuses_say_what_happened() -> None:
    looked = [200, 200, 404, 410, 410, 409, 409]
    assert [page.status for page in ALL] == [*looked, 200, 409, 409, 410, 429]
