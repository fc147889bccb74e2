"""PagerDuty's Events API v2, and what speaks like it: one incident per case.

https://developer.pagerduty.com/docs/events-api-v2-overview
https://developer.pagerduty.com/docs/events-api-v2-rate-limits (120 a minute and key)
A summary has at most 1,024 characters, an event 512 KB.
"""

from typing import Any

import orjson

from heedful.alerting.endpoint_kinds import EndpointKind
from heedful.alerting.formats.answers import by_status
from heedful.alerting.formats.base import (
    Action,
    Answer,
    Budget,
    Message,
    Outcome,
    Post,
    Target,
    Verdict,
)
from heedful.alerting.formats.markup import Unmarked
from heedful.alerting.formats.wording import fitting, plain

SUMMARY_CHARACTERS = 1_024
TEXT_BYTES = 100_000


class PagerDuty(Unmarked):
    kind = EndpointKind.PAGERDUTY
    hosts = ()
    secret_url = False
    budget = Budget(burst=20, per_minute=100)
    templated = True
    digest = 0

    def request(self, message: Message, target: Target) -> Post:
        body: dict[str, Any] = {
            "routing_key": target.secret,
            "event_action": message.action.value,
            "dedup_key": message.subject,
        }
        if message.action is Action.TRIGGER:
            details = {
                "text": fitting(message.text, TEXT_BYTES),
                "notice": orjson.loads(message.body),
            }
            body["payload"] = {
                "summary": fitting(plain(message.title), SUMMARY_CHARACTERS, len),
                "source": "heedful",
                "severity": message.severity.value,
                "timestamp": message.at.isoformat(),
                "custom_details": details,
            }
            body["client"] = "heedful"
            if message.link:
                body["client_url"] = message.link
            links = [{"href": one.url, "text": one.label} for one in message.all_buttons]
            if links:
                body["links"] = links
        return Post(target.url, orjson.dumps(body), {"content-type": "application/json"})

    def verdict(self, answer: Answer) -> Verdict:
        if answer.status == 400:
            return Verdict(Outcome.REFUSED, "answered 400: the routing key or the event is wrong")
        return by_status(answer)
