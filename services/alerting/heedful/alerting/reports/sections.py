"""The report in few lines: for a robot's channel, and as Markdown. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from heedful.alerting.endpoint_kinds import Language
from heedful.alerting.figures.model import Excluded
from heedful.alerting.reports import wording
from heedful.alerting.reports.model import Named, Report
from heedful.alerting.reports.wording import WORDS
from heedful.alerting.verification.verdict import Outcome

LISTED: Final = 5
"""Entries of each list: a robot's message has 4 KB at most."""

_MARKUP: Final = re.compile(r"([\\`*_{}\[\]<>#|~])")
_LONGEST: Final = 60


@dataclass(frozen=True, slots=True)
class Section:
    heading: str
    lines: Sequence[str]


def title(report: Report, language: Language) -> str:
    return f"{WORDS[language]['title']} {report.month}"


def sections(report: Report, language: Language) -> list[Section]:
    """What fits in a message: the promises, the worst places, the departments, the fixes."""
    words = WORDS[language]
    return [
        Section(words["promises"], list(_promises(report, language))),
        Section(words["topics"], _named(report.topics, language)),
        Section(words["touchpoints"], _named(report.touchpoints, language)),
        Section(words["teams"], list(_teams(report, language))),
        Section(words["ageing"], list(_ages(report, language))),
        Section(words["fixes"], list(_fixes(report, language))),
        Section(words["coverage"], list(_coverage(report, language))),
    ]


def lines(report: Report, language: Language) -> list[str]:
    """Plain lines, which every robot's format escapes in its own way."""
    found: list[str] = []
    for section in sections(report, language):
        found += [f"【{section.heading}】", *section.lines]
    return found


def markdown(report: Report, language: Language) -> str:
    """CommonMark; names are escaped."""
    found = [f"# {title(report, language)}", ""]
    for section in sections(report, language):
        found += [f"## {section.heading}", ""]
        found += [f"- {_MARKUP.sub(_escaped, line)}" for line in section.lines]
        found.append("")
    return "\n".join(found)


def _promises(report: Report, language: Language) -> Iterator[str]:
    words, whole, landing = WORDS[language], report.whole, report.landing
    yield f"{words['received']}: {whole.received}, {words['red']}: {whole.red}"
    yield f"{words['responded']}: {wording.share(whole.responded)}"
    yield f"{words['planned']}: {wording.share(whole.planned)}"
    yield f"{words['above']}: {wording.share(whole.above)}"
    yield f"{words['mean']}: {wording.hours(landing.mean, language) if landing.landed else '–'}"
    yield f"{words['median']}: {median(report, language)}"
    yield f"{words['excluded']}: {excluded(report, language)}"


def median(report: Report, language: Language) -> str:
    """With its interval, where it has an end."""
    found = report.landing.median
    if not found.n:
        return "–"
    told = wording.hours(found.hours, language)
    if found.low is None:
        return told
    return f"{told} [{found.low:.1f}, {'∞' if found.high is None else f'{found.high:.1f}'}]"


def excluded(report: Report, language: Language) -> str:
    """What is in no share, by reason."""
    names = wording.EXCLUSIONS[language]
    counts = [
        f"{names[one]} {report.landing.excluded[one]}"
        for one in Excluded
        if report.landing.excluded.get(one)
    ]
    return ", ".join(counts) or WORDS[language]["none"]


def _named(found: Sequence[Named], language: Language) -> list[str]:
    words = WORDS[language]
    told = [
        f"{name(one.name, language)}: {words['red']} {one.cohort.red},"
        f" {words['responded']} {wording.share(one.cohort.responded)}"
        for one in found[:LISTED]
    ]
    return [*told, *_rest(len(found), language)] or [words["none"]]


def name(given: str | None, language: Language) -> str:
    """A name of somebody's system, not longer than a line."""
    if given is None:
        return WORDS[language]["unnamed"]
    return given if len(given) <= _LONGEST else given[: _LONGEST - 1] + "…"


def _teams(report: Report, language: Language) -> Iterator[str]:
    words = WORDS[language]
    for team in report.teams[:LISTED]:
        yield (
            f"{name(team.name, language)}: {words['red']} {team.cohort.red},"
            f" {words['responded']} {wording.share(team.cohort.responded)},"
            f" {words['planned']} {wording.share(team.cohort.planned)},"
            f" {words['above']} {wording.share(team.cohort.above)},"
            f" {words['landed']} {team.work.landed}, {words['open']} {team.open}"
        )
    yield from _rest(len(report.teams), language)


def _rest(count: int, language: Language) -> list[str]:
    return [f"{WORDS[language]['more']} {count - LISTED}"] if count > LISTED else []


def _ages(report: Report, language: Language) -> Iterator[str]:
    for label, count in zip(wording.ages(language), report.ages, strict=True):
        yield f"{label}: {count}"


def _fixes(report: Report, language: Language) -> Iterator[str]:
    words, names = WORDS[language], wording.OUTCOMES[language]
    work = report.work
    yield (
        f"{words['landed']} {work.landed}, {words['verified']} {work.verified},"
        f" {words['reopened']} {work.reopened}"
    )
    if report.verdicts:
        yield ", ".join(f"{names[one]} {report.verdicts.get(one, 0)}" for one in Outcome)
        yield f"{words['effective']}: {wording.share(report.effective)}"


def _coverage(report: Report, language: Language) -> Iterator[str]:
    words = WORDS[language]
    yield f"{words['labelled']}: {wording.share(report.coverage)}"
    yield f"{words['answered']}: {wording.share(report.whole.answered)}"


def _escaped(found: re.Match[str]) -> str:
    return "\\" + found[1]
