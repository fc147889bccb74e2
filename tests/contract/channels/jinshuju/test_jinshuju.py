"""No page of the vendor with a whole request could be read. The envelope (`form`, `form_name`,
`entry`) is that of public receivers of the webhook; the fields are those of
https://open.jinshuju.net/api_v1/schemas/entry_post/ and
https://open.jinshuju.net/api_v1/schemas/field/."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given

from heedful.ingest.channels import Malformed
from heedful.ingest.channels.jinshuju import Jinshuju
from heedful.ingest.channels.survey_options import AnswerKind, Question, SurveyOptions
from tests.contract.channels.harness import expect, mutations, reads_or_refuses, request
from tests.contract.channels.surveys import asks_for_its_token, fixture, only, with_token

FOLDER = Path(__file__).parent
ADAPTER = Jinshuju()
OPTIONS = SurveyOptions(
    questions={
        "field_1": Question(wording="您有多大可能把我们推荐给朋友？", kind=AnswerKind.NPS),
        "field_2": Question(wording="姓名", kind=AnswerKind.PRIVATE),
        "field_3": Question(wording="为什么？", kind=AnswerKind.TEXT),
        "field_4": Question(wording="哪里不满意？"),
    },
    attribute_fields={"x_field_1": "store"},
)


def entry(**fields: Any) -> Any:
    document = fixture(FOLDER, "entry")
    document["entry"] |= fields
    return document


def test_an_entry_is_one_item_with_the_place_of_each_field() -> None:
    expect(FOLDER, "entry", with_token(ADAPTER, entry(), OPTIONS).items())


def test_the_token_is_needed() -> None:
    asks_for_its_token(with_token(ADAPTER, entry()))


@pytest.mark.parametrize(
    "changed", [{"color_mark": "红色"}, {"updated_at": "2026-11-25T00:00:00Z"}, {"info_os": None}]
)
def test_an_entry_that_only_the_staff_touched_is_the_same_item(changed: dict[str, Any]) -> None:
    before = only(with_token(ADAPTER, entry(), OPTIONS))
    assert only(with_token(ADAPTER, entry(**changed), OPTIONS)) == before


def test_an_entry_that_the_customer_edited_is_another_item() -> None:
    before = only(with_token(ADAPTER, entry(), OPTIONS))
    after = only(with_token(ADAPTER, entry(field_3="后来好了"), OPTIONS))
    assert before["id"] != after["id"]
    assert before["id"].rpartition(":")[0] == after["id"].rpartition(":")[0] == "E0Tqhk:123"


def test_fields_with_names_of_their_own_are_read_if_they_are_described() -> None:
    options = SurveyOptions(questions={"reason": Question(wording="为什么？")})
    values = only(with_token(ADAPTER, entry(reason="太慢了", unknown="不读"), options))
    assert "太慢了" in values["text"]
    assert "不读" not in values["text"]


def test_tables_are_withheld_and_files_are_no_choices() -> None:
    document = entry(field_11=[{"dimension": "甲"}], field_12=["https://files.example/a.png"])
    values = only(with_token(ADAPTER, document, SurveyOptions()))
    assert values["attributes"]["answer_9"] == "withheld"
    assert values["attributes"]["answer_10"] == "https://files.example/a.png"


@pytest.mark.parametrize("missing", ["form", "entry"])
def test_what_is_missing_is_named(missing: str) -> None:
    document = {name: value for name, value in entry().items() if name != missing}
    with pytest.raises(Malformed, match=rf"^{missing}\S* is missing$"):
        with_token(ADAPTER, document).items()


@given(mutations(fixture(FOLDER, "entry")))
def test_no_body_breaks_it(document: Any) -> None:
    reads_or_refuses(ADAPTER, request(orjson.dumps(document)), OPTIONS)
