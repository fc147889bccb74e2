"""From the answers of one response to one feedback; the same for every survey tool. Pure.

The text is what the customer wrote, never a question's wording, which would be taken for the
customer's words. Where nothing was written it is the labels that were chosen, else the numbers.
Questions and answers stand in attributes. Words that are too long for one are not cut there,
because a number that is cut in two is not recognised as personal data: the attribute says in which
lines of the text they are.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import orjson

from heedful.common.contracts import Channel, IdentifierType, ScoreKind
from heedful.common.contracts.feedback import MAX_ATTRIBUTES, MAX_IDENTIFIERS, MAX_TEXT_CHARS
from heedful.ingest.channels import Draft, Failed, Taken
from heedful.ingest.channels.survey_answers import (
    Identity,
    SurveyAnswer,
    SurveyResponse,
    looks_like,
)
from heedful.ingest.channels.survey_options import (
    SCALES,
    SCORES,
    AnswerKind,
    SurveyOptions,
    in_language,
)

WITHHELD = "withheld"
"""Stands for an answer that says who the customer is; it is an identifier, or nowhere."""

_MAX_ATTRIBUTE = 500
_MAX_PLACE = 200
_EDITION = 12
_PERSONAL = frozenset({AnswerKind.PHONE, AnswerKind.EMAIL, AnswerKind.PRIVATE})
_TYPES = frozenset(member.value for member in IdentifierType)
# The first identifier decides what stays in order; several people may share a telephone.
_RANKS = {IdentifierType.CUSTOMER_ID: 0, IdentifierType.PHONE: 2, IdentifierType.DEVICE: 2}
_RANK = 1


def item(response: SurveyResponse, options: SurveyOptions) -> Draft | Failed:
    """The one feedback that a response is."""
    answers = [_asked(one, response, options) for one in response.answers if one.given or one.typed]
    text, lines = _text(answers)
    if text is None:
        return Failed(response.raw, "the response has neither words nor choices nor numbers")
    if len(text.value) > MAX_TEXT_CHARS:
        return Failed(
            response.raw,
            f"the words of the response are {len(text.value)} characters; {MAX_TEXT_CHARS} fit",
        )
    score, fault = _score(answers, options)
    return Draft.feedback(
        id=_id(response),
        channel=Taken(Channel.SURVEY.value, "adapter"),
        text=text,
        occurred_at=response.occurred_at,
        language=response.language,
        score=score,
        identifiers=_identifiers(response, answers, options),
        attributes=Taken(_attributes(response, answers, options, lines, fault), response.place),
    )


def _asked(one: SurveyAnswer, response: SurveyResponse, options: SurveyOptions) -> SurveyAnswer:
    """The answer as the options know its question."""
    language = None if response.language is None else response.language.value
    question = options.question(one.names)
    kind = question.kind or (AnswerKind.CHOICE if question.choices else one.kind)
    if not options.identifier_fields.keys().isdisjoint(one.names):
        kind = AnswerKind.PRIVATE
    given = [_unix(value) for value in one.given]
    if kind is AnswerKind.CHOICE:
        given = [in_language(question.choices.get(code), language) or code for code in given]
    return replace(
        one,
        kind=kind,
        given=tuple(given),
        typed=None if kind in _PERSONAL or one.typed is None else _unix(one.typed),
        wording=in_language(question.wording, language) or one.wording,
        scale=question.scale or one.scale,
    )


def _text(answers: Sequence[SurveyAnswer]) -> tuple[Taken | None, Mapping[str, str]]:
    """The text, and for each place the lines in which its words stand."""
    written = [(one, one.words) for one in answers if one.words]
    lines: dict[str, str] = {}
    first = 1
    for one, words in written:
        last = first + words.count("\n")
        lines[one.place] = f"line {first}" if first == last else f"lines {first}-{last}"
        first = last + 1
    chosen = [(one, "\n".join(one.given)) for one in answers if one.kind is AnswerKind.CHOICE]
    numbers = [(one, one.given[0]) for one in answers if _is_number(one)]
    said = written or chosen or numbers
    text = "\n".join(words for _, words in said)
    return (Taken(text, _places(one.place for one, _ in said)) if text else None), lines


def _is_number(one: SurveyAnswer) -> bool:
    return one.given != () and (one.kind is AnswerKind.NUMBER or one.kind in SCORES)


def _score(
    answers: Sequence[SurveyAnswer], options: SurveyOptions
) -> tuple[Taken | None, str | None]:
    """The score with its scale, or why a number is none."""
    one = _scored(answers, options.score_question)
    if one is None:
        return None, None
    kind = options.score_kind or SCORES.get(one.kind, ScoreKind.OTHER)
    scale = options.scale or one.scale or SCALES.get(kind)
    if len(one.given) != 1 or looks_like(one.given[0]) is not AnswerKind.NUMBER:
        return None, "the answer is not a number"
    value = float(one.given[0])
    if scale is None:
        return None, "the scale is not known: set score_minimum and score_maximum"
    if not scale.holds(value):
        return None, f"outside the scale of {scale}: set score_minimum and score_maximum"
    found = {
        "kind": kind.value, "value": value, "minimum": scale.minimum, "maximum": scale.maximum
    }  # fmt: skip
    return Taken(found, _places([one.place])), None


def _scored(answers: Sequence[SurveyAnswer], question: str | None) -> SurveyAnswer | None:
    if question is not None:
        return next((one for one in answers if question in one.names), None)
    return next((one for kind in SCORES for one in answers if one.kind is kind), None)


def _identifiers(
    response: SurveyResponse, answers: Sequence[SurveyAnswer], options: SurveyOptions
) -> Taken | None:
    """Who it was, once each: a customer's number first, a telephone last."""
    found = [
        *_configured(response, answers, options),
        *response.known,
        *(
            (IdentifierType(name), taken)
            for name, taken in response.hidden.items()
            if name in _TYPES
        ),
        *(
            (IdentifierType(one.kind.value), Taken(one.given[0], one.place))
            for one in answers
            if one.kind in (AnswerKind.EMAIL, AnswerKind.PHONE) and one.given
        ),
    ]
    named: dict[tuple[IdentifierType, str], str] = {}
    for kind, taken in found:
        named.setdefault((kind, str(taken.value).strip()), taken.place)
    best_first = sorted((one for one in named if one[1]), key=lambda one: _RANKS.get(one[0], _RANK))
    kept = best_first[:MAX_IDENTIFIERS]
    if not kept:
        return None
    return Taken(
        [{"type": kind.value, "value": value} for kind, value in kept],
        _places(named[one] for one in kept),
    )


def _configured(
    response: SurveyResponse, answers: Sequence[SurveyAnswer], options: SurveyOptions
) -> Sequence[Identity]:
    asked = {
        name: Taken(one.given[0], one.place) for one in answers for name in one.names if one.given
    }
    everything = {**asked, **response.hidden}
    return [
        (kind, everything[name])
        for name, kind in options.identifier_fields.items()
        if name in everything
    ]


def _attributes(
    response: SurveyResponse,
    answers: Sequence[SurveyAnswer],
    options: SurveyOptions,
    lines: Mapping[str, str],
    fault: str | None,
) -> Mapping[str, str]:
    found = {
        attribute: str(response.hidden[name].value)
        for name, attribute in options.attribute_fields.items()
        if name in response.hidden
    }
    found |= {
        name: value
        for name, value in (
            ("survey_id", response.survey_id),
            ("survey", response.survey),
            ("questions", str(len(answers))),
            ("partial", "true" if response.partial else None),
            ("score_left_out", fault),
        )
        if value is not None
    }
    # One place is kept for saying how many did not fit.
    fitting = (MAX_ATTRIBUTES - len(found) - 1) // 2
    if len(answers) > fitting:
        found["questions_left_out"] = str(len(answers) - fitting)
    for number, one in enumerate(answers[:fitting], start=1):
        found[f"question_{number}"] = one.wording or one.names[0]
        found[f"answer_{number}"] = _shown(one, lines.get(one.place))
    return {name: _cut(value) for name, value in found.items()}


def _shown(one: SurveyAnswer, lines: str | None) -> str:
    if one.kind in _PERSONAL:
        return WITHHELD
    whole = "; ".join(filter(None, (*one.given, one.typed)))
    if lines is None or len(whole) <= _MAX_ATTRIBUTE:
        return whole
    chosen = () if one.kind is AnswerKind.TEXT else one.given
    return "; ".join((*chosen, f"{lines} of the text"))


def _id(response: SurveyResponse) -> Taken:
    if not response.editable:
        return response.id
    said = [(one.names[0], one.given, one.typed) for one in response.answers]
    edition = hashlib.sha256(orjson.dumps(said)).hexdigest()[:_EDITION]
    return Taken(f"{response.id.value}:{edition}", response.id.place)


def _unix(value: str) -> str:
    return value.replace("\r\n", "\n")


def _cut(value: str) -> str:
    return value if len(value) <= _MAX_ATTRIBUTE else f"{value[: _MAX_ATTRIBUTE - 1]}…"


def _places(places: Iterable[str]) -> str:
    joined = ", ".join(dict.fromkeys(places))
    return joined if len(joined) <= _MAX_PLACE else f"{joined[: _MAX_PLACE - 1]}…"
