"""The report as Markdown, for robots, and as a page."""

import re
from html.parser import HTMLParser

import pytest

from heedful.alerting.endpoint_kinds import Language
from heedful.alerting.figures.model import Landing, Share
from heedful.alerting.reports import page, sections, wording
from heedful.alerting.reports.model import Cohort, Named, Work
from heedful.alerting.reports.wording import EXCLUSIONS, OUTCOMES, WORDS
from heedful.alerting.survival import Median
from tests.unit.alerting.reports.material import COHORT, many, report

LANGUAGES = list(Language)
NOBODY = Cohort(0, 0, Share(), Share(), Share(), Share())
EMPTY = report(
    whole=NOBODY,
    landing=Landing(Share(), 0, 0, None, Median(None, None, None, 0, 0)),
    topics=[],
    touchpoints=[],
    teams=[],
    ages=[0] * 5,
    work=Work(),
    verdicts={},
    coverage=Share(),
)


class Tags(HTMLParser):
    """What a page is made of; every tag that opens must close."""

    VOID = frozenset({"meta", "link", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        assert not any(name.startswith("on") or name in ("src", "href") for name, _ in attrs)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("table", [WORDS, OUTCOMES, EXCLUSIONS])
def test_both_languages_have_the_same_words(table: dict[Language, dict[str, str]]) -> None:
    assert set(table[Language.ZH]) == set(table[Language.EN])


def test_shares_tell_what_they_are_of() -> None:
    told = sections.markdown(report(), Language.EN)
    assert told.startswith("# Voice of the customer: the month 2026-10\n")
    for line in (
        "- Responded within 24 h (red): 79 % (30/38)",
        "- Landing above 72 h: 25 % (22/88)",
        "- Median hours to land (with what has not): 52.5 h \\[44.0, ∞\\]",
        "- Not counted: dismissed 3, late source 2",
        "- verified 6, no effect 2, worse 0, inconclusive 9",
        "- Effective (of those that could be told): 75 % (6/8)",
        "- Feedback with labels: 98 % (980/1000)",
        "- ≥ 30 d: 5",
    ):
        assert line in told.splitlines()


def test_a_name_is_no_markup() -> None:
    told = sections.markdown(
        report(topics=[Named("[x](https://evil) <b>*a*</b>", COHORT)]), Language.EN
    )
    assert "\\[x\\](https://evil) \\<b\\>\\*a\\*\\</b\\>" in told
    shown = page.html(report(topics=[Named("<script>alert(1)</script>", COHORT)]), Language.EN)
    assert "<script" not in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_fits_in_a_robots_message(language: Language) -> None:
    """WeCom takes 4096 bytes of Markdown, the least of all."""
    for one in (report(), many(40)):
        body = "\n".join(sections.lines(one, language))
        assert len(body.encode()) < (4096 if one.teams[0].name == "华东" else 8192)
        assert wording.WORDS[language]["topics"] in body


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("one", [report(), many(12), EMPTY], ids=["usual", "many", "empty"])
def test_the_page_stands_alone(one: object, language: Language) -> None:
    shown = page.html(one, language)  # type: ignore[arg-type]
    tags = Tags()
    tags.feed(shown)
    assert tags.open == []
    assert tags.seen.isdisjoint({"script", "link", "img", "iframe", "form"})
    assert not re.search(r"url\(|@import|https?://", shown)
    assert WORDS[language]["title"] in shown


def test_nothing_to_tell() -> None:
    told = sections.markdown(EMPTY, Language.ZH)
    assert "落地超过 72 小时: –" in told
    assert "有效（可判定的改进）" not in told


def test_ages_have_names() -> None:
    assert wording.ages(Language.EN) == [
        "< 24 h",
        "24 h – 72 h",
        "72 h – 7 d",
        "7 d – 30 d",
        "≥ 30 d",
    ]
