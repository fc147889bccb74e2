"""What a response says: its text, and what is shown of its questions and answers."""

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.common.contracts.feedback import MAX_TEXT_CHARS
from heedful.ingest.channels import Draft, Failed, Taken
from heedful.ingest.channels.survey import item
from heedful.ingest.channels.survey_answers import SurveyAnswer
from heedful.ingest.channels.survey_options import AnswerKind, Question, Scale, SurveyOptions
from heedful.ingest.models import PostedFeedback
from tests.unit.ingest.channels.surveys import NO_OPTIONS, answer, read, response, said

NUMBER = answer("q1", AnswerKind.NUMBER, "3")
CHOICE = answer("q2", AnswerKind.CHOICE, "等待太久", "没有座位")
WORDS = said("q3", "没人接电话")


def options_of(name: str, **question: Any) -> SurveyOptions:
    return SurveyOptions(questions={name: Question(**question)})


@pytest.mark.parametrize(
    ("answers", "text"),
    [
        ([NUMBER, CHOICE, WORDS, said("q4", "下次不来了")], "没人接电话\n下次不来了"),
        ([NUMBER, CHOICE], "等待太久\n没有座位"),
        ([NUMBER, answer("q5", AnswerKind.STARS, "4")], "3\n4"),
        ([answer("q2", AnswerKind.CHOICE, "其他", typed="太吵")], "太吵"),
    ],
    ids=["words", "labels", "numbers", "typed beside a choice"],
)
def test_the_text_is_the_customers_words_or_what_comes_nearest(
    answers: list[SurveyAnswer], text: str
) -> None:
    assert read(*answers)["text"] == text


def test_no_wording_of_a_question_is_ever_in_the_text() -> None:
    asked = answer("q1", AnswerKind.NUMBER, "3", wording="有多糟糕？")
    options = options_of("q2", wording="哪里糟糕？")
    assert "糟糕" not in read(asked, CHOICE, options=options)["text"]
    assert "糟糕" not in read(asked, CHOICE, WORDS, options=options)["text"]


@pytest.mark.parametrize(
    "answers",
    [
        [],
        [answer("q1", AnswerKind.TEXT)],
        [answer("q1", AnswerKind.OTHER, "2026-11-24")],
        [answer("q1", AnswerKind.PHONE, "13800000000")],
        [answer("q1", AnswerKind.PRIVATE, "张三", typed="先生")],
    ],
    ids=["nothing", "an empty answer", "a date", "a telephone", "a name"],
)
def test_a_response_that_says_nothing_goes_to_quarantine(answers: list[SurveyAnswer]) -> None:
    assert item(response(*answers), NO_OPTIONS) == Failed(
        b"{}", "the response has neither words nor choices nor numbers"
    )


def test_words_that_are_too_long_are_not_cut() -> None:
    half = "长" * (MAX_TEXT_CHARS // 2)
    found = item(response(said("q1", half), said("q2", half)), NO_OPTIONS)
    assert isinstance(found, Failed)
    assert found.detail == "the words of the response are 100001 characters; 100000 fit"


def test_answers_are_shown_beside_their_questions() -> None:
    beside = answer("q4", AnswerKind.CHOICE, "其他", "环境", typed="太吵")
    attributes = read(said("q3", "一\r\n二"), NUMBER, beside)["attributes"]
    assert attributes == {
        "questions": "3",
        "question_1": "q3",
        "answer_1": "一\n二",
        "question_2": "q1",
        "answer_2": "3",
        "question_3": "q4",
        "answer_3": "其他; 环境; 太吵",
    }


def test_words_too_long_for_an_attribute_are_shown_by_their_lines_in_the_text() -> None:
    long = "长" * 300
    beside = answer("q4", AnswerKind.CHOICE, "其他", typed=long * 2)
    values = read(said("q3", f"{long}\n{long}"), NUMBER, said("q5", "短"), beside)
    assert values["text"].split("\n") == [long, long, "短", long * 2]
    shown = [values["attributes"][f"answer_{number}"] for number in range(1, 5)]
    assert shown == ["lines 1-2 of the text", "3", "短", "其他; line 4 of the text"]


@pytest.mark.parametrize("kind", [AnswerKind.PHONE, AnswerKind.EMAIL, AnswerKind.PRIVATE])
def test_what_says_who_the_customer_is_is_withheld(kind: AnswerKind) -> None:
    values = read(WORDS, answer("q9", kind, "laura@example.com"))
    assert values["attributes"]["answer_2"] == "withheld"
    assert "laura" not in values["text"]


def test_options_say_what_an_answer_is() -> None:
    options = SurveyOptions(
        questions={
            "q1": Question(wording="满意吗？", choices={"3": {"default": "Bad", "zh": "不满意"}}),
            "q3": Question(kind=AnswerKind.PRIVATE),
        }
    )
    values = read(NUMBER, WORDS, options=options, language=Taken("zh", "language"))
    assert values["text"] == "不满意"
    assert values["attributes"] == {
        "questions": "2",
        "question_1": "满意吗？",
        "answer_1": "不满意",
        "question_2": "q3",
        "answer_2": "withheld",
    }


def test_hidden_fields_become_the_attributes_that_options_name() -> None:
    options = SurveyOptions(attribute_fields={"store": "store", "absent": "absent"})
    hidden = {"store": Taken("S-017", "hidden.store"), "utm": Taken("ad", "hidden.utm")}
    attributes = read(WORDS, options=options, hidden=hidden)["attributes"]
    assert attributes["store"] == "S-017"
    assert attributes.keys().isdisjoint({"absent", "utm"})


def test_questions_that_do_not_fit_are_counted() -> None:
    attributes = read(*(said(f"q{number}", "好") for number in range(40)))["attributes"]
    assert attributes["questions"] == "40"
    assert attributes["questions_left_out"] == "25"
    assert "answer_15" in attributes
    assert "answer_16" not in attributes


def test_what_is_too_long_for_an_attribute_shows_that_it_is_cut() -> None:
    long = answer("q2", AnswerKind.CHOICE, "长" * 600, wording="问" * 501)
    attributes = read(long)["attributes"]
    assert attributes["question_1"] == "问" * 499 + "…"
    assert attributes["answer_1"] == "长" * 499 + "…"
    assert read(long)["text"] == "长" * 600


def test_only_what_the_customer_changed_makes_another_item_of_a_response() -> None:
    first = read(NUMBER, WORDS, editable=True)["id"]
    described = options_of("q3", wording="为什么？")
    assert read(NUMBER, WORDS, editable=True, survey="改名", options=described)["id"] == first
    assert read(NUMBER, said("q3", "有人接了"), editable=True)["id"] != first
    assert first.startswith("r-1:")
    assert read(NUMBER, WORDS)["id"] == "r-1"


NAMES = st.text(string.ascii_letters + string.digits, min_size=1, max_size=8)
ANSWERS = st.builds(
    SurveyAnswer,
    names=st.tuples(NAMES),
    kind=st.sampled_from(AnswerKind),
    given=st.lists(st.text("a1 \n好…", max_size=12), max_size=3).map(tuple)
    | st.integers(-20, 20).map(lambda number: (str(number),)),
    place=NAMES.map(lambda name: f"answers.{name}"),
    wording=st.none() | st.text("问a", min_size=1, max_size=600),
    typed=st.none() | st.text("a好\n", max_size=12),
    scale=st.none() | st.just(Scale(1, 5)),
)


@given(st.lists(ANSWERS, max_size=40), st.booleans())
def test_whatever_was_answered_the_item_is_one_that_ingest_takes(
    answers: list[SurveyAnswer], partial: bool
) -> None:
    found = item(response(*answers, partial=partial, editable=partial), NO_OPTIONS)
    if isinstance(found, Draft):
        PostedFeedback.model_validate(found.values)
        assert all(len(taken.place) <= 200 for taken in found.fields.values())
