"""Slack's incoming webhooks, with Block Kit.

https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
https://docs.slack.dev/reference/block-kit/blocks (a header has 150 characters, a section 3,000)
https://docs.slack.dev/apis/web-api/rate-limits (one message a second)
"""

from typing import Any

import orjson

from heedful.alerting.endpoint_kinds import EndpointKind
from heedful.alerting.formats.answers import GONE, by_status
from heedful.alerting.formats.base import (
    Answer,
    Budget,
    Button,
    Message,
    Outcome,
    Post,
    Target,
    Verdict,
)
from heedful.alerting.formats.wording import fitting, handles, plain

HEADER_CHARACTERS = 150
SECTION_CHARACTERS = 3_000

_GONE = frozenset({b"no_service", b"no_service_id", b"no_team", b"team_disabled", b"invalid_token"})
_REFUSED = frozenset({b"invalid_payload", b"invalid_blocks", b"no_text", b"too_many_attachments"})
# Between letters these signs are no markup, and ids have them.
_MARKUP = str.maketrans({"*": "＊", "`": "｀", "~": "～", "_": "\u02cd"})


class Slack:
    kind = EndpointKind.SLACK
    hosts = ("slack.com", "slack-gov.com")
    secret_url = True
    budget = Budget(burst=1, per_minute=54)
    templated = True
    digest = 20

    def escape(self, text: str) -> str:
        # https://docs.slack.dev/messaging/formatting-message-text#escaping
        entities = plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return entities.translate(_MARKUP)

    def bold(self, escaped: str) -> str:
        return f"*{escaped}*"

    def anchor(self, escaped: str, url: str) -> str:
        return f"<{url.replace('|', '%7C').replace('>', '%3E')}|{escaped.replace('|', '｜')}>"

    def request(self, message: Message, target: Target) -> Post:
        title = fitting(plain(message.title), HEADER_CHARACTERS, len)
        called = " ".join(f"<@{id_}>" for id_, _ in handles(message.mentions, self.kind))
        room = SECTION_CHARACTERS - len(called) - 1
        text = fitting(message.text, room, len) + (f"\n{called}" if called else "")
        # Verbatim: nothing but what is marked becomes a link or a mention.
        section = {"type": "mrkdwn", "text": text, "verbatim": True}
        blocks: list[dict[str, Any]] = [
            {"type": "header", "text": {"type": "plain_text", "text": title, "emoji": False}},
            {"type": "section", "text": section},
        ]
        if message.all_buttons:
            elements = [_button(one) for one in message.all_buttons]
            blocks.append({"type": "actions", "elements": elements})
        body = {"text": self.escape(title), "blocks": blocks}
        return Post(target.url, orjson.dumps(body), {"content-type": "application/json"})

    def verdict(self, answer: Answer) -> Verdict:
        said = answer.body.strip()
        if said in _GONE or answer.status == GONE:
            return Verdict(Outcome.GONE, f"answered {answer.status} {_word(said)}")
        if said in _REFUSED:
            return Verdict(Outcome.REFUSED, f"answered {answer.status} {_word(said)}")
        return by_status(answer)


def _button(button: Button) -> dict[str, Any]:
    label = {"type": "plain_text", "text": button.label, "emoji": False}
    return {"type": "button", "text": label, "url": button.url}


def _word(said: bytes) -> str:
    return said.decode("ascii", "replace")
