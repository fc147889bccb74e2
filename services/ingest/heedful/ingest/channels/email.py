r"""E-mail by HTTP: mails that your mail server or a relay posts as they came in

Each request holds one mail as it stands (RFC 5322 with MIME, `message/rfc822`). To fetch a mailbox
instead, use the channel `imap`.

1. Create the connection with a secret: `whsec_` and base64 of 24 to 64 random bytes
   (`echo whsec_$(openssl rand -base64 32)`).
2. Let your mail server pipe each mail of the customers' address to a script like the one below
   (Postfix: an alias `care: "|/usr/local/bin/post-mail"`), or let a relay do it, e.g. an
   [Email Worker of Cloudflare](https://developers.cloudflare.com/email-routing/email-workers/).
3. To have the answers of your people as well, post what they send, and name your mail domains in
   `own_domains`.

The request is signed as [Standard Webhooks](https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md)
says: HMAC-SHA256 over `webhook-id.webhook-timestamp.body`, at most five minutes old. A relay that
cannot sign sends `Authorization: Bearer` and the connection's `token`, if it has one; that proves
who sends, and not that the mail is whole or new.

What a mail becomes:

- a customer's mail is a feedback (`channel=email`): the words of its author without quoted mails,
  signature and disclaimer, in the forms of the mail programs in use in China and elsewhere; the
  subject stands above them unless the mail is a reply. Plain text goes before HTML;
- the sender's address is its identifier; where a site's form writes (from `own_domains` or a
  `noreply` address), it is the address in Reply-To;
- `Message-ID` is its id, and the first id in `References` or `In-Reply-To` its conversation;
- a mail from `own_domains` to somebody else is an interaction: a contact, outbound, by a human
  (by the system when the address is a `noreply` one). That is what stops the clock of a response;
- nothing becomes of automatic answers (`Auto-Submitted`, 自动回复), bounces, newsletters and
  mailing lists (`List-Id`, `Precedence`), and of mail within the company. A mailbox that a group
  feeds needs `through_group`.

What cannot be read goes to quarantine with its reason: encrypted mail, more than 25 MiB, 200 parts
or 20 levels, 500,000 characters or 20,000 lines of text, words in no known charset, a mail without
words of its own. Pictures and files are counted and not read. A wrong charset is mended: GBK sent
as GB 2312, UTF-8 sent as GBK, subjects without encoding.

It follows [RFC 5322](https://www.rfc-editor.org/rfc/rfc5322), MIME
([RFC 2045](https://www.rfc-editor.org/rfc/rfc2045) to 2047), automatic mail
([RFC 3834](https://www.rfc-editor.org/rfc/rfc3834)) and lists
([RFC 2919](https://www.rfc-editor.org/rfc/rfc2919)).

## Example

```bash
MAIL=$(printf '%s\n' 'From: Wang Wei <wang@mail.example>' 'To: care@shop.example' \
  'Subject: 洗衣机漏水' "Date: $(date -R)" "Message-ID: <$(openssl rand -hex 16)@mail.example>" \
  'MIME-Version: 1.0' 'Content-Type: text/plain; charset=utf-8' \
  'Content-Transfer-Encoding: 8bit' '' '上周修过，今天又漏了一地。' '' '发自我的 iPhone')
ID=msg_$(openssl rand -hex 8); STAMP=$(date +%s)
KEY=$(printf %s "${SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')
SIGNATURE=$(printf '%s.%s.%s' "$ID" "$STAMP" "$MAIL" \
  | openssl dgst -sha256 -mac HMAC -macopt hexkey:"$KEY" -binary | openssl base64 -A)
curl -sS -X POST "$URL" -H 'content-type: message/rfc822' \
  -H "webhook-id: $ID" -H "webhook-timestamp: $STAMP" -H "webhook-signature: v1,$SIGNATURE" \
  --data-binary "$MAIL"
```
"""

from dataclasses import replace
from typing import Annotated

from pydantic import Field, SecretStr

from heedful.ingest.channels import (
    ChannelRequest,
    Configured,
    Malformed,
    Parsed,
    Unverified,
    proof,
    shaped,
)
from heedful.ingest.channels.standard_webhooks import signed_by
from heedful.ingest.mail import MailOptions, drafts

_BEARER = "bearer "


class Secrets(Configured):
    secret: Annotated[
        SecretStr, shaped(r"whsec_[A-Za-z0-9+/]{32,88}={0,2}", "whsec_ and base64 of 24-64 bytes")
    ] = Field(
        description="Signs every request: `whsec_` and base64 of 24 to 64 random bytes.",
        examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )
    token: Annotated[SecretStr, shaped(r"[\x21-\x7e]{32,200}", "32 to 200 characters")] | None = (
        Field(
            default=None,
            description="For a relay that cannot sign: sent as `Authorization: Bearer`. Without "
            "one every request must be signed.",
        )
    )


class Options(MailOptions):
    """Those of mail."""


class Email:
    """One mail in each request."""

    name = "email"
    version = "1"
    experimental = False
    secrets = Secrets
    options = Options

    def verify(self, request: ChannelRequest, secrets: Secrets) -> ChannelRequest:
        bearer = request.headers.get("authorization", "")
        if secrets.token is not None and bearer.lower().startswith(_BEARER):
            if not proof.same(bearer[len(_BEARER) :].strip(), secrets.token.get_secret_value()):
                raise Unverified("the bearer token is not this connection's")
            # Not kept with what goes to quarantine.
            left = {name: one for name, one in request.headers.items() if name != "authorization"}
            return replace(request, headers=left)
        signed_by(request, secrets.secret.get_secret_value())
        return request

    def parse(self, request: ChannelRequest, options: Options) -> Parsed:
        if not request.body:
            raise Malformed("the body is empty; post the mail as message/rfc822")
        return Parsed(drafts(request.body, options))
