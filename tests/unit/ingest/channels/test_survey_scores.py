"""Which number of a response is its score, and on which scale."""

import pytest

from heedful.common.contracts import ScoreKind
from heedful.ingest.channels.survey_options import AnswerKind, Question, Scale, SurveyOptions
from tests.unit.ingest.channels.surveys import answer, read, said

NPS = answer("nps", AnswerKind.NPS, "9")
RATING = answer("rating", AnswerKind.RATING, "4", scale=Scale(0, 6))
NUMBER = answer("age", AnswerKind.NUMBER, "41")
WORDS = said("why", "还行")


@pytest.mark.parametrize(
    ("kind", "given", "minimum", "maximum"),
    [
        (AnswerKind.NPS, "10", 0, 10),
        (AnswerKind.CSAT, "5", 1, 5),
        (AnswerKind.CES, "7", 1, 7),
        (AnswerKind.STARS, "4.5", 1, 5),
    ],
)
def test_each_kind_of_score_has_its_scale(
    kind: AnswerKind, given: str, minimum: float, maximum: float
) -> None:
    assert read(answer("q1", kind, given))["score"] == {
        "kind": kind.value, "value": float(given), "minimum": minimum, "maximum": maximum
    }  # fmt: skip


def test_a_scale_of_the_vendor_goes_before_that_of_the_kind() -> None:
    score = read(answer("q1", AnswerKind.STARS, "8", scale=Scale(1, 10)))["score"]
    assert (score["minimum"], score["maximum"]) == (1, 10)


def test_a_scale_of_the_options_goes_before_both() -> None:
    by_question = SurveyOptions(
        questions={"rating": Question(kind=AnswerKind.CSAT, minimum=0, maximum=4)}
    )
    assert read(RATING, options=by_question)["score"]["maximum"] == 4
    by_score = SurveyOptions(
        questions=by_question.questions, score_minimum=1, score_maximum=9, score_kind="ces"
    )
    assert read(RATING, options=by_score)["score"] == {
        "kind": "ces", "value": 4, "minimum": 1, "maximum": 9
    }  # fmt: skip


def test_of_several_scores_nps_is_the_responses() -> None:
    assert read(RATING, NPS)["score"]["kind"] == "nps"


def test_the_question_that_is_named_is_the_score_whatever_it_looks_like() -> None:
    options = SurveyOptions(score_question="age", score_minimum=0, score_maximum=99)
    assert read(NPS, NUMBER, options=options)["score"]["value"] == 41
    assert read(NPS, NUMBER, options=options)["score"]["kind"] == ScoreKind.OTHER


def test_a_number_is_no_score_by_itself() -> None:
    values = read(NUMBER, WORDS)
    assert "score" not in values
    assert "score_left_out" not in values["attributes"]


@pytest.mark.parametrize(
    ("given", "options", "reason"),
    [
        ("11", SurveyOptions(), "outside the scale of 0 to 10: set score_minimum"),
        ("-1", SurveyOptions(), "outside the scale of 0 to 10: set score_minimum"),
        ("很高", SurveyOptions(), "the answer is not a number"),
        ("3", SurveyOptions(score_kind=ScoreKind.OTHER), "the scale is not known: set score_"),
    ],
)
def test_a_score_that_cannot_be_one_is_left_out_and_says_why(
    given: str, options: SurveyOptions, reason: str
) -> None:
    values = read(answer("q1", AnswerKind.NPS, given), WORDS, options=options)
    assert "score" not in values
    assert values["attributes"]["score_left_out"].startswith(reason)
    assert values["attributes"]["answer_1"] == given


def test_a_score_question_that_was_not_answered_gives_none() -> None:
    values = read(NPS, WORDS, options=SurveyOptions(score_question="csat"))
    assert "score" not in values
