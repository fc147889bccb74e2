r"""Chatwoot: messages and CSAT answers of its inboxes, by its webhooks

1. Create the connection with any secret of 16 characters or more.
2. In Chatwoot open **Settings > Integrations > Webhooks > Add new webhook** (设置 > 集成 >
   Webhooks), enter the connection's URL and select **Message created** and **Message updated**.
3. Copy the webhook's **secret** (shown from version 4.11.2 on) into the connection. An older
   Chatwoot signs nothing: create the connection with a `token` instead, and append
   `?token=<token>` to the URL.

What becomes of it:

- an incoming message is a feedback (`channel=chat`, in an e-mail inbox `email`, there without
  quoted mails and signature); a picture or file alone is an inbound contact;
- an outgoing message that is not private is an interaction: a contact, outbound, by a human when a
  user wrote it and by a bot when an agent bot, the assistant or an automation did;
- an answered CSAT survey (`input_csat`, told by **Message updated**) is a feedback
  (`channel=survey`) with a score `csat` from 1 to 5, and its words another one;
- private notes, greetings and other templates, activities, and changes of a conversation's status
  are nothing.

The customer is known by the contact's `identifier` (as `customer_id`), `phone_number`, `email` and
as `external` `chatwoot:<contact id>`. The conversation is `chatwoot:<account>:<conversation>`.

The signature `X-Chatwoot-Signature` is HMAC-SHA256 over `timestamp.body`; a request whose
`X-Chatwoot-Timestamp` is more than five minutes away is refused. `X-Chatwoot-Delivery` is not
covered and not used: a message's id makes a repeated webhook one item. A token in the URL proves
who knows the URL, not that the body is Chatwoot's.

It follows [How to use webhooks](https://www.chatwoot.com/hc/user-guide/articles/1677693021-how-to-use-webhooks)
and, for the signature and the fields of 4.x, Chatwoot's own code and pull requests
[13573](https://github.com/chatwoot/chatwoot/pull/13573) and
[13892](https://github.com/chatwoot/chatwoot/pull/13892).

## Example

```bash
STAMP=$(date +%s)
BODY='{"event": "message_created", "id": '$STAMP', "content": "订单显示已签收，但我没收到",
  "content_type": "text", "content_attributes": {}, "message_type": "incoming", "private": false,
  "created_at": "'$(date -u +%Y-%m-%dT%H:%M:%S.000Z)'", "account": {"id": 1, "name": "Shop"},
  "inbox": {"id": 2, "name": "Website"},
  "conversation": {"id": 101, "inbox_id": 2, "status": "open", "channel": "Channel::WebWidget"},
  "sender": {"id": 52870, "name": "Wang", "email": "wang@mail.example", "phone_number": null,
    "identifier": "c-1001"}}'
SIGNATURE=$(printf '%s.%s' "$STAMP" "$BODY" | openssl dgst -sha256 -hmac "$SECRET" -r)
curl -sS -X POST "$URL" -H 'content-type: application/json' \
  -H "X-Chatwoot-Timestamp: $STAMP" -H "X-Chatwoot-Signature: sha256=${SIGNATURE%% *}" \
  --data-binary "$BODY"
```
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Self

from pydantic import Field, SecretStr, model_validator

from heedful.common.contracts import Channel, IdentifierType
from heedful.ingest.channels import (
    ChannelRequest,
    Configured,
    Draft,
    Failed,
    Malformed,
    Parsed,
    Taken,
    Unverified,
    desk,
    proof,
    shaped,
)
from heedful.ingest.channels.desk import Entry, Rating, Speaker
from heedful.ingest.channels.reading import Node, json_body

_SECOND = timedelta(seconds=1)
_LOWEST, _HIGHEST = 1.0, 5.0
_EMAIL_INBOX = "Channel::Email"
# Webhooks write the name; the number is the one of Chatwoot's database.
_INCOMING = frozenset(["incoming", "0"])
_OUTGOING = frozenset(["outgoing", "1"])


class Secrets(Configured):
    secret: Annotated[SecretStr, shaped(r"[\x21-\x7e]{16,500}", "16 to 500 characters")] | None = (
        Field(
            default=None,
            description="The webhook's secret (Chatwoot 4.11.2 and later).",
            examples=["Zt7mVx2kQ9rB4nLw8sYc1dHe"],
        )
    )
    token: Annotated[SecretStr, shaped(r"[A-Za-z0-9_-]{16,200}", "16 to 200 letters")] | None = (
        Field(default=None, description="For an older Chatwoot: behind the URL as `?token=`.")
    )

    @model_validator(mode="after")
    def _one_proof(self) -> Self:
        if (self.secret is None) == (self.token is None):
            raise ValueError("give either secret or, for a Chatwoot that signs nothing, token")
        return self


class Options(Configured):
    """Nothing."""


class Chatwoot:
    """Account and API inbox webhooks."""

    name = "chatwoot"
    version = "1"
    experimental = False
    secrets = Secrets
    options = Options

    def verify(self, request: ChannelRequest, secrets: Secrets) -> ChannelRequest:
        if secrets.secret is None:
            token = "" if secrets.token is None else secrets.token.get_secret_value()
            return proof.token_in_url(request, token)
        stamp = proof.header(request, "X-Chatwoot-Timestamp")
        given = proof.header(request, "X-Chatwoot-Signature")
        wanted = signature(secrets.secret.get_secret_value(), stamp, request.body)
        if not proof.same(given, wanted):
            raise Unverified("the signature in X-Chatwoot-Signature does not fit the body")
        proof.fresh(stamp, request.received_at, unit=_SECOND)
        return request

    def parse(self, request: ChannelRequest, options: Options) -> Parsed:
        body = json_body(request.body)
        event = body.at("event").needed(body.at("event").text()).value
        if event == "message_created":
            return Parsed(_message(body, request.body))
        if event == "message_updated" and body.at("content_type").text() == "input_csat":
            return Parsed(_rating(body, request.body))
        return Parsed()


def signature(secret: str, stamp: str, body: bytes) -> str:
    """`sha256=` and the hex of HMAC-SHA256(secret, timestamp.body)."""
    message = stamp.encode() + b"." + body
    return f"sha256={proof.hmac_sha256(secret.encode(), message).hex()}"


def _message(body: Node, raw: bytes) -> Sequence[Draft | Failed]:
    kind = body.at("message_type").needed(body.at("message_type").text()).value
    if body.at("private").flag() or kind not in _INCOMING | _OUTGOING:
        return []
    incoming = kind in _INCOMING
    conversation, sender = body.at("conversation"), body.at("sender")
    by_mail = conversation.at("channel").text() == _EMAIL_INBOX
    words = body.at("content").text()
    said = Entry(
        id=body.at("id").needed(_message_id(body)),
        at=body.at("created_at").taken(_time(body.at("created_at"))),
        conversation=_conversation(body),
        channel=_channel(conversation, by_mail=by_mail),
        words=body.at("content").taken(desk.mailed(words) if words and by_mail else words),
        speaker=Speaker.CUSTOMER if incoming else _speaker(sender),
        speaker_id=None if incoming else sender.at("id").taken(sender.at("id").text()),
        customer=_contact(_customer(body, incoming=incoming)),
        attributes=body.at("inbox", "name").taken(_inbox(body)),
    )
    return desk.entry(said, raw)


def _rating(body: Node, raw: bytes) -> Sequence[Draft | Failed]:
    answer = body.at("content_attributes", "submitted_values", "csat_survey_response")
    rated = answer.at("rating")
    score = rated.number()
    if score is None:
        return []  # another change of the survey's message, e.g. that it was delivered
    if not _LOWEST <= score <= _HIGHEST or not score.is_integer():
        raise Malformed(f"{rated.place} is not a whole number from 1 to 5")
    words = answer.at("feedback_message")
    return desk.rating(
        Rating(
            subject=f"{body.at('id').needed(_message_id(body)).value}:csat",
            score={"value": score, "minimum": _LOWEST, "maximum": _HIGHEST},
            score_place=rated.place,
            label=str(int(score)),
            words=words.taken(words.text()),
            conversation=_conversation(body),
            customer=_contact(body.at("conversation", "meta", "sender")),
        ),
        raw,
    )


def _speaker(sender: Node) -> Speaker:
    kind = sender.at("type").text()
    if kind is None:
        # Before 2.0 senders had no type and only users wrote; automations have no sender at all.
        return Speaker.BOT if sender.at("email").text() is None else Speaker.AGENT
    return Speaker.AGENT if kind == "user" else Speaker.BOT


def _customer(body: Node, *, incoming: bool) -> Node:
    contact = body.at("contact")  # of versions that kept senders and contacts apart
    if not contact.missing:
        return contact
    return body.at("sender") if incoming else body.at("conversation", "meta", "sender")


def _contact(person: Node) -> Taken | None:
    number = person.at("id").text()
    known = [
        (IdentifierType.CUSTOMER_ID.value, person.at("identifier").text()),
        (IdentifierType.PHONE.value, person.at("phone_number").text()),
        (IdentifierType.EMAIL.value, person.at("email").text()),
        (IdentifierType.EXTERNAL.value, number and f"chatwoot:{number}"),
    ]
    return desk.identifiers(person, known)


def _message_id(body: Node) -> str | None:
    number = body.at("id").text()
    return number and f"message:{number}"[:200]


def _conversation(body: Node) -> Taken:
    number = body.at("conversation", "id")
    account = body.at("account", "id").text() or ""
    return Taken(f"chatwoot:{account}:{number.needed(number.text()).value}"[:200], number.place)


def _channel(conversation: Node, *, by_mail: bool) -> Taken:
    channel = Channel.EMAIL if by_mail else Channel.CHAT
    return Taken(channel.value, conversation.at("channel").place)


def _inbox(body: Node) -> dict[str, str] | None:
    name = body.at("inbox", "name").text()
    return {"inbox": name[:500]} if name else None


def _time(node: Node) -> datetime | None:
    """ISO 8601; `2020-03-03 13:05:57 UTC` in older versions, a Unix time in some events."""
    written = node.text()
    if written is None:
        return None
    if written.isdigit():
        return node.unix_time(_SECOND)
    if written.endswith(" UTC"):
        return Node(f"{written.removesuffix(' UTC')}+00:00", node.place).iso_time()
    return node.iso_time()
