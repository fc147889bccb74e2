"""https://open.dingtalk.com/document/orgapp/receive-message (timestamp, sign) and
https://open-dingtalk.github.io/developerpedia/docs/learn/bot/message (text.json, and parts.json
with the parts that differ in the other kinds). group.json is a message that the official SDK quotes
(https://github.com/open-dingtalk/dingtalk-stream-sdk-nodejs/blob/main/src/client.ts), without
`senderStaffId`, as of somebody outside the organisation.

No vector of `sign` is published; it is made here as the page's own code for Python makes it.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.ingest.channels import Draft, Malformed, Unverified
from heedful.ingest.channels.dingtalk import DingTalk, Options, Secrets
from tests.contract.channels.harness import (
    NOW,
    Case,
    expect,
    is_refused,
    mutations,
    reads_or_refuses,
    refuses_other_secrets,
    refuses_replays,
    request,
)

FOLDER = Path(__file__).parent
ADAPTER = DingTalk()
SECRET = "gWs8GFmPZzZmCMeRtbLKaCzor8tzJoyp4QKogD5WOVFt2Dk7UK"
PARTS = orjson.loads((FOLDER / "parts.json").read_bytes())


def message(name: str) -> Any:
    return orjson.loads((FOLDER / f"{name}.json").read_bytes())


def of_form(form: str) -> Any:
    sent = {**message("group"), "msgtype": form, "content": PARTS[form]}
    del sent["text"]
    return sent


def headers(stamp: str) -> Mapping[str, str]:
    secret_enc = SECRET.encode("utf-8")
    string_to_sign_enc = f"{stamp}\n{SECRET}".encode()
    code = hmac.new(secret_enc, string_to_sign_enc, digestmod=hashlib.sha256).digest()
    return {"timestamp": stamp, "sign": base64.b64encode(code).decode("utf-8")}


def case(sent: Any, options: Options | None = None) -> Case:
    stamp = str(int(NOW.timestamp() * 1000))
    given_ = request(orjson.dumps(sent), headers=headers(stamp))
    return Case(ADAPTER, given_, Secrets(app_secret=SECRET), options or Options())


def only(sent: Case) -> Mapping[str, Any]:
    """The values of the one item."""
    (item,) = sent.items()
    assert isinstance(item, Draft)
    return item.values


@pytest.mark.parametrize("form", ["audio", "richText", "picture"])
def test_an_item_comes_out_with_the_place_of_each_field(form: str) -> None:
    expect(FOLDER, form, case(of_form(form)).items())


def test_an_outsiders_words_in_a_group_are_feedback() -> None:
    expect(FOLDER, "group", case(message("group")).items())


@pytest.mark.parametrize("form", ["video", "file", "unknownMsgType"])
def test_what_has_no_words_is_a_contact_by_the_customer(form: str) -> None:
    assert only(case(of_form(form)))["attributes"] == {"message_type": form}


def test_a_colleague_alone_with_the_robot_is_not_recorded() -> None:
    assert case(message("text")).items() == []


def test_colleagues_may_be_the_customers() -> None:
    expect(FOLDER, "text", case(message("text"), Options(colleagues="customers")).items())


def test_every_message_may_be_an_employees_note() -> None:
    expect(FOLDER, "note", case(message("text"), Options(speaker="employee")).items())


def test_what_a_colleague_says_to_the_robot_in_a_group_answers_no_customer() -> None:
    sent = {**message("group"), "senderStaffId": "01426861-1254332033"}
    assert case(sent).items() == []


def test_a_colleagues_command_makes_a_note_of_an_employee() -> None:
    sent = {**message("text"), "text": {"content": " /voc 顾客问能不能开发票"}}
    made = only(case(sent, Options(notes_command="/voc")))
    assert (made["channel"], made["text"]) == ("employee", "顾客问能不能开发票")
    assert made["attributes"] == {"reported_by": "042***297"}
    assert "identifiers" not in made


def test_it_is_answered_with_nothing_that_the_robot_would_say() -> None:
    parsed = ADAPTER.parse(request(orjson.dumps(message("group"))), Options())
    assert parsed.answer is not None
    assert (parsed.answer.status, parsed.answer.body) == (200, b"{}")


def test_what_is_not_proven_is_refused() -> None:
    sent = case(message("group"))
    refuses_other_secrets(sent, Secrets(app_secret="another secret that is long"))
    refuses_replays(sent, timedelta(minutes=5, seconds=1))


def test_the_sign_does_not_cover_the_body() -> None:
    """DingTalk's weakness, and why the window is short: an altered body is not noticed."""
    sent = case(message("group"))
    altered = {**message("group"), "text": {"content": "of somebody else"}}
    assert only(sent.with_body(orjson.dumps(altered)))["text"] == "of somebody else"


def test_a_body_that_is_cut_or_re_ordered_is_refused() -> None:
    sent = case(message("group"))
    body = sent.request.body
    half = len(body) // 2
    for broken in (body[:-1], body[:half], b"", body[half:] + body[:half]):
        is_refused(sent.with_body(broken))


@pytest.mark.parametrize("missing", ["timestamp", "sign"])
def test_a_missing_header_is_named(missing: str) -> None:
    left = {name: value for name, value in headers("1577262236757").items() if name != missing}
    with pytest.raises(Unverified, match=missing):
        ADAPTER.verify(request(b"{}", headers=left), Secrets(app_secret=SECRET))


@pytest.mark.parametrize("needed", ["msgId", "conversationId", "msgtype"])
def test_a_message_without_what_identifies_it_is_malformed(needed: str) -> None:
    sent = message("group")
    del sent[needed]
    with pytest.raises(Malformed, match=f"{needed} is missing"):
        case(sent).items()


@given(
    st.one_of(
        mutations(message("group")),
        *(mutations(of_form(form)) for form in ("audio", "richText")),
    ),
    st.sampled_from([Options(), Options(speaker="employee"), Options(colleagues="customers")]),
)
def test_no_body_breaks_it(document: Any, options: Options) -> None:
    reads_or_refuses(ADAPTER, request(orjson.dumps(document)), options)
