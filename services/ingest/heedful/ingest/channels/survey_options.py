"""What a connection says of its survey: the wording and kind of the questions, which one is the
score, which fields name the customer. Most survey tools push answers without their questions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from heedful.common.contracts import IdentifierType, ScoreKind
from heedful.common.contracts.feedback import AttributeKey
from heedful.ingest.channels import Configured

DEFAULT_LANGUAGE = "default"
"""The language that a survey was written in, in the maps of translated texts of some tools."""


class AnswerKind(StrEnum):
    """What an answer is, which decides where it goes."""

    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    NPS = "nps"
    CSAT = "csat"
    CES = "ces"
    STARS = "stars"
    RATING = "rating"
    PHONE = "phone"
    EMAIL = "email"
    PRIVATE = "private"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Scale:
    """The lowest and the highest number that could be given."""

    minimum: float
    maximum: float

    def holds(self, value: float) -> bool:
        return self.minimum <= value <= self.maximum

    def __str__(self) -> str:
        return f"{self.minimum:g} to {self.maximum:g}"


SCORES: Mapping[AnswerKind, ScoreKind] = {
    AnswerKind.NPS: ScoreKind.NPS,
    AnswerKind.CSAT: ScoreKind.CSAT,
    AnswerKind.CES: ScoreKind.CES,
    AnswerKind.STARS: ScoreKind.STARS,
    AnswerKind.RATING: ScoreKind.OTHER,
}
"""Of several scores in one response the first of these kinds is the response's."""

SCALES: Mapping[ScoreKind, Scale] = {
    ScoreKind.NPS: Scale(0, 10),
    ScoreKind.CSAT: Scale(1, 5),
    ScoreKind.CES: Scale(1, 7),
    ScoreKind.STARS: Scale(1, 5),
}
"""Where neither the vendor nor the connection says another one."""

OWN_ATTRIBUTES = frozenset(
    {"survey", "survey_id", "questions", "questions_left_out", "score_left_out", "partial"}
)
"""Attributes of every response, beside `question_1`, `answer_1` and so on."""


def _free(name: str) -> str:
    if name in OWN_ATTRIBUTES or name.startswith(("question_", "answer_")):
        raise ValueError("this attribute is the survey's own; choose another name")
    return name


FieldName = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Wording = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Translated = Wording | Annotated[dict[FieldName, Wording], Field(min_length=1, max_length=100)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


class Question(BaseModel):
    """One question, under the name that the tool gives its answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    wording: Translated | None = Field(
        default=None, description="As the customer read it; or by language, `default` for others."
    )
    kind: AnswerKind | None = Field(default=None, description="Default: guessed.")
    choices: dict[FieldName, Translated] = Field(
        default_factory=dict, max_length=500, description="The tool's code -> what it says."
    )
    minimum: Finite | None = None
    maximum: Finite | None = None

    @property
    def scale(self) -> Scale | None:
        return _scale(self.minimum, self.maximum)

    @model_validator(mode="after")
    def _whole_scale(self) -> Self:
        _check(self.minimum, self.maximum)
        return self


class SurveyOptions(Configured):
    """What every survey adapter takes; docs/surveys.md shows it at work."""

    questions: dict[FieldName, Question] = Field(
        default_factory=dict,
        max_length=500,
        description="The tool's name of a question -> its wording, kind and choices.",
    )
    score_question: FieldName | None = Field(
        default=None, description="The question whose number is the score. Default: by kind."
    )
    score_kind: ScoreKind | None = Field(default=None, description="Default: by the question.")
    score_minimum: Finite | None = Field(default=None, description="Default: by the kind.")
    score_maximum: Finite | None = Field(default=None, description="Default: by the kind.")
    identifier_fields: dict[FieldName, IdentifierType] = Field(
        default_factory=dict,
        max_length=16,
        description="Hidden field or question -> the type of identifier that it holds.",
    )
    attribute_fields: dict[FieldName, Annotated[AttributeKey, AfterValidator(_free)]] = Field(
        default_factory=dict,
        max_length=8,
        description="Hidden field -> the attribute that it becomes, e.g. a store's number.",
    )

    @property
    def scale(self) -> Scale | None:
        return _scale(self.score_minimum, self.score_maximum)

    def question(self, names: tuple[str, ...]) -> Question:
        """What is said of the question with any of these names; nothing, if nothing is."""
        return next((self.questions[name] for name in names if name in self.questions), Question())

    def names_the_customer(self, *names: str) -> bool:
        """That one of these fields holds an identifier, as the options say or by its name."""
        return any(name in self.identifier_fields or name in _TYPES for name in names)

    @model_validator(mode="after")
    def _whole_scale(self) -> Self:
        _check(self.score_minimum, self.score_maximum)
        return self


def in_language(text: Translated | None, language: str | None) -> str | None:
    """The text in this language, else in the survey's own, else in any."""
    if text is None or isinstance(text, str):
        return text
    return text.get(language or "") or text.get(DEFAULT_LANGUAGE) or next(iter(text.values()))


_TYPES = frozenset(member.value for member in IdentifierType)


def _scale(minimum: float | None, maximum: float | None) -> Scale | None:
    return None if minimum is None or maximum is None else Scale(minimum, maximum)


def _check(minimum: float | None, maximum: float | None) -> None:
    if (minimum is None) != (maximum is None):
        raise ValueError("a scale needs its lowest and its highest number")
    if minimum is not None and maximum is not None and minimum >= maximum:
        raise ValueError("the lowest number of a scale should be below the highest")
