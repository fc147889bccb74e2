"""`response` is the example of https://www.typeform.com/developers/webhooks/example-payload/;
`scales` adds what newer payloads carry: `ref` in the answers, ids of choices, `properties`
(https://actionsflow.github.io/docs/triggers/typeform shows one). The signature is that of
https://www.typeform.com/developers/webhooks/secure-your-webhooks/."""

import base64
import hashlib
import hmac
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given

from heedful.common.contracts import IdentifierType
from heedful.ingest.channels import Malformed, Unverified
from heedful.ingest.channels.typeform import Options, Secrets, Typeform
from tests.contract.channels.harness import (
    Case,
    expect,
    mutations,
    reads_or_refuses,
    refuses_changed_bodies,
    refuses_other_secrets,
    request,
)
from tests.contract.channels.surveys import fixture, only

FOLDER = Path(__file__).parent
SECRET = "tf-example-secret-0001"
ADAPTER = Typeform()
OPTIONS = {
    "response": Options(identifier_fields={"user_id": IdentifierType.CUSTOMER_ID}),
    "scales": Options(attribute_fields={"store": "store"}),
}


def signed(document: Any, options: Options | None = None) -> Case:
    body = orjson.dumps(document)
    digest = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
    headers = {"Typeform-Signature": f"sha256={digest}"}
    return Case(
        ADAPTER, request(body, headers=headers), Secrets(secret=SECRET), options or Options()
    )


def partial(**fields: Any) -> Any:
    document = fixture(FOLDER, "scales")
    document["event_type"] = "form_response_partial"
    document["form_response"] |= fields
    return document


@pytest.mark.parametrize("name", OPTIONS)
def test_a_response_is_one_item_with_the_place_of_each_field(name: str) -> None:
    expect(FOLDER, name, signed(fixture(FOLDER, name), OPTIONS[name]).items())


def test_what_is_not_proven_is_refused() -> None:
    case = signed(fixture(FOLDER, "response"))
    refuses_changed_bodies(case)
    refuses_other_secrets(case, Secrets(secret="tf-example-secret-0002"))


def test_the_signature_is_needed() -> None:
    with pytest.raises(Unverified, match="Typeform-Signature is missing"):
        ADAPTER.verify(request(b"{}"), Secrets(secret=SECRET))


def test_a_response_left_half_done_is_held_until_it_is_whole() -> None:
    assert not signed(partial()).items()


def test_one_left_half_done_is_an_item_of_its_own_if_that_is_said() -> None:
    options = Options(partial=True)
    whole = only(signed(fixture(FOLDER, "scales"), options))
    half = only(signed(partial(), options))
    assert half["id"].startswith(f"{whole['id']}:partial:")
    assert half["attributes"]["partial"] == "true"
    assert "partial" not in whole["attributes"]


def test_one_left_half_done_is_another_item_only_when_more_was_answered() -> None:
    options = Options(partial=True)
    first = only(signed(partial(), options))
    again = only(signed(partial(ending={"id": "default_tys", "ref": "default_tys"}), options))
    further = only(signed(partial(answers=partial()["form_response"]["answers"][:2]), options))
    assert again == first
    assert further["id"] != first["id"]


def test_the_score_is_the_question_that_is_named() -> None:
    options = Options(score_question="scale", score_kind="csat")
    values = only(signed(fixture(FOLDER, "scales"), options))
    assert values["score"] == {"kind": "csat", "value": 2, "minimum": 1, "maximum": 5}


def test_an_answer_of_an_unknown_kind_is_shown_as_such() -> None:
    document = fixture(FOLDER, "scales")
    document["form_response"]["answers"][1] = {
        "type": "payment",
        "payment": {"amount": "10.00", "last4": "1234", "name": "Laura"},
        "field": {"id": "sKA7t1hYYVGX", "type": "payment"},
    }
    attributes = only(signed(document))["attributes"]
    assert attributes["answer_2"] == "an answer of a kind that is not read"


def test_an_unknown_event_is_malformed() -> None:
    with pytest.raises(Malformed, match="event_type is neither"):
        signed({"event_type": "form_deleted", "form_response": {}}).items()


@given(mutations(fixture(FOLDER, "scales")))
def test_no_body_breaks_it(document: Any) -> None:
    reads_or_refuses(ADAPTER, request(orjson.dumps(document)), Options(partial=True))
