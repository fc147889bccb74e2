"""Custom robots of Feishu and Lark groups, signed, with interactive cards.

https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
A body has at most 20 KB. A robot takes 100 messages a minute and 5 a second (code 11232).
"""

import base64
import hashlib
import hmac
from typing import Any

import orjson

from heedful.alerting.endpoint_kinds import EndpointKind
from heedful.alerting.formats.answers import by_code, code_of, fields
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

TEXT_BYTES = 9_000
TITLE_BYTES = 300

_TOO_FAST = frozenset({11232, 99991400})
# These two are told for several reasons; the words tell which.
_BAD_REQUEST = 9499
_BAD_PARAMETER = 19001
_NOTHING: frozenset[int] = frozenset()
_COLOURS = {
    Severity.CRITICAL: "red",
    Severity.ERROR: "orange",
    Severity.WARNING: "yellow",
    Severity.INFO: "blue",
}


class Feishu(Markdown):
    kind = EndpointKind.FEISHU
    hosts = ("feishu.cn", "larksuite.com")
    secret_url = True
    # In no second more than five: four at once, and one a second beside.
    budget = Budget(burst=4, per_minute=60)
    templated = True
    digest = 40

    def request(self, message: Message, target: Target) -> Post:
        title = fitting(plain(message.title), TITLE_BYTES)
        if target.keyword and target.keyword not in title:
            title = f"{target.keyword} {title}"
        text = fitting(message.text, TEXT_BYTES - room_of(message.buttons))
        called = " ".join(f"<at id={id_}></at>" for id_, _ in handles(message.mentions, self.kind))
        elements: list[dict[str, Any]] = [
            {"tag": "markdown", "content": f"{text}\n{called}" if called else text}
        ]
        if message.all_buttons:
            actions = [_button(one, message) for one in message.all_buttons]
            elements.append({"tag": "action", "layout": "flow", "actions": actions})
        colour = "green" if message.action is Action.RESOLVE else _COLOURS[message.severity]
        header = {"title": {"tag": "plain_text", "content": title}, "template": colour}
        card = {"config": {"wide_screen_mode": True}, "header": header, "elements": elements}
        body = {**_signature(target), "msg_type": "interactive", "card": card}
        return Post(target.url, orjson.dumps(body), {"content-type": "application/json"})

    def verdict(self, answer: Answer) -> Verdict:
        code = code_of(answer, "code", "StatusCode")
        said = str(fields(answer).get("msg", ""))
        if code in _TOO_FAST or (code == _BAD_REQUEST and "too many" in said):
            return Verdict(Outcome.RETRY, f"answered code {code}", throttled=True)
        if code == _BAD_PARAMETER and "token invalid" in said:
            return Verdict(Outcome.GONE, f"answered code {code}: there is no such robot")
        return by_code(answer, code, _NOTHING, _NOTHING)


def _button(button: Button, message: Message) -> dict[str, Any]:
    text = {"tag": "plain_text", "content": button.label}
    type_ = "primary" if button.url == message.link else "default"
    return {"tag": "button", "text": text, "type": type_, "url": button.url}


def _signature(target: Target) -> dict[str, str]:
    """Here the text to sign is the key, and nothing is signed with it."""
    if not target.secret:
        return {}
    timestamp = str(int(target.now.timestamp()))
    digest = hmac.digest(f"{timestamp}\n{target.secret}".encode(), b"", hashlib.sha256)
    return {"timestamp": timestamp, "sign": base64.b64encode(digest).decode()}
