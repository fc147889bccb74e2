"""The report in the formats of robots, each in its endpoint's language."""

from datetime import UTC, datetime

import pytest

from heedful.alerting.composing import Style, Told, compose
from heedful.alerting.endpoint_kinds import EndpointKind, Language
from heedful.alerting.formats import FORMATS
from heedful.alerting.formats.base import Severity
from heedful.alerting.reports.posting import body
from heedful.alerting.templates.builtin import Templates
from tests.unit.alerting.reports.material import many, report

AT = datetime(2026, 11, 2, 1, tzinfo=UTC)
URL = "https://heedful.example.com/v1/reports/monthly?month=2026-10&format=html"


# A standard webhook is sent the body as it is.
@pytest.mark.parametrize("kind", [one for one in EndpointKind if one is not EndpointKind.STANDARD])
@pytest.mark.parametrize("language", Language)
def test_every_robot_is_told(kind: EndpointKind, language: Language) -> None:
    told = Told("id-1", body(report(), AT, URL))
    message, wrong = compose(told, FORMATS[kind], Style(language, "Asia/Shanghai"))
    assert wrong is None
    assert message.title.endswith("2026-10")
    assert "delivery" in message.text
    assert (message.severity, message.url) == (Severity.INFO, URL)
    assert ("已落地" in message.text) is (language is Language.ZH)


def test_a_tenants_template_of_cases_is_not_used() -> None:
    own = Templates("{{ case_id }}", "{{ channel }}")
    told = Told("id-1", body(report(), AT, URL))
    style = Style(Language.EN, "Asia/Shanghai", own)
    message, _ = compose(told, FORMATS[EndpointKind.DINGTALK], style)
    assert message.title == "Voice of the customer: the month 2026-10"


def test_a_webhook_takes_at_most_twenty_kilobytes() -> None:
    assert len(body(many(60), AT, URL)) < 20_000
