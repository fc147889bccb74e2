"""https://developer.zendesk.com/documentation/webhooks/verifying/ (signature, test secret) and
https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events/ (payloads).

The signature vector is the one of webhookx-io/webhookx's tests of this provider.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from hypothesis import given

from heedful.ingest.channels import Draft, Failed, Malformed, Unverified
from heedful.ingest.channels.zendesk import Options, Secrets, Zendesk, signature
from heedful.ingest.models import PostedFeedback
from tests.contract.channels.harness import (
    NOW,
    Case,
    expect,
    mutations,
    reads_or_refuses,
    refuses_changed_bodies,
    refuses_other_secrets,
    refuses_replays,
    request,
)

FOLDER = Path(__file__).parent
SECRET = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="
STAMP = "2026-11-24T08:15:00Z"
ADAPTER = Zendesk()
RATED = {
    "event": "satisfaction",
    "score": "bad",
    "comment": "问了三个人，三种说法\n“不清楚”",
    "ticket_id": "5158",
    "requester_id": "8447388090496",
    "requester_email": "wang@mail.example",
}


def signed(body: bytes, media: str = "application/json") -> Case:
    headers = {
        "X-Zendesk-Webhook-Signature": signature(SECRET, STAMP, body),
        "X-Zendesk-Webhook-Signature-Timestamp": STAMP,
        "X-Zendesk-Account-Id": "22129848",
        "Content-Type": media,
    }
    return Case(ADAPTER, request(body, headers=headers), Secrets(secret=SECRET), Options())


def event(name: str) -> Case:
    return signed((FOLDER / f"{name}.json").read_bytes())


def rating(**fields: str) -> Case:
    form = urlencode({**RATED, **fields}).encode()
    return signed(form, "application/x-www-form-urlencoded; charset=utf-8")


def test_the_published_signature() -> None:
    body = b'{"event_type": "foo.bar","data": {"key": "value"}}'
    wanted = "qtmu3iClLKujnujOBkwe7yjI34o5CzsLD04Uy4LbE2A="
    assert signature(SECRET, "1531420618", body) == wanted


@pytest.mark.parametrize("name", ["created", "first_comment", "customer", "agent"])
def test_an_event_becomes_its_item(name: str) -> None:
    expect(FOLDER, name, event(name).items())


@pytest.mark.parametrize("name", ["note", "system", "status"])
def test_notes_and_notices_are_nothing(name: str) -> None:
    assert not list(event(name).items())


def test_a_rating_whose_fields_are_not_known_is_kept_for_quarantine() -> None:
    body = (FOLDER / "status.json").read_bytes()
    (kept,) = signed(body.replace(b"ticket.status_changed", b"ticket.csat_received")).items()
    assert isinstance(kept, Failed)
    assert "trigger" in kept.detail


def test_the_first_words_of_a_ticket_are_one_item_in_both_events() -> None:
    digests = set()
    for name in ("created", "first_comment"):
        (item,) = event(name).items()
        assert isinstance(item, Draft)
        digests.add(PostedFeedback.model_validate(item.values).digest())
    assert len(digests) == 1


def changed(name: str, **detail: Any) -> list[Draft | Failed]:
    document = orjson.loads((FOLDER / f"{name}.json").read_bytes())
    document["detail"].update(detail)
    return list(signed(orjson.dumps(document)).items())


def test_a_ticket_that_staff_opened_is_told_by_its_comments() -> None:
    assert not changed("created", submitter_id="8447388090495")


def test_the_same_words_later_are_another_comment() -> None:
    (item,) = changed("first_comment", created_at="2026-11-24T07:00:00Z")
    assert isinstance(item, Draft)
    assert item.values["id"] == "comment:9876543209"


def test_a_subject_that_zendesk_made_up_is_left_out() -> None:
    (item,) = changed("created", subject="Conversation with 王伟", via={"channel": "chat"})
    assert isinstance(item, Draft)
    assert item.values["text"] == "App 登录不了，提示网络错误"


def test_a_rating_is_a_score_and_its_words_another_item() -> None:
    expect(FOLDER, "rating", rating().items())
    (score, _), (alone,) = rating().items(), rating(comment="").items()
    assert score == alone


@pytest.mark.parametrize(
    "fields", [{"score": "great"}, {"event": "other"}, {"ticket_id": ""}, {"score": ""}]
)
def test_a_form_that_is_no_rating_says_so(fields: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        rating(**fields).items()


def test_what_is_not_proven_is_refused() -> None:
    for case in (event("customer"), rating()):
        refuses_changed_bodies(case)
        refuses_other_secrets(case, Secrets(secret="another-secret-of-theirs"))
        refuses_replays(case, timedelta(minutes=5, seconds=1))


@pytest.mark.parametrize("stamp", ["", "yesterday", "2026-11-24T08:15:00", "1795508100"])
def test_the_time_must_be_one(stamp: str) -> None:
    sent = event("customer").request
    headers = {
        **sent.headers,
        "x-zendesk-webhook-signature-timestamp": stamp,
        "x-zendesk-webhook-signature": signature(SECRET, stamp, sent.body),
    }
    with pytest.raises(Unverified, match="Timestamp"):
        ADAPTER.verify(request(sent.body, headers=headers, received_at=NOW), Secrets(secret=SECRET))


def test_an_event_without_a_type_is_malformed() -> None:
    with pytest.raises(Malformed, match="type is missing"):
        signed(b"{}").items()


@given(mutations(orjson.loads((FOLDER / "customer.json").read_bytes())))
def test_no_comment_breaks_it(document: Any) -> None:
    reads_or_refuses(ADAPTER, request(orjson.dumps(document)), Options())


@given(mutations(orjson.loads((FOLDER / "created.json").read_bytes())))
def test_no_ticket_breaks_it(document: Any) -> None:
    reads_or_refuses(ADAPTER, request(orjson.dumps(document)), Options())
