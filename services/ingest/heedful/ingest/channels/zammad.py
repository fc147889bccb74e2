r"""Zammad: articles of tickets, by its signed webhook

1. Create the connection with a secret of 16 characters or more.
2. In Zammad open **Admin > Manage > Webhook > New Webhook** (管理 > Webhook): **Endpoint** is the
   connection's URL, **HMAC SHA1 Signature Token** the secret; leave **Custom Payload** off.
3. Make a trigger (**Manage > Trigger**): condition **Article > Action is created**, execution
   **Always**, action **Notification > Webhook** with this webhook.

What becomes of an article:

- by a customer: a feedback. Its channel is that of the article's type: `email`, `call` for
  `phone`, `chat` for chats, SMS and messengers, `social` for Twitter and Facebook, else `ticket`.
  HTML is read as text; from a mail, quoted mails and signatures are left out. The ticket's title
  stands above the first article of a mail or web form;
- by an agent, not internal: an interaction, a contact, outbound, by a human. Notes (type `note`)
  reach no customer and are nothing;
- internal articles, those of the system, and automatic answers of customers are nothing; so are
  changes of a ticket without an article. Attachments are not read.

The customer is known by the ticket's `customer`: `email`, `mobile`, `phone`, and as `external`
`zammad:<user id>`. The conversation is `zammad:<ticket id>`.

The signature `X-Hub-Signature` is HMAC-SHA1 over the body. It covers no time and no header: a
request that is sent again is accepted and changes nothing, because its article is known.

It follows [Webhooks](https://admin-docs.zammad.org/en/latest/manage/webhook.html) and
[Webhook payload](https://admin-docs.zammad.org/en/latest/manage/webhook/payload.html); how the
signature is written is read in Zammad's `lib/user_agent.rb`.

## Example

```bash
ARTICLE=$(date +%s)
BODY='{"ticket": {"id": 81, "number": "10081", "title": "退款", "article_count": 1,
    "article_ids": ['$ARTICLE'], "customer_id": 8,
    "customer": {"id": 8, "email": "emily@mail.example", "firstname": "Emily", "mobile": ""}},
  "article": {"id": '$ARTICLE', "ticket_id": 81, "type": "email", "sender": "Customer",
    "internal": false, "content_type": "text/html", "created_at": "2026-11-24T08:14:58.318Z",
    "body": "<div>退款说好三天，<b>已经九天了</b></div>", "from": "Emily <emily@mail.example>"}}'
SIGNATURE=$(printf %s "$BODY" | openssl dgst -sha1 -hmac "$SECRET" -r)
curl -sS -X POST "$URL" -H 'content-type: application/json; charset=utf-8' \
  -H "X-Hub-Signature: sha1=${SIGNATURE%% *}" --data-binary "$BODY"
```
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import Field, SecretStr

from heedful.common.contracts import Channel, IdentifierType
from heedful.ingest.channels import (
    ChannelRequest,
    Configured,
    Draft,
    Failed,
    Parsed,
    Taken,
    Unverified,
    desk,
    proof,
    shaped,
)
from heedful.ingest.channels.desk import Entry, Speaker
from heedful.ingest.channels.reading import Node, json_body
from heedful.ingest.mail.html import TooDeep, to_text

_CHANNELS: Mapping[str, Channel] = {
    "email": Channel.EMAIL,
    "phone": Channel.CALL,
    "chat": Channel.CHAT,
    "sms": Channel.CHAT,
    "telegram": Channel.CHAT,
    "whatsapp": Channel.CHAT,
    "twitter": Channel.SOCIAL,
    "facebook": Channel.SOCIAL,
}
_TITLED = frozenset(["email", "web"])


class Secrets(Configured):
    secret: Annotated[SecretStr, shaped(r"[\x20-\x7e]{16,500}", "16 to 500 characters")] = Field(
        description="The webhook's HMAC SHA1 Signature Token.",
        examples=["zammad-signature-token-0001"],
    )


class Options(Configured):
    """Nothing."""


class Zammad:
    """The default payload: a ticket and the article that the trigger was for."""

    name = "zammad"
    version = "1"
    experimental = False
    secrets = Secrets
    options = Options

    def verify(self, request: ChannelRequest, secrets: Secrets) -> ChannelRequest:
        given = proof.header(request, "X-Hub-Signature")
        if not proof.same(given, signature(secrets.secret.get_secret_value(), request.body)):
            raise Unverified("the signature in X-Hub-Signature does not fit the body")
        return request

    def parse(self, request: ChannelRequest, options: Options) -> Parsed:
        body = json_body(request.body)
        ticket, article = body.at("ticket"), body.at("article")
        ticket.needed(ticket.value)
        if article.at("id").missing:
            return Parsed()  # a change of the ticket alone
        try:
            return Parsed(_article(ticket, article, request.body))
        except TooDeep as error:
            return Parsed([Failed(request.body, f"article.body: {error}")])


def signature(secret: str, body: bytes) -> str:
    """`sha1=` and the hex of HMAC-SHA1(secret, body)."""
    digest = hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()
    return f"sha1={digest}"


def _article(ticket: Node, article: Node, raw: bytes) -> Sequence[Draft | Failed]:
    kind, sender = _name(article.at("type")) or "", _name(article.at("sender"))
    by_customer = sender == "Customer"
    automatic = article.at("preferences", "is-auto-response").value is True
    if article.at("internal").flag() or automatic or sender not in ("Customer", "Agent"):
        return []
    if not by_customer and kind == "note":
        return []
    author = article.at("created_by_id")
    said = Entry(
        id=article.at("id").needed(_prefixed("article", article.at("id"))),
        at=article.at("created_at").taken(article.at("created_at").iso_time()),
        conversation=ticket.at("id").needed(_prefixed("zammad", ticket.at("id"))),
        channel=Taken(_channel(kind).value, article.at("type").place),
        words=_words(ticket, article, kind) if by_customer else None,
        speaker=Speaker.CUSTOMER if by_customer else Speaker.AGENT,
        speaker_id=None if by_customer else author.taken(author.text()),
        customer=_customer(ticket.at("customer")),
        attributes=article.at("type").taken({"article_type": kind[:500]} if kind else None),
    )
    return desk.entry(said, raw)


def _words(ticket: Node, article: Node, kind: str) -> Taken | None:
    """Raises TooDeep."""
    body = article.at("body")
    text = body.text()
    if text is not None and (article.at("content_type").text() or "").startswith("text/html"):
        text = to_text(text)
    if text and kind == "email":
        text = desk.mailed(text)
    title = ticket.at("title").text()
    if (
        title
        and kind in _TITLED
        and _is_first(ticket, article)
        and not (text or "").startswith(title)
    ):
        return Taken(f"{title}\n\n{text or ''}".strip(), f"ticket.title + {body.place}")
    return body.taken(text or None)


def _is_first(ticket: Node, article: Node) -> bool:
    first = ticket.at("article_ids").each()[:1]
    return bool(first) and first[0].text() == article.at("id").text()


def _customer(customer: Node) -> Taken | None:
    known = [
        (IdentifierType.EMAIL.value, customer.at("email").text()),
        (IdentifierType.PHONE.value, customer.at("mobile").text()),
        (IdentifierType.PHONE.value, customer.at("phone").text()),
        (IdentifierType.EXTERNAL.value, _prefixed("zammad", customer.at("id"))),
    ]
    return desk.identifiers(customer, known)


def _channel(kind: str) -> Channel:
    # `twitter direct-message`, `facebook feed comment`, `telegram personal-message`, …
    return _CHANNELS.get(kind.split(" ")[0], Channel.TICKET)


def _name(node: Node) -> str | None:
    """A name, or an object that has one."""
    return node.at("name").text() if isinstance(node.value, dict) else node.text()


def _prefixed(prefix: str, node: Node) -> str | None:
    value = node.text()
    return None if value is None else f"{prefix}:{value}"[:200]
