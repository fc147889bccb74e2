"""Formbricks: responses of a survey, by its signed webhook

One response is one feedback with `channel=survey`; [surveys](../surveys.md) says what becomes of
the answers, and what `questions`, `score_question` and `identifier_fields` do.

1. Create the connection with a secret of your own making: `whsec_` and base64 of 32 random bytes.
2. In Formbricks open **Configuration > Integrations > Manage Webhooks > Add Webhook**, enter the
   connection's URL as the endpoint, choose the trigger **Response Finished** and the surveys.
   Formbricks tries the URL before it saves the webhook.
3. Formbricks shows the signing secret that it made (`whsec_…`): put it in the place of yours with
   `POST /v1/connections/{id}/secrets`.

Formbricks sends the answers by the ids of their questions and not the questions: say them in
`questions`, with `kind`, or an answer is taken for what it looks like (a text for the customer's
words, a number for a number, a list for choices: set `private` for addresses and contact details,
which are lists as well). `wording` and `choices` may be maps of languages as Formbricks has them
(`{"default": "…", "zh-CN": "…"}`); the response's language is used.

What is read: `data.data`, the survey's title, the language, `contact.userId` (as `customer_id`) and
`contactAttributes`; hidden fields stand among the answers and are told by their names: those of
types of identifiers (`customer_id`, `email`, …) and those in `identifier_fields`. What is not read:
`variables`, `ttc`, `tags`, `meta`.

A response is held back until it is finished: `responseCreated` and `responseUpdated` come with
every page and are acknowledged without an item, so that a response is one item. What is never
finished does not come in.

The signature is that of [Standard Webhooks](standard_webhooks.md): it covers id, time and body, and
a request that is more than five minutes away is refused. One body needs none, because Formbricks
tries the URL before anybody can know its secret: `{"event":"testEndpoint"}`, and nothing is taken
from it.

It follows [Webhooks](https://formbricks.com/docs/xm-and-surveys/core-features/integrations/webhooks);
that page shows the event in a list, the source sends it alone, and both are taken.

## Example

```bash
RESPONSE=$(openssl rand -hex 12)
BODY='{"webhookId": "cm9webhook", "event": "responseFinished", "data": {
  "id": "'$RESPONSE'", "surveyId": "cm9survey", "finished": true, "language": "default",
  "createdAt": "2026-11-24T00:12:00.000Z", "updatedAt": "2026-11-24T00:15:00.000Z",
  "contact": {"id": "cm9contact", "userId": "c-1001"}, "contactAttributes": {},
  "data": {"why": "等了四十分钟才有人接电话"},
  "survey": {"title": "服务回访", "type": "link", "status": "inProgress"}}}'
ID=msg_$(openssl rand -hex 8); STAMP=$(date +%s)
KEY=$(printf %s "${SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \\n')
SIGNATURE=$(printf '%s.%s.%s' "$ID" "$STAMP" "$BODY" \\
  | openssl dgst -sha256 -mac HMAC -macopt hexkey:"$KEY" -binary | openssl base64 -A)
curl -sS -X POST "$URL" -H 'content-type: application/json' \\
  -H "webhook-id: $ID" -H "webhook-timestamp: $STAMP" -H "webhook-signature: v1,$SIGNATURE" \\
  --data-binary "$BODY"
```
"""

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field, SecretStr

from heedful.common.contracts import IdentifierType
from heedful.common.contracts.feedback import MAX_LANGUAGE_CHARS
from heedful.ingest.channels import (
    ChannelRequest,
    Configured,
    Malformed,
    Parsed,
    Taken,
    shaped,
    survey,
)
from heedful.ingest.channels.reading import Node, json_document
from heedful.ingest.channels.standard_webhooks import signed_by
from heedful.ingest.channels.survey_answers import (
    Identity,
    SurveyAnswer,
    SurveyResponse,
    looks_like,
    named_texts,
    several,
)
from heedful.ingest.channels.survey_options import DEFAULT_LANGUAGE, AnswerKind, SurveyOptions

FINISHED = "responseFinished"
_WITHOUT_ITEM = frozenset({"responseCreated", "responseUpdated", "testEndpoint"})
_TEST = b'{"event":"testEndpoint"}'
# What a button or a tick box answers; nobody wrote it.
_PRESSED = frozenset({"clicked", "dismissed", "accepted"})


class Secrets(Configured):
    secret: Annotated[
        SecretStr, shaped(r"whsec_[A-Za-z0-9+/]{32,88}={0,2}", "whsec_ and base64 of 24-64 bytes")
    ] = Field(
        description="The signing secret that Formbricks shows with the webhook.",
        examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )


class Formbricks:
    """Formbricks documentation, "Webhooks": Standard Webhooks headers, and the three events."""

    name = "formbricks"
    version = "1"
    experimental = False
    secrets = Secrets
    options = SurveyOptions

    def verify(self, request: ChannelRequest, secrets: Secrets) -> ChannelRequest:
        if request.body != _TEST:
            signed_by(request, secrets.secret.get_secret_value())
        return request

    def parse(self, request: ChannelRequest, options: SurveyOptions) -> Parsed:
        body = json_document(request.body)
        events = body.each() if isinstance(body.value, list) else [body]
        return Parsed(
            [
                survey.item(_response(event.at("data"), request.body, options), options)
                for event in events
                if _is_finished(event)
            ]
        )


def _is_finished(event: Node) -> bool:
    name = event.at("event").text()
    if name != FINISHED and name not in _WITHOUT_ITEM:
        raise Malformed(f"{event.at('event').place} is no event of a response")
    return name == FINISHED


def _response(data: Node, raw: bytes, options: SurveyOptions) -> SurveyResponse:
    identity = data.at("id")
    updated = data.at("updatedAt")
    given = dict(_members(data.at("data")))
    hidden = {
        name: one
        for name, one in given.items()
        if name not in options.questions and options.names_the_customer(name)
    }
    return SurveyResponse(
        id=identity.needed(identity.text()),
        answers=[_answer(name, one) for name, one in given.items() if name not in hidden],
        place=data.at("data").place,
        raw=raw,
        survey_id=data.at("surveyId").text(),
        survey=data.at("survey", "title").text(),
        occurred_at=updated.taken(updated.iso_time()),
        language=_language(data.at("language")),
        hidden=named_texts({**hidden, **dict(_members(data.at("contactAttributes")))}),
        known=_known(data.at("contact")),
    )


def _members(node: Node) -> Iterator[tuple[str, Node]]:
    for name in node.value if isinstance(node.value, dict) else ():
        yield name, node.at(name)


def _language(node: Node) -> Taken | None:
    code = node.text()
    if code is None or code == DEFAULT_LANGUAGE or len(code) > MAX_LANGUAGE_CHARS:
        return None
    return node.taken(code)


def _known(contact: Node) -> Sequence[Identity]:
    user = contact.at("userId")
    taken = user.taken(user.text())
    return [] if taken is None else [(IdentifierType.CUSTOMER_ID, taken)]


def _answer(name: str, value: Node) -> SurveyAnswer:
    kind, given = _given(value)
    return SurveyAnswer(names=(name,), kind=kind, given=given, place=value.place)


def _given(value: Node) -> tuple[AnswerKind, tuple[str, ...]]:
    if isinstance(value.value, list):
        return several(value)
    if isinstance(value.value, dict):
        rows = ((row, cell.text()) for row, cell in _members(value))
        return AnswerKind.OTHER, tuple(f"{row}: {cell}" for row, cell in rows if cell)
    written = value.text()
    if written is None:
        return AnswerKind.OTHER, ()
    if written in _PRESSED:
        return AnswerKind.OTHER, (written,)
    return looks_like(written), (written,)
