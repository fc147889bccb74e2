"""Ids of WeChat and QQ, by cue."""

import re

from heedful.ingest.redaction.kinds import Kind
from heedful.ingest.redaction.recogniser import Match, Place, Recogniser, Sign

_ID = r"[A-Za-z][A-Za-z0-9_-]{5,19}(?![A-Za-z0-9_@.-])"
_LINK = r"(?:号码?|账号|帐号|id|ID|Id|is|是|为|叫|:|,|-|=|\s)"
_TOLD = re.compile(r"[0-9_]|wxid", re.IGNORECASE)
_NAMED = re.compile(r"号|账|帐|\bID\b|:", re.IGNORECASE)
_ADDED = re.compile(r"加(?:一?下)?[我你他她]?的?$")
_ADDED_BACK = 6
_LATIN = re.compile(r"[A-Za-z]$")


def _wechat(found: Match) -> Place | None:
    """After a bare "wechat" an English word is no id: it needs a digit or an underscore."""
    text, start = found.string, found.start()
    if found["word"].isascii() and _LATIN.search(text, max(0, start - 1), start):
        return None
    told = _TOLD.search(found["value"]) or _NAMED.search(found["link"])
    if not told and not _ADDED.search(text, max(0, start - _ADDED_BACK), start):
        return None
    return found.span("value")


WECHAT = Recogniser(
    Kind.WECHAT,
    re.compile(
        r"(?P<word>微信|薇信|威信|徽信|v信|V信|vx|VX|Vx|wx|WX|Wx|wechat|WeChat|Wechat|WECHAT|weixin"
        rf"|微(?<=加.)|薇(?<=加.)|v(?<=加.)|V(?<=加.))(?P<link>{_LINK}{{0,6}})(?P<value>{_ID})"
    ),
    _wechat,
    needs=Sign.LETTER,
)
"""6 to 20 letters, digits, underscores and hyphens, a letter first (Tencent's help page of 微信号).
A telephone number that is an id too is found as one."""

WECHAT_INTERNAL = Recogniser(
    Kind.WECHAT,
    re.compile(r"wxid_(?<![A-Za-z0-9_].....)[A-Za-z0-9_-]{6,30}"),
    needs=Sign.NUMBER | Sign.LETTER,
)
"""What WeChat gives to who chose no id."""


def _qq(found: Match) -> Place | None:
    start = found.start()
    latin = found["word"].isascii() and _LATIN.search(found.string, max(0, start - 1), start)
    return None if latin else found.span("value")


QQ = Recogniser(
    Kind.QQ,
    re.compile(
        rf"(?P<word>QQ|qq|Qq|扣扣|秋秋|企鹅号|Q号|q号|加Q|加q)(?!群){_LINK}{{0,4}}"
        r"(?P<value>[1-9][0-9]{4,10})(?![0-9@A-Za-z.]|[ -][0-9]|元|块|人|个|次|万|天|年)"
    ),
    _qq,
    needs=Sign.NUMBER,
)
"""5 to 11 digits (Tencent's help page of QQ号码). A group's number is no person's."""

RECOGNISERS = (WECHAT_INTERNAL, WECHAT, QQ)
