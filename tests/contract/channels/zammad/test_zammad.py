"""https://admin-docs.zammad.org/en/latest/manage/webhook/payload.html: `documented.json` is its
example, the others change its article. The signature is read in Zammad's lib/user_agent.rb.
"""

from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given

from heedful.ingest.channels import Failed, Malformed, Unverified
from heedful.ingest.channels.zammad import Options, Secrets, Zammad, signature
from tests.contract.channels.harness import (
    Case,
    expect,
    mutations,
    reads_or_refuses,
    refuses_changed_bodies,
    refuses_other_secrets,
    request,
)

FOLDER = Path(__file__).parent
SECRET = "zammad-signature-token-0001"
ADAPTER = Zammad()


def signed(sent: bytes) -> Case:
    headers = {
        "User-Agent": "Zammad User Agent",
        "X-Zammad-Trigger": "every article",
        "X-Zammad-Delivery": "0b4ef3b6-9d1f-4ae8-8d8c-1d1c5d4b7a55",
        "X-Hub-Signature": signature(SECRET, sent),
    }
    return Case(ADAPTER, request(sent, headers=headers), Secrets(secret=SECRET), Options())


def fixture(name: str) -> Case:
    return signed((FOLDER / f"{name}.json").read_bytes())


def test_the_signature_is_hmac_sha1_of_the_body() -> None:
    # RFC 2202, test case 2
    assert (
        signature("Jefe", b"what do ya want for nothing?")
        == "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
    )


@pytest.mark.parametrize("name", ["documented", "first_mail", "later_mail", "web", "chat", "agent"])
def test_an_article_becomes_its_item(name: str) -> None:
    expect(FOLDER, name, fixture(name).items())


@pytest.mark.parametrize("name", ["agent_note", "internal", "system", "vacation", "no_article"])
def test_notes_and_notices_are_nothing(name: str) -> None:
    assert not list(fixture(name).items())


@pytest.mark.parametrize(
    ("kind", "channel"),
    [
        ("phone", "call"),
        ("twitter direct-message", "social"),
        ("facebook feed comment", "social"),
        ("telegram personal-message", "chat"),
        ("whatsapp message", "chat"),
        ("sms", "chat"),
        ("fax", "ticket"),
    ],
)
def test_the_channel_is_that_of_the_articles_type(kind: str, channel: str) -> None:
    document = orjson.loads((FOLDER / "chat.json").read_bytes())
    # Newer versions may write an association out.
    document["article"].update(type={"id": 1, "name": kind}, sender={"name": "Customer"})
    (item,) = signed(orjson.dumps(document)).items()
    assert not isinstance(item, Failed)
    assert item.values["channel"] == channel


def test_what_is_not_proven_is_refused() -> None:
    case = fixture("documented")
    refuses_changed_bodies(case)
    refuses_other_secrets(case, Secrets(secret="another-secret-of-theirs"))
    with pytest.raises(Unverified, match="X-Hub-Signature"):
        ADAPTER.verify(request(case.request.body), Secrets(secret=SECRET))


def test_markup_that_is_too_deep_is_kept_with_its_reason() -> None:
    document = orjson.loads((FOLDER / "first_mail.json").read_bytes())
    document["article"]["body"] = "<div>" * 3000
    (item,) = signed(orjson.dumps(document)).items()
    assert isinstance(item, Failed)
    assert item.detail.startswith("article.body:")


def test_another_payload_is_malformed() -> None:
    with pytest.raises(Malformed, match="ticket is missing"):
        signed(b'{"text": "a custom payload"}').items()


@given(mutations(orjson.loads((FOLDER / "first_mail.json").read_bytes())))
def test_no_article_breaks_it(document: Any) -> None:
    reads_or_refuses(ADAPTER, request(orjson.dumps(document)), Options())
