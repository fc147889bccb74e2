"""The payload and its headers are those of
https://formbricks.com/docs/xm-and-surveys/core-features/integrations/webhooks. That page shows
the event in a list (`listed`); Formbricks' source sends it alone (`finished`)."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from standardwebhooks.webhooks import Webhook

from heedful.common.contracts import IdentifierType
from heedful.ingest.channels import Malformed, Unverified
from heedful.ingest.channels.formbricks import Formbricks, Secrets
from heedful.ingest.channels.survey_options import AnswerKind, Question, SurveyOptions
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
from tests.contract.channels.surveys import fixture, only

FOLDER = Path(__file__).parent
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
ADAPTER = Formbricks()
OPTIONS = SurveyOptions(
    questions={
        "nps": Question(
            wording={"default": "Would you recommend us?", "zh-CN": "您会推荐我们吗？"},
            kind=AnswerKind.NPS,
        ),
        "why": Question(wording="为什么？", kind=AnswerKind.TEXT),
        "wishes": Question(
            wording={"default": "What do you wish for?"},
            choices={"A call back": {"default": "A call back", "zh-CN": "给我回电话"}},
        ),
    },
    identifier_fields={"member": IdentifierType.MEMBER_CARD},
    attribute_fields={"plan": "plan"},
)
TEST = b'{"event":"testEndpoint"}'


def signed(document: Any, options: SurveyOptions = OPTIONS) -> Case:
    """The document, signed by the library of Standard Webhooks."""
    body = orjson.dumps(document)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(NOW.timestamp())),
        "webhook-signature": Webhook(SECRET).sign("msg_1", NOW, body.decode()),
    }
    return Case(ADAPTER, request(body, headers=headers), Secrets(secret=SECRET), options)


def event(name: str) -> Any:
    return {**fixture(FOLDER, "finished"), "event": name}


@pytest.mark.parametrize("name", ["finished", "listed"])
def test_a_response_is_one_item_with_the_place_of_each_field(name: str) -> None:
    expect(FOLDER, name, signed(fixture(FOLDER, name)).items())


def test_what_is_not_proven_is_refused() -> None:
    case = signed(fixture(FOLDER, "finished"))
    refuses_changed_bodies(case)
    refuses_other_secrets(case, Secrets(secret=OTHER))
    refuses_replays(case, timedelta(minutes=5, seconds=1))


@pytest.mark.parametrize("name", ["responseCreated", "responseUpdated"])
def test_a_response_is_held_until_it_is_finished(name: str) -> None:
    assert not signed(event(name)).items()


def test_what_formbricks_tries_the_url_with_needs_no_signature_and_gives_nothing() -> None:
    case = Case(ADAPTER, request(TEST), Secrets(secret=SECRET), OPTIONS)
    assert not case.items()
    assert not signed(event("testEndpoint")).items()


@pytest.mark.parametrize("body", [TEST + b" ", b'{"event":"testEndpoint","data":{}}', b"{}", b""])
def test_nothing_else_comes_in_unsigned(body: bytes) -> None:
    with pytest.raises(Unverified, match="webhook-id is missing"):
        ADAPTER.verify(request(body), Secrets(secret=SECRET))


def test_answers_that_nobody_described_are_taken_for_what_they_look_like() -> None:
    values = only(signed(fixture(FOLDER, "finished"), SurveyOptions()))
    assert values["text"] == "等了四十分钟才有人接电话\n电话里又说不归他们管\nm-017"
    assert "score" not in values


def test_an_event_of_something_else_is_malformed() -> None:
    with pytest.raises(Malformed, match="event is no event of a response"):
        signed(event("surveyPublished")).items()


@given(mutations(fixture(FOLDER, "finished")))
def test_no_body_breaks_it(document: Any) -> None:
    reads_or_refuses(ADAPTER, request(orjson.dumps(document)), OPTIONS)
