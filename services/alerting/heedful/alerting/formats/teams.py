"""Microsoft Teams through Workflows ("When a Teams webhook request is received").

https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
Workflows take Adaptive Cards only; the old connectors and their message cards are retired. A
message has at most about 28 KB, and more than four requests a second are throttled:
https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook
"""

from typing import Any

import orjson

from heedful.alerting.endpoint_kinds import EndpointKind
from heedful.alerting.formats.answers import by_status
from heedful.alerting.formats.base import (
    Action,
    Answer,
    Budget,
    Button,
    Message,
    Outcome,
    Post,
    Severity,
    Target,
    Verdict,
)
from heedful.alerting.formats.markup import Markdown
from heedful.alerting.formats.wording import fitting, handles, plain, room_of

# A quote or a break takes up to three times its bytes in JSON and as a paragraph.
TEXT_BYTES = 8_500
TITLE_BYTES = 300

_COLOURS = {
    Severity.CRITICAL: "attention",
    Severity.ERROR: "attention",
    Severity.WARNING: "warning",
    Severity.INFO: "accent",
}


class Teams(Markdown):
    kind = EndpointKind.TEAMS
    hosts = ("logic.azure.com", "powerplatform.com", "powerautomate.com", "azure-apihub.net")
    secret_url = True
    budget = Budget(burst=2, per_minute=60)
    templated = True
    digest = 40

    def request(self, message: Message, target: Target) -> Post:
        called = [(id_, self.escape(name)) for id_, name in handles(message.mentions, self.kind)]
        colour = "good" if message.action is Action.RESOLVE else _COLOURS[message.severity]
        title = self.escape(fitting(plain(message.title), TITLE_BYTES))
        blocks: list[dict[str, Any]] = [
            {"type": "TextBlock", "text": title, "size": "large", "weight": "bolder"}
        ]
        blocks[0] |= {"color": colour, "wrap": True}
        lines = fitting(message.text, TEXT_BYTES - room_of(message.buttons)).split("\n")
        blocks.append(_block("\n\n".join(line for line in lines if line)))
        if called:
            blocks.append(_block(" ".join(f"<at>{name}</at>" for _, name in called)))
        if message.buttons:
            # Beside the card's own action: Teams shows six of those and hides the rest.
            blocks.append({"type": "ActionSet", "actions": [*map(_action, message.buttons)]})
        card: dict[str, Any] = {
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard",
            "version": "1.4",
            "body": blocks,
            "msteams": {"width": "Full", "entities": [_entity(*one) for one in called]},
        }
        if message.link:
            card["actions"] = [_action(Button(message.link_label, message.link))]
        attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
        body = {"type": "message", "attachments": [attachment]}
        return Post(target.url, orjson.dumps(body), {"content-type": "application/json"})

    def verdict(self, answer: Answer) -> Verdict:
        # What stands behind the flow may fail after the 200, and is told in words only.
        if answer.status == 200 and b"returned HTTP error" in answer.body:
            busy = b"error 429" in answer.body
            return Verdict(Outcome.RETRY, "Teams did not take it", throttled=busy)
        if answer.status in (400, 413):
            return Verdict(Outcome.REFUSED, f"answered {answer.status}")
        return by_status(answer)


def _block(text: str) -> dict[str, Any]:
    return {"type": "TextBlock", "text": text, "wrap": True, "spacing": "small"}


def _action(button: Button) -> dict[str, Any]:
    return {"type": "Action.OpenUrl", "title": button.label, "url": button.url}


def _entity(handle: str, name: str) -> dict[str, Any]:
    mentioned = {"id": handle, "name": name}
    return {"type": "mention", "text": f"<at>{name}</at>", "mentioned": mentioned}
