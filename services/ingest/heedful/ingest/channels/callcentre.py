"""Call centre: calls as they were recognised, with agent, queue and outcome

For a call-centre system or the recogniser behind it. There is no protocol that they share, so this
is heedful's own: a POST of JSON for each call, or for each part of a long one, signed as
[Standard Webhooks](https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md)
has it (HMAC-SHA256 over `webhook-id.webhook-timestamp.body`; five minutes).

- `{"type": "call.completed", "call": {…}}` is a whole call, or the last part of one.
- `{"type": "call.part", "call": {…}}` is a part of a call that goes on. Parts have `part` from 1;
  the last one is `call.completed` with its own number. They may come in any order; when all are
  there, or after `patience_minutes` without another, they become one call.

Of a call, `id` and `started_at` are needed. `segments` is what was said, with times in seconds from
the beginning:
`{"speaker": "customer", "start": 2.4, "end": 4.0, "text": "…", "confidence": 0.91}`; the others who
speak are `agent` and `bot`. Besides: `direction` (`inbound`, `outbound`), `customer` (with
`customer_id`, `phone`, `member_card`, `external`), `agent` (with `id`), `queue`, `notes` (of the
agent), `handle_seconds`, `hold_seconds`, `resolved`, `recording_url`, `conversation_id`,
`touchpoint`, `department`, `score`.

What becomes of it:

- What the customer said is one feedback (channel `call`), its text the customer's turns, the whole
  dialogue beside it. A call in which the customer said nothing makes none.
- The call itself is an interaction of kind `contact` with its direction, its agent and how long it
  took; the agent's notes are its summary. Only an outbound call by an agent counts as an answer to
  a case.
- The agent's notes are also feedback of the channel `employee`, never counted as a customer's
  voice: what a customer only said yes to is in them.
- `queue`, `resolved`, `recording_url`, `hold_seconds` are attributes of both. A call put together
  without all its parts has the attribute `incomplete`.

Turns whose recogniser was less sure than `least_confidence` are left out of the text and stay in
the dialogue.

## Example

```bash
BODY='{"type":"call.completed","call":{"id":"c-20261124-0815","started_at":"2026-11-24T08:15:00+08:00","direction":"inbound","customer":{"phone":"13900001234"},"agent":{"id":"agent-17"},"queue":"after-sales","handle_seconds":312,"resolved":false,"segments":[{"speaker":"agent","start":0,"end":2.1,"text":"您好，请问有什么可以帮您","confidence":0.97},{"speaker":"customer","start":2.4,"end":6.0,"text":"我昨天做的保养，今天高速上刹车突然变软了","confidence":0.91}],"notes":"客户要求今天回电"}}'
ID=msg_$(openssl rand -hex 8); STAMP=$(date +%s)
KEY=$(printf %s "${SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \\n')
SIGNATURE=$(printf '%s.%s.%s' "$ID" "$STAMP" "$BODY" \\
  | openssl dgst -sha256 -mac HMAC -macopt hexkey:"$KEY" -binary | openssl base64 -A)
curl -sS -X POST "$URL" -H 'content-type: application/json' \\
  -H "webhook-id: $ID" -H "webhook-timestamp: $STAMP" -H "webhook-signature: v1,$SIGNATURE" \\
  --data-binary "$BODY"
```
"""

from collections.abc import Sequence
from datetime import timedelta

from pydantic import Field

from heedful.ingest.channels import (
    ChannelRequest,
    Configured,
    Draft,
    Failed,
    Malformed,
    Parsed,
    Part,
)
from heedful.ingest.channels.call import Reading, call_items
from heedful.ingest.channels.reading import Node, json_body
from heedful.ingest.channels.standard_webhooks import Secrets, signed_by

_COMPLETED, _PART = "call.completed", "call.part"
MAX_PARTS = 1000


class Options(Configured):
    least_confidence: float = Field(
        default=0.0, ge=0, le=1, description="Turns below it are left out of the text."
    )
    notes_are_feedback: bool = Field(
        default=True,
        description="The agent's notes are feedback of the channel `employee` too.",
    )
    patience_minutes: int = Field(
        default=120, ge=1, le=10_080, description="How long the next part of a call is waited for."
    )


class CallCentre:
    """heedful's own protocol for calls; proof by the Standard Webhooks specification."""

    name = "callcentre"
    version = "1"
    experimental = False
    secrets = Secrets
    options = Options

    def verify(self, request: ChannelRequest, secrets: Secrets) -> ChannelRequest:
        signed_by(request, secrets.secret.get_secret_value())
        return request

    def parse(self, request: ChannelRequest, options: Options) -> Parsed:
        body = json_body(request.body)
        kind = body.at("type").text()
        call = body.at("call")
        if kind not in (_COMPLETED, _PART):
            raise Malformed(f"type is neither {_COMPLETED} nor {_PART}")
        if not isinstance(call.value, dict):
            raise Malformed("call is not an object")
        number = call.at("part").number()
        if number is None:
            if kind == _PART:
                raise Malformed("call.part is missing")
            return Parsed(call_items([call], _reading(options), complete=True))
        return Parsed(parts=[_part(call, number, kind == _COMPLETED, request, options)])

    def assemble(
        self, parts: Sequence[Part], complete: bool, options: Options
    ) -> Sequence[Draft | Failed]:
        calls = [json_body(part.content).at("call") for part in parts]
        return call_items(calls, _reading(options), complete=complete)


def _reading(options: Options) -> Reading:
    return Reading(options.least_confidence, options.notes_are_feedback)


def _part(call: Node, number: float, last: bool, request: ChannelRequest, options: Options) -> Part:
    if number != int(number) or not 1 <= number <= MAX_PARTS:
        raise Malformed(f"call.part is not a whole number from 1 to {MAX_PARTS}")
    group = call.at("id").text()
    if group is None:
        raise Malformed("call.id is missing")
    return Part(
        group=group[:200],
        number=int(number),
        of=int(number) if last else None,
        content=request.body,
        patience=timedelta(minutes=options.patience_minutes),
    )
