"""The report as one HTML file: no script, nothing fetched, made for paper as well. Pure."""

from functools import cache
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from heedful.alerting.endpoint_kinds import Language
from heedful.alerting.reports import sections, wording
from heedful.alerting.reports.model import Report
from heedful.alerting.reports.wording import WORDS
from heedful.alerting.verification.verdict import Outcome


def html(report: Report, language: Language) -> str:
    """A document in UTF-8."""
    words, names = WORDS[language], wording.OUTCOMES[language]
    whole, landing = report.whole, report.landing
    local = report.at.astimezone(ZoneInfo(report.zone))
    return _template().render(
        report=report,
        language=language.value,
        words=words,
        title=sections.title(report, language),
        at=f"{local:%Y-%m-%d %H:%M} ({report.zone})",
        tiles=[
            (whole.received, words["received"]),
            (whole.red, words["red"]),
            (wording.share(whole.responded), words["responded"]),
            (wording.share(whole.planned), words["planned"]),
            (wording.share(whole.above), words["above"]),
            (sections.median(report, language), words["median"]),
            (
                wording.hours(landing.mean, language) if landing.landed else "–",
                words["mean"],
            ),
            (wording.share(report.coverage), words["labelled"]),
            (wording.share(whole.answered), words["answered"]),
        ],
        excluded=sections.excluded(report, language),
        places=[
            (words["topics"], words["topic"], report.topics),
            (words["touchpoints"], words["touchpoint"], report.touchpoints),
        ],
        ages=list(zip(wording.ages(language), report.ages, strict=True)),
        most=max(report.ages),
        fixes=[
            (words["landed"], report.work.landed),
            (words["verified"], report.work.verified),
            (words["reopened"], wording.share(report.reopened)),
            *((names[one], report.verdicts.get(one, 0)) for one in Outcome),
            (words["effective"], wording.share(report.effective)),
        ],
        name=lambda given: sections.name(given, language),
        share=wording.share,
        width=_width,
    )


def _width(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("heedful.alerting.reports", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2")
