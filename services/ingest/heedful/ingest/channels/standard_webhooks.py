"""Signed webhook: any system that signs as Standard Webhooks has it

For systems of your own, and for whatever speaks [Standard Webhooks](https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md):
the body is one feedback or one interaction in heedful's own shape, as `POST /v1/feedback` takes it,
inside `{"type": "voc.feedback.received.v1", "data": {…}}`. The signature is HMAC-SHA256 over
`webhook-id.webhook-timestamp.body`; a request whose timestamp is more than five minutes away is
refused. `webhook-id` is the item's id when the data has none, so a repeated webhook is one item.

## Example

```bash
BODY='{"type":"voc.feedback.received.v1","data":{"channel":"app","text":"付款页面一直转圈，试了三次都不行","identifiers":[{"type":"customer_id","value":"c-1001"}]}}'
ID=msg_$(openssl rand -hex 8); STAMP=$(date +%s)
KEY=$(printf %s "${SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \\n')
SIGNATURE=$(printf '%s.%s.%s' "$ID" "$STAMP" "$BODY" \\
  | openssl dgst -sha256 -mac HMAC -macopt hexkey:"$KEY" -binary | openssl base64 -A)
curl -sS -X POST "$URL" -H 'content-type: application/json' \\
  -H "webhook-id: $ID" -H "webhook-timestamp: $STAMP" -H "webhook-signature: v1,$SIGNATURE" \\
  --data-binary "$BODY"
```
"""

import base64
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from pydantic import Field, SecretStr

from heedful.common.topics import FEEDBACK_RECEIVED, INTERACTION_RECORDED
from heedful.ingest.channels import (
    ChannelRequest,
    Configured,
    Draft,
    Kind,
    Malformed,
    Parsed,
    Taken,
    Unverified,
    proof,
    shaped,
)
from heedful.ingest.channels.reading import json_body

_PREFIX = "whsec_"
_KINDS: Mapping[str, Kind] = {
    FEEDBACK_RECEIVED.event_type: Kind.FEEDBACK,
    INTERACTION_RECORDED.event_type: Kind.INTERACTION,
}


class Secrets(Configured):
    secret: Annotated[
        SecretStr, shaped(r"whsec_[A-Za-z0-9+/]{32,88}={0,2}", "whsec_ and base64 of 24-64 bytes")
    ] = Field(
        description="Signs every request: `whsec_` and base64 of 24 to 64 random bytes.",
        examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )


class Options(Configured):
    """Nothing."""


class StandardWebhooks:
    """Standard Webhooks specification, "Webhook scheme" and "Verifying webhook authenticity"."""

    name = "standard_webhooks"
    version = "1"
    experimental = False
    secrets = Secrets
    options = Options

    def verify(self, request: ChannelRequest, secrets: Secrets) -> ChannelRequest:
        signed_by(request, secrets.secret.get_secret_value())
        return request

    def parse(self, request: ChannelRequest, options: Options) -> Parsed:
        body = json_body(request.body)
        kind = _KINDS.get(body.at("type").text() or "")
        if kind is None:
            raise Malformed(f"type is none of {', '.join(_KINDS)}")
        data = body.at("data")
        if not isinstance(data.value, dict):
            raise Malformed("data is not an object")
        fields = {
            name: Taken(value, f"data.{name}"[:200])
            for name, value in data.value.items()
            if value is not None
        }
        fields.setdefault("id", Taken(request.headers.get("webhook-id"), "header webhook-id"))
        return Parsed([Draft(kind, fields)])


def signed_by(request: ChannelRequest, secret: str) -> None:
    """That one of the request's signatures was made with this secret, lately.

    Raises:
        Unverified: a header is missing, the time is not near, or no signature fits.
    """
    identity = proof.header(request, "webhook-id")
    stamp = proof.header(request, "webhook-timestamp")
    given = proof.header(request, "webhook-signature")
    proof.fresh(stamp, request.received_at, unit=timedelta(seconds=1))
    key = proof.from_base64(secret.removeprefix(_PREFIX), "the secret")
    signed = b".".join((identity.encode(), stamp.encode(), request.body))
    wanted = "v1," + base64.b64encode(proof.hmac_sha256(key, signed)).decode()
    # While its secret is rotated, a sender signs with both (specification, "Signature scheme").
    if not any(proof.same(one, wanted) for one in given.split(" ")):
        raise Unverified("no signature in webhook-signature fits the body")
