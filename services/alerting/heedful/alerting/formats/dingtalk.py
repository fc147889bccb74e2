"""Custom robots of DingTalk groups, signed or with a keyword.

https://open.dingtalk.com/document/orgapp/custom-robots-send-group-messages
https://open.dingtalk.com/document/robots/customize-robot-security-settings
A body of more than 20,000 bytes is refused (code 460101). A robot takes 20 messages a minute;
beyond that it is mute for ten minutes (codes 130101, 410100, 90030).
"""

import base64
import hashlib
import hmac
import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import orjson

from heedful.alerting.endpoint_kinds import EndpointKind
from heedful.alerting.formats.answers import by_code, code_of
from heedful.alerting.formats.base import (
    Answer,
    Budget,
    Message,
    Outcome,
    Post,
    Target,
    Verdict,
)
from heedful.alerting.formats.markup import Markdown
from heedful.alerting.formats.wording import fitting, handles, room_of

# A quote or a break takes up to three times its bytes in JSON and as a paragraph.
TEXT_BYTES = 6_000
TITLE_BYTES = 300
MUTE = timedelta(minutes=10)

_TOO_FAST = frozenset({130101, 410100, 90030})
# No such group, token or robot, or it was stopped.
_GONE = frozenset({300005, 400013, 400101, 400102, 400106})
# An unsafe link, or content that is not allowed: the same message is refused again.
_REFUSED = frozenset({400105, 430101, 430102, 430103, 430104, 460101})
_MOBILE = re.compile(r"(\+\d{1,3}-?)?\d{11}")


class DingTalk(Markdown):
    kind = EndpointKind.DINGTALK
    hosts = ("dingtalk.com",)
    secret_url = True
    budget = Budget(burst=5, per_minute=15)
    templated = True
    digest = 30

    def request(self, message: Message, target: Target) -> Post:
        title = _with_keyword(fitting(message.title, TITLE_BYTES), target.keyword)
        text = fitting(message.text, TEXT_BYTES - room_of(message.buttons))
        lines = [f"### {self.escape(title)}", *text.split("\n")]
        called = handles(message.mentions, self.kind)
        body: dict[str, Any]
        # Only text and markdown call people by name; in a card of buttons they can be read.
        if message.buttons:
            lines.append(" ".join(f"@{self.escape(name)}" for _, name in called))
            buttons = [{"title": one.label, "actionURL": one.url} for one in message.all_buttons]
            card = {"title": title, "text": _paragraphs(lines), "btnOrientation": "0"}
            body = {"msgtype": "actionCard", "actionCard": {**card, "btns": buttons}}
        elif message.link and not called:
            card = {
                "title": title,
                "text": _paragraphs(lines),
                "singleTitle": message.link_label,
                "singleURL": message.link,
            }
            body = {"msgtype": "actionCard", "actionCard": card}
        else:
            if message.link:
                lines.append(self.anchor(message.link_label, message.link))
            if called:
                lines.append(" ".join(f"@{handle}" for handle, _ in called))
            markdown = {"title": title, "text": _paragraphs(lines)}
            body = {"msgtype": "markdown", "markdown": markdown, "at": _at(called)}
        headers = {"content-type": "application/json"}
        return Post(_signed(target), orjson.dumps(body), headers)

    def verdict(self, answer: Answer) -> Verdict:
        code = code_of(answer, "errcode")
        if code in _TOO_FAST:
            return Verdict(Outcome.RETRY, f"answered code {code}", throttled=True, mute=MUTE)
        return by_code(answer, code, _GONE, _REFUSED)


def _signed(target: Target) -> str:
    if not target.secret:
        return target.url
    timestamp = str(int(target.now.timestamp() * 1000))
    text = f"{timestamp}\n{target.secret}".encode()
    digest = hmac.digest(target.secret.encode(), text, hashlib.sha256)
    sign = quote(base64.b64encode(digest), safe="")
    return f"{target.url}&timestamp={timestamp}&sign={sign}"


def _with_keyword(title: str, keyword: str | None) -> str:
    return title if not keyword or keyword in title else f"{keyword} {title}"


def _paragraphs(lines: list[str]) -> str:
    return "\n\n".join(line for line in lines if line.strip())


def _at(called: list[tuple[str, str]]) -> dict[str, Any]:
    mobiles = [handle for handle, _ in called if _MOBILE.fullmatch(handle)]
    users = [handle for handle, _ in called if handle not in mobiles]
    return {"atMobiles": mobiles, "atUserIds": users, "isAtAll": False}
