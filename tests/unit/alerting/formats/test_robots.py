"""What each robot is sent, by its vendor's page."""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from heedful.alerting.formats.base import Action, Button, Format, Post, Severity
from heedful.alerting.formats.dingtalk import DingTalk
from heedful.alerting.formats.feishu import Feishu
from heedful.alerting.formats.pagerduty import PagerDuty
from heedful.alerting.formats.slack import Slack
from heedful.alerting.formats.teams import Teams
from heedful.alerting.formats.wecom import WeCom
from heedful.alerting.formats.wording import CUT
from tests.unit.alerting.messages import (
    BUTTONS,
    MOST_BUTTONS,
    NOW,
    URL,
    WANG,
    message,
    sent,
    target,
)

SECRET = "SEC" + "0" * 61


def test_dingtalk_without_people_is_a_card_with_a_button() -> None:
    body = sent(DingTalk().request(message(), target()))
    assert body["msgtype"] == "actionCard"
    assert body["actionCard"]["singleURL"] == URL
    assert body["actionCard"]["title"] == "[红灯] 新案例"


def test_dingtalk_calls_people_in_markdown() -> None:
    mobile = type(WANG)("m2", "李", {"dingtalk": "13800138000"})
    body = sent(DingTalk().request(message(mentions=(WANG, mobile)), target()))
    assert body["msgtype"] == "markdown"
    assert body["at"] == {
        "atMobiles": ["13800138000"],
        "atUserIds": ["user-7"],
        "isAtAll": False,
    }
    assert "@user-7 @13800138000" in body["markdown"]["text"]


def test_dingtalk_signs_in_the_url_with_milliseconds() -> None:
    request = DingTalk().request(message(), target(secret=SECRET))
    assert isinstance(request, Post)
    query = parse_qs(urlsplit(request.url).query)
    timestamp = str(int(NOW.timestamp() * 1000))
    expected = hmac.new(SECRET.encode(), f"{timestamp}\n{SECRET}".encode(), hashlib.sha256)
    assert query == {
        "access_token": ["t0ken"],
        "timestamp": [timestamp],
        "sign": [base64.b64encode(expected.digest()).decode()],
    }
    assert SECRET.encode() not in request.body


@pytest.mark.parametrize("form", [DingTalk(), Feishu()])
def test_a_robot_with_a_keyword_finds_it_once(form: Format) -> None:
    for title in ("新案例", "告警：新案例"):
        request = form.request(message(title=title), target(keyword="告警"))
        assert isinstance(request, Post)
        assert request.body.decode().count("告警") in (1, 2)


ROBOTS = [DingTalk(), Feishu(), WeCom(), Slack(), Teams(), PagerDuty()]


@pytest.mark.parametrize("form", ROBOTS, ids=lambda form: form.kind)
@pytest.mark.parametrize("url", [URL, "/v1/cases/c1"], ids=["link", "no link"])
def test_every_robot_shows_each_button_once_as_its_vendor_has_them(form: Format, url: str) -> None:
    body = sent(form.request(message(mentions=(WANG,), buttons=BUTTONS, url=url), target()))
    look = ("查看", URL)
    pressed = [(one.label, one.url) for one in BUTTONS]
    shown = BUTTONS_OF[form.kind](body)
    assert shown == ([look, *pressed] if url == URL else pressed)
    assert str(body).count("t0ken") == len(BUTTONS)


def _of_markdown(body: Any) -> list[tuple[str, str]]:
    return re.findall(r"\[([^]]+)\]\(([^)]+)\)", body["markdown"]["content"])


def _of_teams(body: Any) -> list[tuple[str, str]]:
    card = body["attachments"][0]["content"]
    sets = [one for one in card["body"] if one["type"] == "ActionSet"]
    actions = [*card.get("actions", []), *(one for found in sets for one in found["actions"])]
    assert {one["type"] for one in actions} == {"Action.OpenUrl"}
    return [(one["title"], one["url"]) for one in actions]


BUTTONS_OF: dict[str, Callable[[Any], list[tuple[str, str]]]] = {
    "dingtalk": lambda body: [
        (one["title"], one["actionURL"]) for one in body["actionCard"]["btns"]
    ],
    "feishu": lambda body: [
        (one["text"]["content"], one["url"]) for one in body["card"]["elements"][-1]["actions"]
    ],
    "wecom": _of_markdown,
    "slack": lambda body: [
        (one["text"]["text"], one["url"]) for one in body["blocks"][-1]["elements"]
    ],
    "teams": _of_teams,
    "pagerduty": lambda body: [(one["text"], one["href"]) for one in body["links"]],
}


def test_a_card_of_dingtalk_names_those_whom_it_cannot_call() -> None:
    body = sent(DingTalk().request(message(mentions=(WANG,), buttons=BUTTONS), target()))
    assert body["actionCard"]["text"].endswith("@王芳")
    assert body["actionCard"]["btnOrientation"] == "0"


def test_feishu_signs_nothing_with_the_text_as_key() -> None:
    body = sent(Feishu().request(message(), target(secret="s3cret")))
    timestamp = str(int(NOW.timestamp()))
    expected = hmac.new(f"{timestamp}\ns3cret".encode(), b"", hashlib.sha256).digest()
    assert (body["timestamp"], body["sign"]) == (timestamp, base64.b64encode(expected).decode())
    assert "sign" not in sent(Feishu().request(message(), target()))


def test_feishu_sends_a_coloured_card_that_calls_people() -> None:
    body = sent(Feishu().request(message(mentions=(WANG,)), target()))
    card = body["card"]
    assert (body["msg_type"], card["header"]["template"]) == ("interactive", "red")
    assert "<at id=ou_7></at>" in card["elements"][0]["content"]
    assert card["elements"][1]["actions"][0]["url"] == URL
    solved = sent(Feishu().request(message(action=Action.RESOLVE), target()))
    assert solved["card"]["header"]["template"] == "green"


def test_wecom_keeps_its_link_and_people_when_the_text_is_cut() -> None:
    long = message(text="很长的一行\n" * 900, mentions=(WANG,))
    content = sent(WeCom().request(long, target()))["markdown"]["content"]
    assert len(content.encode()) <= 4096
    assert content.endswith(f"{CUT}\n[查看]({URL})\n<@wangfang>")


def test_slack_has_blocks_in_which_nothing_becomes_a_link_by_itself() -> None:
    body = sent(Slack().request(message(mentions=(WANG,), title="x" * 400), target()))
    header, section, actions = body["blocks"]
    assert len(header["text"]["text"]) == 150
    assert section["text"]["verbatim"] is True
    assert section["text"]["text"].endswith("<@U7>")
    assert actions["elements"][0]["url"] == URL


def test_teams_gets_an_adaptive_card_with_mentions() -> None:
    body = sent(Teams().request(message(mentions=(WANG,)), target()))
    (attachment,) = body["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert card["msteams"]["entities"] == [
        {
            "type": "mention",
            "text": "<at>王芳</at>",
            "mentioned": {"id": "wang@example.com", "name": "王芳"},
        }
    ]
    assert card["body"][-1]["text"] == "<at>王芳</at>"
    assert card["actions"][0]["url"] == URL


@pytest.mark.parametrize("action", list(Action))
def test_pagerduty_keeps_one_incident_per_case(action: Action) -> None:
    request = message(action=action, severity=Severity.CRITICAL, title="x" * 2000)
    body = sent(PagerDuty().request(request, target(secret="key")))
    assert (body["routing_key"], body["event_action"]) == ("key", action.value)
    assert body["dedup_key"] == "c1"
    assert ("payload" in body) is (action is Action.TRIGGER)
    if action is Action.TRIGGER:
        assert len(body["payload"]["summary"]) == 1024
        assert body["payload"]["severity"] == "critical"


@pytest.mark.parametrize(
    ("form", "bytes_at_most"),
    [
        (DingTalk(), 20_000),
        (Feishu(), 20_480),
        (WeCom(), 20_000),
        (Slack(), 40_000),
        (Teams(), 28_000),
        (PagerDuty(), 524_288),
    ],
)
@pytest.mark.parametrize("line", ["好" * 70, '"' * 70, "a", '"'])
@pytest.mark.parametrize("buttons", [(), MOST_BUTTONS], ids=["plain", "buttons"])
def test_no_message_is_larger_than_its_vendor_takes(
    form: Format, bytes_at_most: int, line: str, buttons: tuple[Button, ...]
) -> None:
    huge: dict[str, Any] = {"title": line[0] * 5_000, "text": f"{line}\n" * 60_000}
    huge["buttons"] = buttons
    request = form.request(message(**huge), target(secret="key"))
    assert isinstance(request, Post)
    assert len(request.body) <= bytes_at_most
    assert "cut" in request.body.decode()


@pytest.mark.parametrize(
    "form", [DingTalk(), Feishu(), WeCom(), Slack(), Teams()], ids=lambda form: form.kind
)
def test_a_platform_without_a_public_url_has_no_link(form: Format) -> None:
    request = form.request(message(url="/v1/cases/c1"), target())
    assert isinstance(request, Post)
    assert b"/v1/cases" not in request.body


def test_a_handle_that_is_none_calls_nobody() -> None:
    odd = type(WANG)("m1", "x", {"feishu": "ou_1></at><at id=all", "slack": "U1> <!channel"})
    for form in (Feishu(), Slack()):
        request = form.request(message(mentions=(odd,)), target())
        assert isinstance(request, Post)
        assert b"id=all" not in request.body
        assert b"!channel" not in request.body


def test_what_is_printed_of_a_target_or_request_is_no_secret() -> None:
    secret = target(secret=SECRET)
    request = DingTalk().request(message(), secret)
    assert SECRET not in repr(secret)
    assert "t0ken" not in repr(secret) + repr(request) + repr(message(buttons=BUTTONS))
