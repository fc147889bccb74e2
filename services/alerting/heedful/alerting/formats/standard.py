"""Generic endpoints: Standard Webhooks 1.0.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
The body is the frozen notice, whatever the endpoint's language; no template changes it.
"""

from heedful.alerting import webhook
from heedful.alerting.endpoint_kinds import EndpointKind
from heedful.alerting.formats.answers import by_status
from heedful.alerting.formats.base import Answer, Message, Post, Target, Verdict
from heedful.alerting.formats.markup import Unmarked


class Standard(Unmarked):
    kind = EndpointKind.STANDARD
    hosts = ()
    secret_url = False
    budget = None
    templated = False
    digest = 0

    def request(self, message: Message, target: Target) -> Post:
        signed = webhook.headers(
            target.secret, message.id, target.now, message.body, target.previous
        )
        return Post(target.url, message.body, {"content-type": "application/json", **signed})

    def verdict(self, answer: Answer) -> Verdict:
        return by_status(answer)
