"""Mails of RFC 5322 and MIME; `rfc2049.eml` is the example of RFC 2049, appendix A.

The forms of mail programs are in tests/unit/ingest/mail.
"""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from heedful.ingest.channels import Malformed, Unverified
from heedful.ingest.channels.email import Email, Options, Secrets
from tests.contract.channels.harness import (
    NOW,
    Case,
    expect,
    reads_or_refuses,
    refuses_changed_bodies,
    refuses_other_secrets,
    refuses_replays,
    request,
)

FOLDER = Path(__file__).parent
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
TOKEN = "a-relay-that-cannot-sign-sends-this-one"
ADAPTER = Email()
OPTIONS = Options(own_domains=("shop.example",))
MAILS = ["customer", "reply", "answer", "vacation", "rfc2049"]


def mail(name: str) -> bytes:
    return (FOLDER / f"{name}.eml").read_bytes()


def signed(name: str) -> Case:
    body = mail(name)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(NOW.timestamp())),
        "webhook-signature": Webhook(SECRET).sign("msg_1", NOW, body.decode()),
        "content-type": "message/rfc822",
    }
    return Case(ADAPTER, request(body, headers=headers), Secrets(secret=SECRET), OPTIONS)


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_becomes_its_item(name: str) -> None:
    expect(FOLDER, name, signed(name).items())


@pytest.mark.parametrize("name", ["customer", "reply"])
def test_line_endings_make_no_difference(name: str) -> None:
    with_crlf = mail(name).replace(b"\n", b"\r\n")
    expect(FOLDER, name, ADAPTER.parse(request(with_crlf), OPTIONS).items)


def test_what_is_not_proven_is_refused() -> None:
    case = signed("customer")
    refuses_changed_bodies(case)
    refuses_other_secrets(case, Secrets(secret="whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"))
    refuses_replays(case, timedelta(minutes=5, seconds=1))


def test_a_relay_that_cannot_sign_has_a_token() -> None:
    sent = request(mail("customer"), headers={"Authorization": f"Bearer {TOKEN}"})
    opened = ADAPTER.verify(sent, Secrets(secret=SECRET, token=TOKEN))
    assert "authorization" not in opened.headers
    with pytest.raises(Unverified, match="bearer token"):
        ADAPTER.verify(sent, Secrets(secret=SECRET, token=TOKEN[::-1]))
    with pytest.raises(Unverified, match="webhook-id"):
        ADAPTER.verify(sent, Secrets(secret=SECRET))


def test_an_empty_body_says_what_to_post() -> None:
    with pytest.raises(Malformed, match="message/rfc822"):
        ADAPTER.parse(request(b""), OPTIONS)


@given(
    st.sampled_from(MAILS).map(mail),
    st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=8)), min_size=1, max_size=8),
)
def test_no_mail_breaks_it(body: bytes, changes: list[tuple[float, bytes]]) -> None:
    for where, put in changes:
        at = int(where * len(body))
        body = body[:at] + put + body[at + 5 :]
    reads_or_refuses(ADAPTER, request(body), OPTIONS)
