r"""Zendesk: comments of tickets and satisfaction ratings, by its signed webhooks

One webhook brings the comments, a second one the ratings; each is a connection of its own, for
Zendesk makes a secret for each webhook.

Comments:

1. In **Admin Center > Apps and integrations > Webhooks > Create webhook** choose **Zendesk
   events**, and select **Ticket created** and **Comment added to ticket**.
2. As **Endpoint URL** enter the connection's URL (create the connection with any secret first),
   **Request method** POST, **Request format** JSON.
3. Open the webhook, **Reveal secret**, and put it into the connection as `secret`.

Ratings (customers' good or bad):

1. Create another connection, and a webhook that is connected to **Trigger or automation**, with
   **Request format** Form encoded.
2. Make two triggers. The one meets any of **Satisfaction > Changed to > Good** and **Good with
   comment**, the other any of **Bad** and **Bad with comment**. The action of both is **Notify by >
   Active webhook** with these parameters: `event` `satisfaction`, `score` `good` (or `bad`),
   `comment` `{{satisfaction.current_comment}}`, `ticket_id` `{{ticket.id}}`, `requester_id`
   `{{ticket.requester.id}}`, `requester_email` `{{ticket.requester.email}}`.

What becomes of it:

- a comment by somebody who is not staff is a feedback (`channel=ticket`). The first one of a
  ticket comes twice, as the ticket's description and as a comment, and is one item; its subject
  stands above it where the customer wrote one. In tickets that came by mail, quoted mails and
  signatures are left out;
- a public comment by staff is an interaction: a contact, outbound, by a human. That is what stops
  the clock of a response;
- private notes of staff and what the system writes (author -1) are nothing; nor are other events,
  but for the next one;
- **CSAT received** (`ticket.csat_received`) is not read yet: the vendor's description of its fields
  was not found, and none was invented. It goes to quarantine as it came, so that nothing is lost.
  Do not subscribe to it; ratings come by the triggers above;
- a rating is a feedback (`channel=survey`) with a score `csat` from 0 to 1, and its comment
  another one.

The customer is known as `external` `zendesk:<user id>`; Zendesk's events carry neither mail address
nor telephone. The conversation is `zendesk:<account>:<ticket>`.

The signature is HMAC-SHA256 over timestamp and body; a request whose timestamp is more than five
minutes away is refused. It does not cover the headers with account and webhook.

It follows [Verifying webhooks](https://developer.zendesk.com/documentation/webhooks/verifying/),
[Anatomy of a webhook request](https://developer.zendesk.com/documentation/webhooks/anatomy-of-a-webhook-request/),
[Ticket events](https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events/) and
[Placeholders](https://support.zendesk.com/hc/en-us/articles/4408886858138).

## Example

```bash
STAMP=$(date -u +%Y-%m-%dT%H:%M:%SZ)
COMMENT=$(date +%s%N)
BODY='{"type": "zen:event-type:ticket.comment_added", "account_id": 22129848,
  "id": "d4f5c389-8f4a-4c2e-a1b9-8e4f39c71d52", "time": "'$STAMP'", "subject": "zen:ticket:5158",
  "zendesk_event_version": "2022-11-06",
  "event": {"comment": {"id": "'$COMMENT'", "body": "还是登录不了，已经三天了", "is_public": true,
    "author": {"id": "8447388090494", "is_staff": false, "name": "Wang Wei"}}},
  "detail": {"id": "5158", "subject": "App", "description": "登录不了", "status": "OPEN",
    "requester_id": "8447388090494", "submitter_id": "8447388090494",
    "created_at": "2026-11-21T10:12:07Z", "updated_at": "'$STAMP'", "via": {"channel": "web"}}}'
SIGNATURE=$(printf '%s%s' "$STAMP" "$BODY" \
  | openssl dgst -sha256 -hmac "$SECRET" -binary | openssl base64 -A)
curl -sS -X POST "$URL" -H 'content-type: application/json' \
  -H "X-Zendesk-Webhook-Signature: $SIGNATURE" \
  -H "X-Zendesk-Webhook-Signature-Timestamp: $STAMP" --data-binary "$BODY"
```
"""

import base64
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import parse_qs

from pydantic import Field, SecretStr

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

_COMMENT = "zen:event-type:ticket.comment_added"
_CREATED = "zen:event-type:ticket.created"
_FORM = "application/x-www-form-urlencoded"
_RATED = "zen:event-type:ticket.csat_received"
_SYSTEM = "-1"
_UNREAD = (
    "type: CSAT received is not read; unsubscribe the webhook from it, and send ratings by a "
    "trigger as the page of this channel says"
)
_SCORES = {"good": 1.0, "bad": 0.0}
_MAX_FIELDS = 50
# Channels on which whoever opens a ticket writes its subject; on others Zendesk makes it up.
_SUBJECTS = frozenset(
    ["email", "help_center", "mobile", "mobile_sdk", "web", "web_service", "web_widget"]
)
# The comment that is the ticket's description comes with the ticket, not later.
_WITH_TICKET = timedelta(seconds=60)


class Secrets(Configured):
    secret: Annotated[SecretStr, shaped(r"[\x21-\x7e]{16,500}", "16 to 500 characters")] = Field(
        description="The webhook's signing secret.",
        examples=["dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="],
    )


class Options(Configured):
    """Nothing."""


class Zendesk:
    """Ticket events, and a form of our own for ratings."""

    name = "zendesk"
    version = "1"
    experimental = False
    secrets = Secrets
    options = Options

    def verify(self, request: ChannelRequest, secrets: Secrets) -> ChannelRequest:
        given = proof.header(request, "X-Zendesk-Webhook-Signature")
        stamp = proof.header(request, "X-Zendesk-Webhook-Signature-Timestamp")
        wanted = signature(secrets.secret.get_secret_value(), stamp, request.body)
        if not proof.same(given, wanted):
            raise Unverified("the signature in X-Zendesk-Webhook-Signature does not fit the body")
        proof.fresh(str(_unix(stamp)), request.received_at, unit=timedelta(seconds=1))
        return request

    def parse(self, request: ChannelRequest, options: Options) -> Parsed:
        if request.headers.get("content-type", "").lower().startswith(_FORM):
            account = request.headers.get("x-zendesk-account-id", "")
            return Parsed(_rating(request.body, account))
        body = json_body(request.body)
        kind = body.at("type").needed(body.at("type").text()).value
        if kind == _COMMENT:
            return Parsed(_comment(body, request.body))
        if kind == _CREATED:
            return Parsed(_created(body, request.body))
        if kind == _RATED:
            return Parsed([Failed(request.body, _UNREAD)])
        return Parsed()


def signature(secret: str, stamp: str, body: bytes) -> str:
    """base64(HMAC-SHA256(secret, timestamp + body)); the secret as it stands."""
    digest = proof.hmac_sha256(secret.encode(), stamp.encode() + body)
    return base64.b64encode(digest).decode()


def _unix(stamp: str) -> int:
    try:
        sent = datetime.fromisoformat(stamp)
        if sent.tzinfo is not None:
            return round(sent.timestamp())
    except (ValueError, OverflowError):
        pass
    raise Unverified("X-Zendesk-Webhook-Signature-Timestamp is not a time as 2021-03-25T05:09:27Z")


def _comment(body: Node, raw: bytes) -> Sequence[Draft | Failed]:
    detail, comment = body.at("detail"), body.at("event", "comment")
    author = comment.at("author")
    by_staff = author.at("is_staff").needed(author.at("is_staff").flag()).value
    if author.at("id").text() == _SYSTEM or (by_staff and comment.at("is_public").flag() is False):
        return []
    if not by_staff and _is_description(body):
        return _description(detail, body, raw)
    said = Entry(
        id=comment.at("id").needed(_prefixed("comment", comment.at("id"))),
        at=body.at("time").taken(body.at("time").iso_time()),
        conversation=_conversation(detail, body),
        channel=Taken(Channel.TICKET.value, "adapter"),
        words=comment.at("body").taken(_words(comment.at("body"), detail)),
        speaker=Speaker.AGENT if by_staff else Speaker.CUSTOMER,
        speaker_id=author.at("id").taken(author.at("id").text()),
        customer=_user(detail.at("requester_id") if by_staff else author.at("id")),
        attributes=_via(detail),
    )
    return desk.entry(said, raw)


def _created(body: Node, raw: bytes) -> Sequence[Draft | Failed]:
    detail = body.at("detail")
    requester, submitter = detail.at("requester_id").text(), detail.at("submitter_id").text()
    if requester is None or requester != submitter or detail.at("description").text() is None:
        # Opened by staff for a customer: its first comment says who wrote it.
        return []
    return _description(detail, body, raw)


def _is_description(body: Node) -> bool:
    """The comment is the one that the ticket began with, which `ticket.created` brings as well."""
    detail, comment = body.at("detail"), body.at("event", "comment")
    words, requester = detail.at("description").text(), detail.at("requester_id").text()
    made, at = detail.at("created_at").iso_time(), body.at("time").iso_time()
    return (
        words is not None
        and comment.at("body").text() == words
        and requester is not None
        and requester == comment.at("author", "id").text() == detail.at("submitter_id").text()
        and made is not None
        and at is not None
        and abs(at - made) <= _WITH_TICKET
    )


def _description(detail: Node, body: Node, raw: bytes) -> Sequence[Draft | Failed]:
    """The customer's first words: the same item from both events."""
    description, subject = detail.at("description"), detail.at("subject").text()
    words = _words(description, detail) or ""
    place = description.place
    written = detail.at("via", "channel").text() in _SUBJECTS
    if subject and written and not words.startswith(subject):
        words, place = f"{subject}\n\n{words}", f"detail.subject + {place}"
    said = Entry(
        id=detail.at("id").needed(_prefixed("ticket", detail.at("id"))),
        at=detail.at("created_at").taken(detail.at("created_at").iso_time()),
        conversation=_conversation(detail, body),
        channel=Taken(Channel.TICKET.value, "adapter"),
        words=Taken(words, place),
        speaker=Speaker.CUSTOMER,
        speaker_id=None,
        customer=_user(detail.at("requester_id")),
        attributes=_via(detail),
    )
    return desk.entry(said, raw)


def _rating(body: bytes, account: str) -> Sequence[Draft | Failed]:
    try:
        given = parse_qs(body.decode(), max_num_fields=_MAX_FIELDS)
    except (UnicodeDecodeError, ValueError) as error:
        raise Malformed("the body is not form encoded UTF-8") from error
    form = Node({name: values[0] for name, values in given.items()})
    score = (form.at("score").text() or "").lower()
    if form.at("event").text() != "satisfaction" or score not in _SCORES:
        raise Malformed("event is not satisfaction, or score neither good nor bad")
    ticket = form.at("ticket_id").needed(form.at("ticket_id").text())
    customer = form.at("requester_id")
    known = [
        (IdentifierType.EMAIL.value, form.at("requester_email").text()),
        (IdentifierType.EXTERNAL.value, _prefixed("zendesk", customer)),
    ]
    rated = Rating(
        subject=f"rating:{ticket.value}",
        score={"value": _SCORES[score], "minimum": 0.0, "maximum": 1.0},
        score_place="score",
        label=score,
        words=form.at("comment").taken(form.at("comment").text()),
        conversation=Taken(f"zendesk:{account}:{ticket.value}"[:200], ticket.place),
        customer=desk.identifiers(customer, known),
    )
    return desk.rating(rated, body)


def _words(words: Node, detail: Node) -> str | None:
    text = words.text()
    if text is not None and detail.at("via", "channel").text() == "email":
        return desk.mailed(text)
    return text


def _conversation(detail: Node, body: Node) -> Taken:
    ticket = detail.at("id").needed(detail.at("id").text())
    account = body.at("account_id").text() or ""
    return Taken(f"zendesk:{account}:{ticket.value}"[:200], ticket.place)


def _user(user: Node) -> Taken | None:
    return desk.identifiers(user, [(IdentifierType.EXTERNAL.value, _prefixed("zendesk", user))])


def _via(detail: Node) -> Taken | None:
    channel = detail.at("via", "channel").text()
    return detail.at("via", "channel").taken(channel and {"via": channel[:500]})


def _prefixed(prefix: str, node: Node) -> str | None:
    value = node.text()
    return None if value is None else f"{prefix}:{value}"
