"""From a notice to a message, in both languages and every format."""

from dataclasses import replace
from typing import Any

import orjson
import pytest

from heedful.alerting.composing import Style, Told, compose, compose_digest
from heedful.alerting.endpoint_kinds import EndpointKind, Language
from heedful.alerting.formats import FORMATS
from heedful.alerting.formats.base import Action, Severity
from heedful.alerting.formats.wording import in_bytes
from heedful.alerting.links.link import LinkAction, PersonalLink
from heedful.alerting.operations import notice as operational
from heedful.alerting.policies.judging import Facts
from heedful.alerting.samples import sample, sample_body
from heedful.alerting.signals.shown import Shown
from heedful.alerting.store_outcomes import Ailing
from heedful.alerting.templates.builtin import BUILTIN, LABELS, Templates
from heedful.alerting.webhook import OF_ISSUES, EventType
from heedful.common.contracts import Colour, SignalKind
from tests.unit.alerting.messages import NOW, WANG, sent, target

ZH = Style(Language.ZH, "Asia/Shanghai")
EN = Style(Language.EN, "Europe/London")
OF_NO_CASE = {EventType.FAILING, EventType.DISABLED, EventType.REPORT, *OF_ISSUES}
CASES = [one for one in EventType if one not in OF_NO_CASE]


def told(type_: EventType = EventType.OPENED, **changes: Any) -> Told:
    notice = replace(sample(type_, "acme", NOW, "https://h.example/v1/cases/c1"), **changes)
    return Told("w1", notice.body(), (WANG,))


@pytest.mark.parametrize("kind", list(EndpointKind))
@pytest.mark.parametrize("style", [ZH, EN], ids=["zh", "en"])
@pytest.mark.parametrize("type_", CASES)
def test_every_notice_can_be_told(kind: EndpointKind, style: Style, type_: EventType) -> None:
    message, wrong = compose(told(type_), FORMATS[kind], style)
    assert wrong is None
    assert "\n" not in message.title
    if FORMATS[kind].templated:
        assert message.title
        assert "call" in message.text
    else:
        assert b'"channel":"call"' in message.body


@pytest.mark.parametrize("style", [ZH, EN], ids=["zh", "en"])
@pytest.mark.parametrize("type_", [EventType.FAILING, EventType.DISABLED])
def test_so_can_what_happens_to_an_endpoint(style: Style, type_: EventType) -> None:
    ailing = Ailing("ep-1", "acme", True, 3, 4, NOW)
    frozen = operational(type_, NOW, ailing, "it keeps failing", "ep-2")
    form = FORMATS[EndpointKind.DINGTALK]
    own = Templates("{{ nothing }}", "{{ nothing }}")
    message, wrong = compose(Told(frozen.id, frozen.body), form, replace(style, own=own))
    assert wrong is None
    assert "ep-1" in message.text.replace("＿", "_")


def test_times_are_of_the_endpoints_zone_and_say_so() -> None:
    chinese, _ = compose(told(), FORMATS[EndpointKind.DINGTALK], ZH)
    assert "2026-03-02 15:00 +08:00" in chinese.text
    english, _ = compose(told(), FORMATS[EndpointKind.DINGTALK], EN)
    assert "2026-03-02 07:00 +00:00" in english.text


def test_both_languages_know_the_same_words_and_notices() -> None:
    assert LABELS[Language.ZH].keys() == LABELS[Language.EN].keys()
    for language in Language:
        assert BUILTIN[language].keys() == set(EventType)


def test_words_from_outside_are_no_markup() -> None:
    reason = {"code": "x", "label_zh": "[点我](https://evil.example) @all\n# 题", "label_en": ""}
    message, _ = compose(
        told(reasons=(reason,), channel="**call**"), FORMATS[EndpointKind.WECOM], ZH
    )
    assert "](https://evil" not in message.text
    assert "**call**" not in message.text
    assert "\n#" not in message.text
    assert "@all" not in message.text


def test_a_tenants_template_is_used_and_one_that_fails_is_not_the_end() -> None:
    form = FORMATS[EndpointKind.DINGTALK]
    own = Templates("{{ colour_label }}！", "{{ names | join('，') }}：{{ due }}")
    message, wrong = compose(told(), form, replace(ZH, own=own))
    assert (message.title, wrong) == ("红灯！", None)
    assert message.text.startswith("王芳")
    broken, wrong = compose(told(), form, replace(ZH, own=Templates("x", "{{ gone }}")))
    assert wrong is not None
    assert broken.title == "[红灯] 新案例"


@pytest.mark.parametrize(
    ("type_", "colour", "action", "severity"),
    [
        (EventType.OPENED, "red", Action.TRIGGER, Severity.CRITICAL),
        (EventType.BREACHED, "amber", Action.TRIGGER, Severity.ERROR),
        (EventType.WARNING, "amber", Action.TRIGGER, Severity.WARNING),
        (EventType.ACKNOWLEDGED, "red", Action.ACKNOWLEDGE, Severity.CRITICAL),
        (EventType.CLOSED, "red", Action.RESOLVE, Severity.CRITICAL),
        (EventType.TEST, "red", Action.TRIGGER, Severity.INFO),
    ],
)
def test_what_incident_systems_are_asked(
    type_: EventType, colour: str, action: Action, severity: Severity
) -> None:
    message, _ = compose(told(type_, colour=colour), FORMATS[EndpointKind.PAGERDUTY], ZH)
    assert (message.action, message.severity) == (action, severity)


@pytest.mark.parametrize(
    ("style", "labels"),
    [
        (ZH, ["认领（王芳）", "确认已看到（王芳）"]),
        (EN, ["Claim (王芳)", "Acknowledge (王芳)"]),
    ],
    ids=["zh", "en"],
)
def test_links_are_buttons_that_name_their_member(style: Style, labels: list[str]) -> None:
    links = [
        PersonalLink("王\n芳", action, f"https://h.example/l/{action}")
        for action in (LinkAction.CLAIM, LinkAction.ACKNOWLEDGE)
    ]
    message, _ = compose(told(), FORMATS[EndpointKind.SLACK], style, links)
    assert [one.label.replace(" 芳", "芳") for one in message.buttons] == labels
    assert [one.token for one in message.buttons] == ["claim", "acknowledge"]


def test_no_label_is_longer_than_a_button_of_slack() -> None:
    link = PersonalLink("x" * 200, LinkAction.ACKNOWLEDGE, "https://h.example/l/x")
    message, _ = compose(told(), FORMATS[EndpointKind.SLACK], EN, [link])
    assert len(message.buttons[0].label) <= 75


@pytest.mark.parametrize(
    "kind", [kind for kind in EndpointKind if FORMATS[kind].digest], ids=lambda kind: kind.value
)
def test_a_digest_lists_all_that_it_carries(kind: EndpointKind) -> None:
    form = FORMATS[kind]
    notices = [
        told(EventType.BREACHED, case_id=f"case-{number:032}") for number in range(form.digest)
    ]
    message = compose_digest("d1", notices, form, ZH)
    body = getattr(form.request(message, target()), "body", b"")
    for notice in notices:
        assert notice.subject.encode() in body
    assert str(form.digest) in message.title
    assert len(message.mentions) == 1
    assert in_bytes(message.text) > 0


@pytest.mark.parametrize("kind", list(EndpointKind))
@pytest.mark.parametrize("style", [ZH, EN], ids=["zh", "en"])
@pytest.mark.parametrize("type_", sorted(OF_ISSUES))
def test_an_issue_can_be_told_everywhere(
    kind: EndpointKind, style: Style, type_: EventType
) -> None:
    told = Told("w1", sample_body(type_, "acme", NOW, "https://h.example"), (WANG,))
    own = Templates("{{ nothing }}", "{{ nothing }}")
    form = FORMATS[kind]
    message, wrong = compose(told, form, replace(style, own=own))
    assert wrong is None
    assert message.url == f"https://h.example/v1/issues/{told.subject}"
    if form.templated:
        assert "sample.topic" in message.title
        assert ("未解决 8 个" if style is ZH else "unsettled 8") in message.text
        assert ("红灯 新案例" if style is ZH else "Red New case") in message.text
    else:
        assert orjson.loads(message.body)["data"]["cases"]["unsettled"] == 8


def test_a_pager_has_one_incident_for_an_issue() -> None:
    form = FORMATS[EndpointKind.PAGERDUTY]
    bodies = []
    for type_ in (EventType.ISSUE_OPENED, EventType.ISSUE_UPDATED, EventType.ISSUE_CLOSED):
        told = Told(type_.value, sample_body(type_, "acme", NOW, "https://h.example"))
        message, _ = compose(told, form, EN)
        bodies.append(sent(form.request(message, target(secret="key"))))
    assert [one["event_action"] for one in bodies] == ["trigger", "trigger", "resolve"]
    assert len({one["dedup_key"] for one in bodies}) == 1


def test_a_digest_names_the_topics_of_issues() -> None:
    issue = Told("w1", sample_body(EventType.ISSUE_UPDATED, "acme", NOW, "https://h.example"))
    message = compose_digest("d1", [issue, told()], FORMATS[EndpointKind.DINGTALK], ZH)
    assert "集中问题更新 sample.topic" in message.text


def test_what_a_customer_is_to_be_told_is_in_the_notice() -> None:
    body = sample_body(EventType.REPLY_WANTED, "acme", NOW, "https://h.example")
    message, _ = compose(Told("w1", body), FORMATS[EndpointKind.FEISHU], ZH)
    assert "示例回复" in message.text


def test_a_signal_is_told_with_why_and_how_sure_it_is() -> None:
    facts = Facts(SignalKind.CHURN_RISK, Colour.AMBER, 0.95)
    shown = Shown("s1", facts, "已 90 天未购买", "Nothing for 90 days")
    form = FORMATS[EndpointKind.SLACK]
    chinese, _ = compose(told(EventType.SIGNALLED, signal=shown), form, ZH)
    assert chinese.title == "[红灯] 旅程信号：流失风险"
    for words in ("流失风险", "已 90 天未购买", "95%"):
        assert words in chinese.text
    english, _ = compose(told(EventType.OPENED, signal=shown), form, EN)
    for words in ("Risk of churn", "Nothing for 90 days", "95%"):
        assert words in english.text
    plain, _ = compose(told(EventType.OPENED), form, EN)
    assert "Signal" not in plain.text
