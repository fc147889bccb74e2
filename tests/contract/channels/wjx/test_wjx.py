"""The request and the rule of `sign` are those of
https://www.showdoc.com.cn/wjxopenapi/7664690808275512."""

import dataclasses
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given

from heedful.common.contracts import IdentifierType
from heedful.ingest.channels import Malformed, Unverified
from heedful.ingest.channels.survey_options import AnswerKind, Question, SurveyOptions
from heedful.ingest.channels.wjx import Secrets, Wjx
from tests.contract.channels.harness import Case, expect, mutations, reads_or_refuses, request
from tests.contract.channels.surveys import TOKEN, asks_for_its_token, fixture, only, with_token

FOLDER = Path(__file__).parent
ADAPTER = Wjx()
KEY = "example-push-key-0001"
# printf %s 56577547example-push-key-0001 | openssl dgst -sha1
SIGN = "72bdac36cb803f06d2ff34441a7e0719335c0db3"
OPTIONS = SurveyOptions(
    questions={
        "q1": Question(wording="您满意吗？", choices={"1": "不满意", "2": "满意"}),
        "q2": Question(wording="为什么？", kind=AnswerKind.TEXT),
        "q3": Question(
            wording="哪里不满意？", choices={"1": "等待太久", "2": "态度不好", "3": "环境"}
        ),
        "q5": Question(wording="您有多大可能把我们推荐给朋友？", kind=AnswerKind.NPS),
    },
    identifier_fields={"sojumpparm": IdentifierType.CUSTOMER_ID},
    attribute_fields={"parterjoiner": "store"},
)


def sheet(**fields: Any) -> Any:
    return fixture(FOLDER, "sheet") | fields


def keyed(**fields: Any) -> Case:
    """With a push key in the connection."""
    secrets = Secrets(token=TOKEN, push_key=KEY)
    return dataclasses.replace(with_token(ADAPTER, sheet(**fields), OPTIONS), secrets=secrets)


def test_an_answer_sheet_is_one_item_with_the_place_of_each_field() -> None:
    expect(FOLDER, "sheet", with_token(ADAPTER, sheet(), OPTIONS).items())


def test_the_token_is_needed_with_and_without_a_push_key() -> None:
    asks_for_its_token(with_token(ADAPTER, sheet()))
    asks_for_its_token(keyed(sign=SIGN))


@pytest.mark.parametrize("sign", [SIGN, SIGN.upper()])
def test_with_a_push_key_the_sign_is_needed(sign: str) -> None:
    assert keyed(sign=sign).items()


@pytest.mark.parametrize(
    "changed", [{"sign": ""}, {"sign": None}, {"index": "8"}, {"activity": "5657755"}]
)
def test_a_sign_of_something_else_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(Unverified, match="sign does not fit"):
        keyed(**({"sign": SIGN} | changed)).opened()


def test_a_body_that_is_cut_is_refused() -> None:
    case = keyed(sign=SIGN)
    with pytest.raises(Malformed):
        case.with_body(case.request.body[:-1]).items()


def test_an_answer_sheet_that_is_sent_again_is_the_same_item() -> None:
    first = only(with_token(ADAPTER, sheet(), OPTIONS))
    assert only(with_token(ADAPTER, sheet(timetaken="529"), OPTIONS)) == first


def test_numbers_of_choices_that_nobody_described_are_not_the_customers_words() -> None:
    values = only(with_token(ADAPTER, sheet()))
    assert values["text"] == "等了四十分钟才有人接电话"
    assert values["attributes"]["answer_3"] == "1; 2"


def test_what_is_missing_is_named() -> None:
    with pytest.raises(Malformed, match=r"^joinid is missing$"):
        with_token(ADAPTER, sheet(joinid=None)).items()


@given(mutations(fixture(FOLDER, "sheet")))
def test_no_body_breaks_it(document: Any) -> None:
    reads_or_refuses(ADAPTER, request(orjson.dumps(document)), OPTIONS)
