"""Robots of WeCom groups: the key in the URL is all there is, nothing is signed.

https://developer.work.weixin.qq.com/document/path/91770
Markdown has at most 4,096 bytes. A robot takes 20 messages a minute (code 45009).
"""

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
from heedful.alerting.formats.wording import fitting, handles, in_bytes

CONTENT_BYTES = 4_096
TITLE_BYTES = 300

_TOO_FAST = frozenset({45009, 45033})
_GONE = frozenset({93000, 93008})
_REFUSED = frozenset({40008, 40058, 45002, 44004})


class WeCom(Markdown):
    kind = EndpointKind.WECOM
    hosts = ("weixin.qq.com",)
    secret_url = True
    budget = Budget(burst=5, per_minute=15)
    templated = True
    digest = 15

    def request(self, message: Message, target: Target) -> Post:
        first = f"### {self.escape(fitting(message.title, TITLE_BYTES))}"
        last = [self.anchor(self.escape(one.label), one.url) for one in message.all_buttons]
        called = handles(message.mentions, self.kind)
        last += [" ".join(f"<@{id_}>" for id_, _ in called)] if called else []
        room = CONTENT_BYTES - in_bytes("\n".join([first, "", *last]))
        content = "\n".join([first, fitting(message.text, room), *last])
        body = {"msgtype": "markdown", "markdown": {"content": content}}
        return Post(target.url, orjson.dumps(body), {"content-type": "application/json"})

    def verdict(self, answer: Answer) -> Verdict:
        code = code_of(answer, "errcode")
        if code in _TOO_FAST:
            return Verdict(Outcome.RETRY, f"answered code {code}", throttled=True)
        return by_code(answer, code, _GONE, _REFUSED)
