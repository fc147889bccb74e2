"""The request is that of https://wj.qq.com/docs/webhook/; blanks, matrices and scales are those of
https://wj.qq.com/docs/openapi/survey/get_answer."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given

from heedful.ingest.channels import Malformed
from heedful.ingest.channels.survey_options import Question, SurveyOptions
from heedful.ingest.channels.tencent_survey import TencentSurvey
from tests.contract.channels.harness import expect, mutations, reads_or_refuses, request
from tests.contract.channels.surveys import asks_for_its_token, fixture, only, with_token

FOLDER = Path(__file__).parent
ADAPTER = TencentSurvey()
OPTIONS = SurveyOptions(
    questions={
        "q-1-abcd": Question(wording="您在哪里办的？"),
        "q-2-efgh": Question(wording="哪里不满意？"),
        "q-3-ijkl": Question(wording="请告诉我们更多"),
        "q-4-mnop": Question(wording="您有多大可能把我们推荐给朋友？"),
    },
    attribute_fields={"store": "store"},
)


def sent(action: str = "answer.create", **payload: Any) -> Any:
    document = fixture(FOLDER, "created")
    document["action"] = action
    document["payload"] |= payload
    return document


def test_an_answer_sheet_is_one_item_with_the_place_of_each_field() -> None:
    expect(FOLDER, "created", with_token(ADAPTER, sent(), OPTIONS).items())


def test_the_token_is_needed() -> None:
    asks_for_its_token(with_token(ADAPTER, sent()))


def test_an_update_that_changes_no_answer_is_the_same_item() -> None:
    before = only(with_token(ADAPTER, sent(), OPTIONS))
    same = sent("answer.update", duration=700, ip="127.0.0.2")
    assert only(with_token(ADAPTER, same, OPTIONS)) == before


def test_an_update_of_an_answer_is_another_item() -> None:
    question = {"id": "q-3-ijkl", "type": "textarea", "text": "后来有人回了电话"}
    changed = sent("answer.update", answer=[{"id": "p-1-abcd", "questions": [question]}])
    values = only(with_token(ADAPTER, changed, OPTIONS))
    assert values["text"] == "后来有人回了电话"
    assert values["id"].startswith("5356056:7:")
    assert values["id"] != only(with_token(ADAPTER, sent(), OPTIONS))["id"]


def test_a_deleted_answer_sheet_gives_nothing() -> None:
    assert not with_token(ADAPTER, sent("answer.delete")).items()


def test_nobody_is_known_by_the_number_of_the_anonymous() -> None:
    unknown = {"respondent_id": 0, "third_party_user": None, "answer": sent()["payload"]["answer"]}
    values = only(with_token(ADAPTER, sent(**unknown), OPTIONS))
    assert {one["type"] for one in values["identifiers"]} == {"phone"}


def test_a_choice_with_texts_of_several_steps_is_read() -> None:
    question = {"id": "q-8-cdef", "type": "chained_selects", "text_list": ["广东", "深圳"]}
    values = only(
        with_token(ADAPTER, sent(answer=[{"id": "p-1-abcd", "questions": [question]}]), OPTIONS)
    )
    assert values["text"] == "广东\n深圳"


def test_an_unknown_action_is_malformed() -> None:
    with pytest.raises(Malformed, match="action is none of"):
        with_token(ADAPTER, sent("survey.create")).items()


def test_a_time_in_another_form_is_malformed() -> None:
    with pytest.raises(Malformed, match=r"payload\.ended_at is not a time"):
        with_token(ADAPTER, sent(ended_at="1581220719")).items()


@given(mutations(fixture(FOLDER, "created")))
def test_no_body_breaks_it(document: Any) -> None:
    reads_or_refuses(ADAPTER, request(orjson.dumps(document)), OPTIONS)
