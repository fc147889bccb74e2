"""https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/im-v1/message/events/receive
(text.json), …/im-v1/message/events/message_content (post.content.json and the other contents),
…/helpdesk-v1/ticket_message/events/created (ticket_message.json: its example with numbers where it
writes 备注时间 and the like, and a guest as sender) and, for a real event of a helpdesk's robot,
the sample of the official SDK (ticket_robot.json, shortened):
https://github.com/larksuite/oapi-sdk-go/blob/v3_main/sample/event/event.go
"""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.common.contracts.feedback import MAX_TEXT_CHARS
from heedful.ingest.channels import Draft, Failed, Malformed
from heedful.ingest.channels.feishu import Options
from tests.contract.channels.feishu.sealing import ADAPTER, FOLDER, case, event
from tests.contract.channels.harness import expect, mutations, reads_or_refuses, request

CONTENTS = {
    "image": {"image_key": "img_4adb3cc3-902b-4187-b0f1-842f67fd017g"},
    "file": {"file_key": "75235e0c-4f92-430a-a99b-8446610223cg", "file_name": "test.txt"},
    "audio": {"file_key": "75235e0c-4f92-430a-a99b-8446610223cg", "duration": 2000},
    "sticker": {"file_key": "75235e0c-4f92-430a-a99b-8446610223cg"},
    "location": {"name": "xx province, xx city", "longitude": "x.x", "latitude": "x.x"},
    "merge_forward": {"content": "Merged and Forwarded Message"},
}


def said(content: Any, form: str = "text") -> Any:
    """text.json with another content, which is JSON inside the JSON."""
    sent = event("text")
    sent["event"]["message"]["message_type"] = form
    sent["event"]["message"]["content"] = orjson.dumps(content).decode()
    return sent


def by_colleague(sent: Any) -> Any:
    sent["event"]["sender"]["tenant_key"] = sent["header"]["tenant_key"]
    return sent


def in_private(sent: Any) -> Any:
    sent["event"]["message"]["chat_type"] = "p2p"
    return sent


def items(sent: Any, options: Options | None = None) -> Any:
    return ADAPTER.parse(request(orjson.dumps(sent)), options or Options()).items


def words(sent: Any) -> Any:
    (item,) = items(sent)
    return item.values["text"]


@pytest.mark.parametrize("name", ["text", "ticket_message", "ticket_robot"])
def test_an_item_comes_out_with_the_place_of_each_field(name: str) -> None:
    expect(FOLDER, name, items(event(name)))


def test_what_was_sealed_reads_the_same() -> None:
    assert case(event("text")).items() == items(event("text"))


def test_a_rich_text_is_read_line_by_line() -> None:
    sent = said(event("post.content"), "post")
    expect(FOLDER, "post", items(sent))


@pytest.mark.parametrize("form", CONTENTS)
def test_what_has_no_words_is_a_contact_by_the_customer(form: str) -> None:
    (item,) = items(said(CONTENTS[form], form))
    expect(FOLDER, "image", [without_form(item, form)])


def without_form(item: Draft, form: str) -> Draft:
    """What differs between the forms is checked here, the rest by one file."""
    assert item.values["attributes"] == {"message_type": form}
    return Draft(item.kind, {name: at for name, at in item.fields.items() if name != "attributes"})


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("@_user_1 hello", "hello"),
        ("@_user_1 @_all  hello", "hello"),
        ("请 @_user_1 看一下", "请 @Tom 看一下"),
        ("请 @_user_2 看一下", "请 @ 看一下"),
        ("  a\u0000b \n", "ab"),
    ],
)
def test_who_is_called_first_is_left_out_and_others_are_named(written: str, read: str) -> None:
    assert words(said({"text": written})) == read


def test_a_message_that_only_calls_somebody_has_no_words() -> None:
    (item,) = items(said({"text": "@_user_1"}))
    assert (item.kind, item.values["actor"]) == ("interaction", {"type": "customer"})


def test_a_colleagues_answer_in_a_group_is_an_outbound_contact() -> None:
    expect(FOLDER, "colleague", items(by_colleague(event("text"))))


def test_a_colleague_who_calls_the_robot_answers_no_customer() -> None:
    sent = by_colleague(event("text"))
    (called,) = sent["event"]["message"]["mentions"]
    called["tenant_key"] = sent["header"]["tenant_key"]
    assert items(sent) == []


def test_a_colleague_alone_with_the_robot_is_not_recorded() -> None:
    assert items(by_colleague(in_private(event("text")))) == []


def test_a_customer_alone_with_the_robot_is_heard() -> None:
    assert words(in_private(event("text"))) == "hello"


def test_colleagues_may_be_the_customers() -> None:
    options = Options(colleagues="customers")
    assert items(by_colleague(event("text")), options) == items(event("text"))


def test_another_app_is_no_customer() -> None:
    sent = event("text")
    sent["event"]["sender"]["sender_type"] = "app"
    (item,) = items(sent)
    assert (item.values["direction"], item.values["actor"]["type"]) == ("outbound", "bot")


def test_a_colleagues_command_makes_a_note_of_an_employee() -> None:
    sent = by_colleague(said({"text": "@_user_1 /voc 三位顾客说停车场指示牌看不清"}))
    expect(FOLDER, "note", items(sent, Options(notes_command="/voc")))


def test_a_customer_makes_no_note() -> None:
    sent = said({"text": "/voc 我要投诉"})
    (item,) = items(sent, Options(notes_command="/voc"))
    assert (item.values["channel"], item.values["text"]) == ("chat", "/voc 我要投诉")


def test_an_agent_in_a_ticket_answers() -> None:
    sent = event("ticket_message")
    sent["event"]["sender_type"] = 3
    (item,) = items(sent)
    assert item.values["actor"] == {"type": "human", "id": "e33ggbyz"}
    assert (item.values["direction"], item.values["channel"]) == ("outbound", "ticket")


def test_a_message_that_is_too_long_is_not_cut() -> None:
    (item,) = items(said({"text": "长" * (MAX_TEXT_CHARS + 1)}))
    assert isinstance(item, Failed)
    assert "event.message.content is longer than" in item.detail


def test_other_events_are_answered_and_dropped() -> None:
    sent = event("text")
    sent["header"]["event_type"] = "im.message.message_read_v1"
    parsed = ADAPTER.parse(request(orjson.dumps(sent)), Options())
    assert not parsed.items
    assert parsed.answer is not None
    assert parsed.answer.body == b"{}"


def test_a_message_of_schema_1_is_kept_with_advice() -> None:
    """https://open.feishu.cn/document/ukTMukTMukTM/uMTNxYjLzUTM24yM1EjN"""
    sent = {
        "uuid": "41b5f371157e3d5341b38b20396e77e3",
        "token": "2g7als3DgPW6Xp1xEpmcvgVhQG621bFY",
        "ts": "1550038209.428520",
        "type": "event_callback",
        "event": {"type": "message", "msg_type": "text", "text": "你好"},
    }
    (item,) = items(sent)
    assert isinstance(item, Failed)
    assert "im.message.receive_v1" in item.detail


@pytest.mark.parametrize("content", ["not JSON", "[]", ""])
def test_a_content_that_is_no_object_is_malformed(content: str) -> None:
    sent = event("text")
    sent["event"]["message"]["content"] = content
    with pytest.raises(Malformed):
        items(sent)


@given(
    st.one_of(
        mutations(event("text")),
        mutations(event("ticket_message")),
        mutations(event("post.content")).map(lambda content: said(content, "post")),
    ),
    st.sampled_from([Options(), Options(speaker="employee"), Options(notes_command="/voc")]),
)
def test_no_body_breaks_it(document: Any, options: Options) -> None:
    reads_or_refuses(ADAPTER, request(orjson.dumps(document)), options)
