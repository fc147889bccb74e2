"""Typeform: responses of a form, by its signed webhook

One response is one feedback with `channel=survey`; [surveys](../surveys.md) says what becomes of
the answers, and what `questions`, `score_question` and `identifier_fields` do.

1. Make up a secret of at least 16 characters and create the connection with it.
2. In Typeform open the form, **Connect > Webhooks > Add a webhook**, and enter the URL of the
   connection.
3. **Edit** the webhook, enter the same secret under **Secret**, and switch the webhook **On**.

What is read: the answers with the wording of their questions (`form_response.definition.fields`),
hidden fields, `submitted_at`. E-mail addresses and telephone numbers that were asked for become
identifiers; so do hidden fields that are named as a type of identifier (`customer_id`, `phone`, …)
or stand in `identifier_fields`. An `nps` question is a score from 0 to 10, a `rating` one of stars
and an `opinion_scale` a rating, both on the scale that the form's definition shows; Typeform often
leaves the steps out, then set `score_minimum` and `score_maximum`. `score_kind` says what a scale
measures, e.g. `csat`. What is not read: `calculated`, `variables`, payments, files (their links
stand in the attributes).

A response that somebody left half done comes as `form_response_partial`, if Typeform is told to
send those. It is not taken, so that a response is one item, unless `partial` is set: then it is an
item of its own under `<token>:partial:…`, and the whole response is another one when it comes.

The signature is HMAC-SHA256 over the body. It covers no time: a request that is sent again is
accepted and changes nothing, because its item is known.

It follows [Secure your webhooks](https://www.typeform.com/developers/webhooks/secure-your-webhooks/),
[Example webhook payload](https://www.typeform.com/developers/webhooks/example-payload/) and
[Create or update webhook](https://www.typeform.com/developers/webhooks/reference/create-or-update-webhook/)
(the two event types).

## Example

```bash
RESPONSE=$(openssl rand -hex 16)
BODY='{"event_id": "01HEXAMPLE", "event_type": "form_response", "form_response": {
  "form_id": "lT4Z3j", "token": "'$RESPONSE'", "submitted_at": "2026-11-24T00:15:00Z",
  "hidden": {"customer_id": "c-1001"},
  "definition": {"id": "lT4Z3j", "title": "服务回访", "fields": [
    {"id": "NRsxU591jIW9", "title": "您有多大可能把我们推荐给朋友？", "type": "nps", "ref": "nps"},
    {"id": "DlXFaesGBpoF", "title": "为什么？", "type": "long_text", "ref": "why"}]},
  "answers": [
    {"type": "number", "number": 3, "field": {"id": "NRsxU591jIW9", "type": "nps"}},
    {"type": "text", "text": "等了四十分钟才有人接电话",
     "field": {"id": "DlXFaesGBpoF", "type": "long_text"}}]}}'
SIGNATURE=$(printf %s "$BODY" | openssl dgst -sha256 -hmac "$SECRET" -binary | openssl base64 -A)
curl -sS -X POST "$URL" -H 'content-type: application/json' \\
  -H "Typeform-Signature: sha256=$SIGNATURE" --data-binary "$BODY"
```
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, SecretStr

from heedful.ingest.channels import (
    ChannelRequest,
    Configured,
    Malformed,
    Parsed,
    Taken,
    Unverified,
    proof,
    shaped,
    survey,
)
from heedful.ingest.channels.reading import Node, json_body
from heedful.ingest.channels.survey_answers import SurveyAnswer, SurveyResponse, named_texts
from heedful.ingest.channels.survey_options import AnswerKind, Scale, SurveyOptions

COMPLETE = "form_response"
PARTIAL = "form_response_partial"

_NUMBERS: Mapping[str, AnswerKind] = {
    "nps": AnswerKind.NPS,
    "rating": AnswerKind.STARS,
    "opinion_scale": AnswerKind.RATING,
}
_NPS = Scale(0, 10)


class Secrets(Configured):
    secret: Annotated[SecretStr, shaped(r"[\x21-\x7e]{16,200}", "16 to 200 visible characters")] = (
        Field(
            description="As entered under Secret in Typeform's settings of the webhook.",
            examples=["tf-example-secret-0001"],
        )
    )


class Options(SurveyOptions):
    partial: bool = Field(
        default=False, description="Responses left half done are taken as items of their own."
    )


@dataclass(frozen=True, slots=True)
class _Value:
    """What an answer holds."""

    kind: AnswerKind
    given: tuple[str, ...]
    typed: str | None = None


class Typeform:
    """Typeform's developer pages, "Secure your webhooks" and "Example webhook payload"."""

    name = "typeform"
    version = "1"
    experimental = False
    secrets = Secrets
    options = Options

    def verify(self, request: ChannelRequest, secrets: Secrets) -> ChannelRequest:
        given = proof.header(request, "Typeform-Signature")
        key = secrets.secret.get_secret_value().encode()
        wanted = base64.b64encode(proof.hmac_sha256(key, request.body)).decode()
        if not proof.same(given, f"sha256={wanted}"):
            raise Unverified("the signature in Typeform-Signature does not fit the body")
        return request

    def parse(self, request: ChannelRequest, options: Options) -> Parsed:
        body = json_body(request.body)
        event = body.at("event_type").text()
        if event not in (COMPLETE, PARTIAL):
            raise Malformed(f"event_type is neither {COMPLETE} nor {PARTIAL}")
        if event == PARTIAL and not options.partial:
            return Parsed()
        response = _response(body.at("form_response"), request.body, partial=event == PARTIAL)
        return Parsed([survey.item(response, options)])


def _response(form: Node, raw: bytes, *, partial: bool) -> SurveyResponse:
    token = form.at("token")
    name = token.needed(token.text())
    times = (form.at("submitted_at"), form.at("landed_at"))
    definition = form.at("definition")
    fields = _fields(definition.at("fields"))
    return SurveyResponse(
        id=Taken(f"{name.value}:partial", name.place) if partial else name,
        answers=[_answer(one, fields) for one in form.at("answers").each()],
        place=form.at("answers").place,
        raw=raw,
        survey_id=form.at("form_id").text(),
        survey=definition.at("title").text(),
        occurred_at=next((at.taken(at.iso_time()) for at in times if at.text()), None),
        hidden=_hidden(form.at("hidden")),
        partial=partial,
        editable=partial,
    )


def _fields(fields: Node) -> Mapping[str, Node]:
    """The questions by their ids, those in groups as well."""
    found: dict[str, Node] = {}
    for one in fields.each():
        name = one.at("id").text()
        if name is not None:
            found[name] = one
        found |= _fields(one.at("properties", "fields"))
    return found


def _hidden(hidden: Node) -> Mapping[str, Taken]:
    names = hidden.value if isinstance(hidden.value, dict) else ()
    return named_texts({name: hidden.at(name) for name in names})


def _answer(answer: Node, fields: Mapping[str, Node]) -> SurveyAnswer:
    identity = answer.at("field", "id").text() or ""
    question = fields.get(identity, Node(None))
    references = (answer.at("field", "ref").text(), question.at("ref").text(), identity)
    form = answer.at("field", "type").text() or question.at("type").text() or ""
    kind = answer.at("type").text() or ""
    # What stands in `type` is a field's name only where it is one of the vendor's.
    held = answer.at(kind) if kind in _READERS else answer
    value = _READERS.get(kind, _unknown)(held, form)
    return SurveyAnswer(
        names=tuple(dict.fromkeys(filter(None, references))) or (answer.place,),
        kind=value.kind,
        given=value.given,
        typed=value.typed,
        place=held.place,
        wording=question.at("title").text(),
        scale=_scale(form, question.at("properties")),
    )


def _text(value: Node, form: str) -> _Value:
    kind = AnswerKind.CHOICE if form == "dropdown" else AnswerKind.TEXT
    return _Value(kind, _given(value))


def _number(value: Node, form: str) -> _Value:
    number = value.number()
    given = () if number is None else (f"{number:.15g}",)
    return _Value(_NUMBERS.get(form, AnswerKind.NUMBER), given)


def _choice(value: Node, form: str) -> _Value:
    return _Value(AnswerKind.CHOICE, _given(value.at("label")), value.at("other").text())


def _choices(value: Node, form: str) -> _Value:
    labels = tuple(filter(None, (one.text() for one in value.at("labels").each())))
    return _Value(AnswerKind.CHOICE, labels, value.at("other").text())


def _boolean(value: Node, form: str) -> _Value:
    return _Value(AnswerKind.OTHER, ("yes" if value.flag() else "no",))


def _of(kind: AnswerKind) -> Callable[[Node, str], _Value]:
    return lambda value, form: _Value(kind, _given(value))


def _unknown(value: Node, form: str) -> _Value:
    return _Value(AnswerKind.OTHER, ("an answer of a kind that is not read",))


_READERS: Mapping[str, Callable[[Node, str], _Value]] = {
    "text": _text,
    "number": _number,
    "choice": _choice,
    "choices": _choices,
    "boolean": _boolean,
    "email": _of(AnswerKind.EMAIL),
    "phone_number": _of(AnswerKind.PHONE),
    "date": _of(AnswerKind.OTHER),
    "url": _of(AnswerKind.OTHER),
    "file_url": _of(AnswerKind.OTHER),
}


def _given(value: Node) -> tuple[str, ...]:
    written = value.text()
    return () if written is None else (written,)


def _scale(form: str, properties: Node) -> Scale | None:
    """The question's scale; `steps` and `start_at_one` are those of Typeform's Create API."""
    if form == "nps":
        return _NPS
    steps = properties.at("steps").number()
    if form not in _NUMBERS or steps is None or steps < 2:
        return None
    first = 1 if form == "rating" or properties.at("start_at_one").flag() else 0
    return Scale(first, first + steps - 1)
