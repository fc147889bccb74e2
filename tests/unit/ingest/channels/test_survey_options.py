"""What a connection may say of its survey, and how answers without a kind are read."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from heedful.ingest.channels import Malformed
from heedful.ingest.channels.reading import Node
from heedful.ingest.channels.survey_answers import beijing_time, looks_like, several
from heedful.ingest.channels.survey_options import AnswerKind, Scale, SurveyOptions, in_language
from heedful.ingest.channels.url_token import UrlToken

TRANSLATED = {"default": "Why?", "zh-CN": "为什么？"}


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"score_minimum": 1}, "a scale needs its lowest and its highest number"),
        ({"score_minimum": 5, "score_maximum": 5}, "should be below the highest"),
        ({"questions": {"q1": {"maximum": 5}}}, "a scale needs its lowest and its highest number"),
        ({"questions": {"q1": {"kind": "essay"}}}, "Input should be 'text'"),
        ({"questions": {"q1": {"wording": {}}}}, "at least 1 item"),
        ({"attribute_fields": {"store": "answer_1"}}, "choose another name"),
        ({"attribute_fields": {"store": "survey_id"}}, "choose another name"),
        ({"attribute_fields": {"store": "Store"}}, "should match pattern"),
        ({"identifier_fields": {"uid": "uid"}}, "Input should be 'customer_id'"),
        ({"question": {}}, "Extra inputs are not permitted"),
    ],
)
def test_what_makes_no_sense_is_refused(given: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        SurveyOptions.model_validate(given)


@pytest.mark.parametrize("token", ["short", "with space in the middle", "letters-and-é-0001"])
def test_a_token_that_does_not_fit_into_a_url_is_refused(token: str) -> None:
    with pytest.raises(ValidationError, match="16 to 200 letters and digits"):
        UrlToken.model_validate({"token": token})


@pytest.mark.parametrize(
    ("language", "wording"), [("zh-CN", "为什么？"), ("fr", "Why?"), (None, "Why?")]
)
def test_a_wording_is_taken_in_the_language_of_the_response(
    language: str | None, wording: str
) -> None:
    assert in_language(TRANSLATED, language) == wording


def test_a_wording_without_a_default_is_taken_in_any_language() -> None:
    assert in_language({"zh-CN": "为什么？"}, "fr") == "为什么？"
    assert in_language("Why?", "fr") == "Why?"
    assert in_language(None, "fr") is None


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("等了四十分钟", AnswerKind.TEXT),
        ("3 days", AnswerKind.TEXT),
        ("我的邮箱 laura@example.com", AnswerKind.TEXT),
        ("10", AnswerKind.NUMBER),
        ("-4.5", AnswerKind.NUMBER),
        ("13812345678", AnswerKind.PHONE),
        ("+86 13812345678", AnswerKind.PHONE),
        ("laura@example.com", AnswerKind.EMAIL),
        ("6222020200112230990", AnswerKind.PRIVATE),
        ("11010519491231002X", AnswerKind.PRIVATE),
        ("2026-11-24", AnswerKind.OTHER),
        ("2026-11-24T00:15:00Z", AnswerKind.OTHER),
        ("https://files.example/a.png", AnswerKind.OTHER),
    ],
)
def test_an_answer_is_what_it_looks_like(written: str, kind: AnswerKind) -> None:
    assert looks_like(written) is kind


@pytest.mark.parametrize(
    ("members", "kind"),
    [
        (["快", "好"], AnswerKind.CHOICE),
        (["快", "https://files.example/a.png"], AnswerKind.CHOICE),
        (["https://files.example/a.png"], AnswerKind.OTHER),
        (["Laura", "Doe", "laura@example.com"], AnswerKind.PRIVATE),
        ([], AnswerKind.OTHER),
    ],
)
def test_a_list_is_choices_or_files_or_somebodys_particulars(
    members: list[str], kind: AnswerKind
) -> None:
    assert several(Node(members, "q1")) == (kind, tuple(members))


def test_a_time_without_its_offset_is_beijings() -> None:
    found = beijing_time(Node("2020-02-09 11:58:39", "at"))
    assert found is not None
    assert found.value.astimezone(UTC) == datetime(2020, 2, 9, 3, 58, 39, tzinfo=UTC)
    assert beijing_time(Node("", "at")) is None


@pytest.mark.parametrize("written", ["2021-02-09", "2021-02-30 11:58:39", "1581220719"])
def test_another_time_is_refused_by_its_place(written: str) -> None:
    with pytest.raises(Malformed, match=r"^at is not a time") as caught:
        beijing_time(Node(written, "at"))
    assert written not in str(caught.value)


def test_a_scale_is_shown_as_people_write_it() -> None:
    assert str(Scale(0, 10)) == "0 to 10"
    assert Scale(1, 5).holds(1)
    assert not Scale(1, 5).holds(5.5)
