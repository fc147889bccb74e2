"""What a mail becomes: a customer's words, an answer of the company's people, or nothing."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.common.contracts.feedback import MAX_TEXT_CHARS
from heedful.ingest.channels import Draft, Failed, Kind
from heedful.ingest.mail import MailOptions, drafts
from heedful.ingest.models import PostedFeedback, PostedInteraction

OWN = MailOptions(own_domains=("Shop.example",))


def raw(body: str = "不好用", **headers: str) -> bytes:
    given_headers = {"From": "wang@mail.example", "To": "care@shop.example"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    lines = [f"{name}: {value}" for name, value in given_headers.items()]
    return "\r\n".join([*lines, "", body]).encode()


def one(mail: bytes, options: MailOptions = OWN) -> Draft:
    (item,) = drafts(mail, options)
    assert isinstance(item, Draft), item
    model = PostedFeedback if item.kind is Kind.FEEDBACK else PostedInteraction
    model.model_validate(item.values)
    return item


def test_a_customers_mail_is_feedback() -> None:
    item = one(
        raw(Subject="洗衣机漏水", Date="Tue, 24 Nov 2026 16:12:03 +0800", Message_ID="<m1@x>")
    )
    assert item.kind is Kind.FEEDBACK
    assert item.values["text"] == "洗衣机漏水\n\n不好用"
    assert item.values["identifiers"] == [{"type": "email", "value": "wang@mail.example"}]
    assert item.values["conversation_id"] == item.values["id"] == "m1@x"
    assert item.mapping["text"] == "header Subject + part 1 (text/plain)"
    assert item.mapping["identifiers"] == "header From"


@pytest.mark.parametrize(
    ("headers", "body", "text"),
    [
        ({"Subject": "Re: 订单", "In-Reply-To": "<m0@x>"}, "还没到", "还没到"),
        ({"Subject": "漏水"}, "漏水，三天了", "漏水，三天了"),
        ({"Subject": "刹车失灵"}, "", "刹车失灵"),
        ({}, "没有主题", "没有主题"),
        ({"Subject": "投诉"}, "差\n\n发自我的 iPhone", "投诉\n\n差"),
    ],
)
def test_the_words(headers: Mapping[str, str], body: str, text: str) -> None:
    assert one(raw(body, **headers)).values["text"] == text


def test_an_answer_of_the_company_is_a_contact() -> None:
    item = one(raw("您好", From="Li <li@care.shop.example>", To="wang@mail.example, b@shop.example",
                   Cc="zhang@mail.example", In_Reply_To="<m1@x>"))  # fmt: skip
    assert item.kind is Kind.INTERACTION
    assert item.values["kind"], item.values["direction"] == ("contact", "outbound")
    assert item.values["actor"] == {"type": "human", "id": "li@care.shop.example"}
    assert [known["value"] for known in item.values["identifiers"]] == [
        "wang@mail.example",
        "zhang@mail.example",
    ]
    assert item.values["conversation_id"] == "m1@x"
    assert "text" not in item.values


def test_what_the_companys_machines_send_is_no_persons_answer() -> None:
    item = one(raw("已发货", From="no-reply@shop.example", To="wang@mail.example"))
    assert item.values["actor"]["type"] == "system"


@pytest.mark.parametrize("sender", ["form@shop.example", "noreply@forms.example"])
def test_a_form_speaks_for_the_customer_in_reply_to(sender: str) -> None:
    item = one(raw("屏幕坏了", From=sender, Reply_To="wang@mail.example"))
    assert item.kind is Kind.FEEDBACK
    assert item.values["identifiers"][0]["value"] == "wang@mail.example"
    assert item.mapping["identifiers"] == "header Reply-To"


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-replied"},
        {"Auto-Submitted": "auto-generated; x=y"},
        {"Return-Path": "<>"},
        {"X-Autoreply": "yes"},
        {"X-Autorespond": "1"},
        {"X-Failed-Recipients": "a@b.example"},
        {"Precedence": "auto_reply"},
        {"Precedence": "bulk"},
        {"Precedence": "list"},
        {"List-Id": "News <news.shop.example>"},
        {"List-Unsubscribe": "<https://shop.example/u>"},
        {"From": "MAILER-DAEMON@mail.example"},
        {"From": "postmaster@mail.example"},
        {"From": "no-reply@market.example"},
        {"Content-Type": "multipart/report; report-type=delivery-status; boundary=b"},
        {"Subject": "自动回复: 订单"},
        {"Subject": "自动回复"},
        {"Subject": "[自动回复]我在休假"},
        {"Subject": "=?utf-8?B?6Ieq5Yqo5Zue5aSN77ya5L2g5aW9?="},
        {"Subject": "Automatic reply: order"},
        {"Subject": "Out of Office: order"},
        {"Subject": "Undeliverable: order"},
        {"Subject": "系统退信"},
        {"Subject": "Mail delivery failed: returning message to sender"},
        {"From": "li@shop.example", "To": "all@shop.example"},
    ],
)
def test_machines_lists_and_mail_within_the_company_are_nothing(headers: Mapping[str, str]) -> None:
    assert drafts(raw(**headers), OWN) == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "no"},
        {"X-Autoreply": "no"},
        {"Precedence": "normal"},
        {"Return-Path": "<wang@mail.example>"},
        {"Subject": "自动回复功能用不了"},
        {"Subject": "Automatic reply is broken"},
        {"From": "postmasterwang@mail.example"},
    ],
)
def test_people_are_heard(headers: Mapping[str, str]) -> None:
    assert one(raw(**headers)).kind is Kind.FEEDBACK


def test_a_mailbox_behind_a_group_hears_people_too() -> None:
    mail = raw(List_Id="care.shop.example", Precedence="list")
    assert one(mail, MailOptions(through_group=True)).kind is Kind.FEEDBACK
    away = raw(List_Id="care.shop.example", Auto_Submitted="auto-replied")
    assert drafts(away, MailOptions(through_group=True)) == []


@pytest.mark.parametrize(
    ("mail", "says"),
    [
        (b"", "not a mail"),
        (raw(From="nobody"), "header From has no mail address"),
        (raw("> 旧信", In_Reply_To="<m0@x>"), "no words of its own"),
        (raw("长" * (MAX_TEXT_CHARS + 1)), "more than 100000"),
    ],
)
def test_what_cannot_be_an_item_is_kept_with_its_reason(mail: bytes, says: str) -> None:
    (item,) = drafts(mail, OWN)
    assert isinstance(item, Failed)
    assert says in item.detail
    assert item.raw == mail


def test_attachments_are_counted() -> None:
    mail = raw(
        "--b\r\n\r\n见图\r\n--b\r\nContent-Type: image/png\r\n\r\nx\r\n--b--",
        Content_Type="multipart/mixed; boundary=b",
    )
    assert one(mail).values["attributes"] == {"attachments": "1"}


LINES = [
    b"From: a@b.example", b"From: \xff\xfe", b"To: x@shop.example", b"Subject: =?gbk?B?yb?=", b"",
    b"Content-Type: multipart/alternative; boundary=b", b"--b", b"--b--", b"> x", b"\xb2\xee",
    b"Content-Type: text/html; charset=gbk", b"<div>x</blockquote>", b"Date: 99 Foo 0000",
    b"Content-Transfer-Encoding: base64", b"Content-Transfer-Encoding: x", b"5beu", b" =?x?=",
    b"Message-ID: <<>>", b"References: <a@b> <c", b"Content-Type: message/rfc822",
    b"Content-Disposition: attachment; filename*0*=x", b"Content-Type: text/plain; charset*=x'y'z",
    b"In-Reply-To: <\x00>", b"Content-Type: text/plain; format=flowed; delsp", b"begin 644 x",
]  # fmt: skip


@given(st.lists(st.one_of(st.sampled_from(LINES), st.binary(max_size=30)), max_size=30))
def test_any_bytes_are_an_item_nothing_or_a_reason(lines: list[bytes]) -> None:
    for item in drafts(b"\r\n".join(lines), OWN):
        if isinstance(item, Draft):
            assert all(0 < len(taken.place) <= 200 for taken in item.fields.values())
        else:
            assert item.detail
