"""Responses as an adapter reads them, for the tests of what becomes of them."""

from typing import Any

from heedful.ingest.channels import Draft, Taken
from heedful.ingest.channels.survey import item
from heedful.ingest.channels.survey_answers import SurveyAnswer, SurveyResponse
from heedful.ingest.channels.survey_options import AnswerKind, Scale, SurveyOptions

NO_OPTIONS = SurveyOptions()


def answer(
    name: str,
    kind: AnswerKind,
    *given: str,
    wording: str | None = None,
    typed: str | None = None,
    scale: Scale | None = None,
) -> SurveyAnswer:
    return SurveyAnswer((name,), kind, given, f"answers.{name}", wording, typed, scale)


def said(name: str, words: str) -> SurveyAnswer:
    return answer(name, AnswerKind.TEXT, words)


def response(*answers: SurveyAnswer, **more: Any) -> SurveyResponse:
    return SurveyResponse(
        id=Taken("r-1", "id"), answers=answers, place="answers", raw=b"{}", **more
    )


def read(
    *answers: SurveyAnswer, options: SurveyOptions = NO_OPTIONS, **more: Any
) -> dict[str, Any]:
    """The values of the item that such a response is."""
    draft = item(response(*answers, **more), options)
    assert isinstance(draft, Draft), draft.detail
    return draft.values
