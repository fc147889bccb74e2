"""The pages of links: plain HTML in Chinese and English, without script. Pure."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Final

from heedful.alerting.endpoint_kinds import Language
from heedful.alerting.links.following import Followed, Looked, Outcome
from heedful.alerting.links.labels import LABELS
from heedful.alerting.links.link import Link, Verdict
from heedful.alerting.links.standing import Standing

_STYLE: Final = (
    "body{font:18px/1.6 system-ui,sans-serif;max-width:32rem;margin:3rem auto;padding:0 1rem}"
    "h1{font-size:1.4rem}button{font:inherit;padding:.6rem 1.6rem;cursor:pointer}"
    "code{overflow-wrap:anywhere}"
)
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}
"""Of every page. Nothing is loaded, nothing can frame it, and the token goes no further."""


@dataclass(frozen=True, slots=True)
class Words:
    """A page's text in both languages: a heading, and what to do."""

    status: int
    heading_zh: str
    heading_en: str
    text_zh: str
    text_en: str


@dataclass(frozen=True, slots=True)
class Page:
    status: int
    html: str


_REFUSED: Final[Mapping[Verdict, Words]] = {
    Verdict.SAMPLE: Words(
        200,
        "示例链接",
        "A sample link",
        "它来自预览或测试消息，不做任何操作。",
        "It came with a preview or a test and does nothing.",
    ),
    Verdict.UNKNOWN: Words(
        404,
        "链接无效",
        "This link is not valid",
        "链接不完整、已被清除，或者您不再是成员。请打开消息里的完整链接，或在工作台处理这个案例。",
        "It is incomplete, was removed, or you are no longer a member. Open the whole link of the "
        "message, or work on the case in your console.",
    ),
    Verdict.USED: Words(
        410,
        "链接已使用",
        "This link was used",
        "每个链接只能用一次。如果是您点的，操作已经生效，无需再做什么；如果不是，请告诉您的主管。",
        "A link works once. If it was you, it is done and nothing is left to do; if not, tell your "
        "lead.",
    ),
    Verdict.EXPIRED: Words(
        410,
        "链接已过期",
        "This link has expired",
        "请在工作台处理这个案例。",
        "Work on the case in your console.",
    ),
}
_DONE: Final = Words(
    200,
    "已完成",
    "Done",
    "操作已记录在您的名下。客户仍在等待人工联系。",
    "It is recorded under your name. The customer still waits for a person to get in touch.",
)
_TOO_LATE: Final = Words(
    409,
    "无需操作",
    "Nothing to do",
    "这个案例已由他人处理或已关闭，它没有被改变。",
    "Somebody was faster, or the case is closed; nothing was changed.",
)
_ANSWERED: Final = Words(
    409,
    "客户已得到联系",
    "The customer has been contacted",
    "已有人联系了客户，无需您再做什么。谢谢！",
    "A person got in touch with them; nothing is left for you to do. Thank you!",
)
_TOO_OFTEN: Final = Words(
    429,
    "请求过多",
    "Too many requests",
    "请稍后再打开链接。",
    "Open the link again in a little while.",
)


def looked(found: Looked) -> Page:
    """Answers who opens a link: asks for the click, or says why there is none to make."""
    if found.verdict is not Verdict.READY or found.link is None:
        return _told(_REFUSED[found.verdict])
    match found.standing:
        case Standing.OPEN:
            return _asked(found.link)
        case Standing.ANSWERED:
            return _told(_ANSWERED)
        case Standing.TAKEN:
            return _told(_TOO_LATE)


def followed(found: Followed) -> Page:
    """Answers the click."""
    match found.outcome:
        case Outcome.DONE:
            return _told(_DONE)
        case Outcome.ANSWERED:
            return _told(_ANSWERED)
        case Outcome.TOO_LATE:
            return _told(_TOO_LATE)
        case Outcome.REFUSED:
            return _told(_REFUSED[found.verdict])


def too_often() -> Page:
    return _told(_TOO_OFTEN)


def _asked(link: Link) -> Page:
    zh, en = (LABELS[language][link.wanted.action] for language in (Language.ZH, Language.EN))
    name, case_id = escape(link.member_name), escape(link.wanted.case_id)
    return Page(
        200,
        _html(
            f"<h1>{zh} · {en}</h1>"
            f'<p lang="zh">您将以 <b>{name}</b> 的身份操作案例 <code>{case_id}</code>。</p>'
            f'<p lang="en">You act as <b>{name}</b> on the case <code>{case_id}</code>.</p>'
            f'<form method="post"><button type="submit">{zh} · {en}</button></form>'
        ),
    )


def _told(words: Words) -> Page:
    body = (
        f"<h1>{words.heading_zh} · {words.heading_en}</h1>"
        f'<p lang="zh">{words.text_zh}</p><p lang="en">{words.text_en}</p>'
    )
    return Page(words.status, _html(body))


def _html(body: str) -> str:
    return (
        '<!doctype html><html lang="zh"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>heedful</title><style>{_STYLE}</style></head><body>{body}</body></html>"
    )
