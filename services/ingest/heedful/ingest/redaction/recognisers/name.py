"""Names of people after a word that announces one; nlp masks what only a model finds."""

import re

from heedful.ingest.redaction.kinds import Kind
from heedful.ingest.redaction.recogniser import Match, Place, Recogniser, Sign, value
from heedful.ingest.redaction.recognisers.surnames import (
    ALSO_AFTER,
    DOUBLE,
    NOT_GIVEN,
    NOT_NAMES,
    SINGLE,
    TITLES,
)

_NEGATED = "不"
_BOUNDARY = re.compile(r"[^\u4e00-\u9fff]|$")
_LINK = "(?:是|叫|为)?"
_PARCEL = (
    "联系人|收件人|收货人|寄件人|预约人|预订人|预定人|投保人|被保险人|受益人|乘机人|乘车人|购票人"
    "|下单人|订票人|入住人|报修人|开户人|经办人|户主|机主|车主"
)
_OTHERS = (
    "业主|房主|店主|患者|病人|客户|乘客|顾客|会员|旅客|住客|学员|家长|用户|申请人|投诉人|举报人|负责人"
    "|持卡人|购买人|办理人|当事人"
)
# Every alternative begins with a character, not with a group: so the search is quick.
_CUE = "|".join(
    (
        "我叫做?|我就叫|我是叫|我(?:的名字|名字)(?:就是|是|就)?叫?|姓名(?:是|叫|就是|为|:)",
        *(f"{one}(?:姓名|名字|名)?{_LINK}" for one in _PARCEL.split("|")),
        *(f"{one}(?:姓名|名字|名|叫|:)" for one in _OTHERS.split("|")),
        *(f"{one}{_LINK}" for one in ("户名(?:称)?", "账户名", "帐户名")),
        "姓名|名字(?:是|叫|就是|为|:)|本人叫?|署名:|签名:|落款:?",
    )
)
_STRONG = re.compile("我|姓名(?:是|叫|就是|为|:)")
_HAN_NAME = (
    rf"(?:(?:{'|'.join(sorted(DOUBLE))})[\u4e00-\u9fff]{{1,2}}|[{SINGLE}][\u4e00-\u9fff]{{1,2}})"
)
_LONG_NAME = r"[\u4e00-\u9fff]{2,8}·[\u4e00-\u9fff]{2,8}(?:·[\u4e00-\u9fff]{2,8})?"
_LATIN_NAME = r"[A-Z][a-z]{1,15}(?: [A-Z][a-z]{1,15}){0,2}(?=[,。.!;\n]|$)"


def _chinese(found: Match) -> Place | None:
    """The longest name that ends at a boundary; after 我叫 and 姓名是 else the longest that may be
    one."""
    start, end = found.span("value")
    words = found["value"]
    if _BOUNDARY.match(words):
        return start, end
    if words[:2] in NOT_NAMES or words.startswith(_NEGATED):
        return None
    if "·" in words:
        return (start, end) if _ends(found.string, end) else None
    fitting = _fitting(words)
    for length in fitting:
        if _ends(found.string, start + length):
            return start, start + length
    strong = fitting and _STRONG.match(found.string, found.start())
    return (start, start + fitting[0]) if strong else None


def _ends(text: str, at: int) -> bool:
    """Whether a name may end here."""
    return bool(_BOUNDARY.match(text, at)) or text[at] in NOT_GIVEN or text[at] in ALSO_AFTER


def _fitting(words: str) -> list[int]:
    """Lengths of what may be a name, the longest first."""
    surname = 2 if words[:2] in DOUBLE else 1
    if words[surname : surname + 2] in TITLES:
        return []
    return [
        length
        for length in range(len(words), surname, -1)
        if not any(one in NOT_GIVEN for one in words[surname:length])
    ]


CHINESE = Recogniser(
    Kind.NAME,
    re.compile(
        rf"(?:{_CUE})(?:姓名)?[:\s]{{0,2}}[“\"']?(?P<value>{_LONG_NAME}|{_HAN_NAME}|{_LATIN_NAME})"
    ),
    _chinese,
    needs=Sign.OTHER,
)
"""A surname and one or two characters that a given name may have. A word such as 我叫, 姓名 or
联系人 stands right before."""

BEFORE_NUMBER = Recogniser(
    Kind.NAME,
    re.compile(rf"(?:^|\n)(?P<value>{_LONG_NAME}|{_HAN_NAME})[ ,:]{{1,2}}(?=<<)"),
    _chinese,
    needs=Sign.OTHER,
)
"""The form of parcels: a line begins with a name, and a number that was found follows."""

_WORDS = (
    "not|on|in|the|a|an|spelled|spelt|misspelled|wrong|still|missing|listed|already|being|never"
    "|only|no|also|incorrect|written|shown|too|so|mud|field|different|changed|what|is|was|and"
    "|supposed"
)
_ENGLISH_NAME = r"[A-Z][A-Za-z'’-]+(?: (?:[A-Z]\.|[A-Z][A-Za-z'’-]+)){0,3}"

ENGLISH = Recogniser(
    Kind.NAME,
    re.compile(
        r"[BMNRSTYbmnrsty](?<!\w.)(?i:(?<=m)y (?:full )?name(?:'s| is)\b|(?<=n)ame *:"
        r"|(?<=t)his is(?= [A-Z][\w'-]+(?: [A-Z][\w'-]+)? (?:speaking|calling|here|from)\b)"
        r"|(?:(?<=r)egards|(?<=s)(?:incerely|igned)|(?<=y)ours truly|(?<=b)est wishes),?\s*\n?)"
        r"\s{0,2}"
        rf"(?P<value>(?!(?i:(?:{_WORDS})\b)){_ENGLISH_NAME})(?![A-Za-z0-9])"
    ),
    value,
    needs=Sign.WORD,
)
"""Capitalised words after "my name is", "Name:", "this is … speaking", or a signature."""

ENGLISH_LOWER = Recogniser(
    Kind.NAME,
    re.compile(
        rf"m(?<!\w.)y (?:full )?name(?:'s| is) (?P<value>(?!(?:{_WORDS})\b)"
        r"[a-z]{2,15}(?: [a-z]{2,15})?)"
        r"(?=[,.!;\n]|$| and (?:i|my)\b| i\b)",
    ),
    value,
    needs=Sign.WORD,
)
"""In small letters, up to the end of the clause."""

RECOGNISERS = (CHINESE, BEFORE_NUMBER, ENGLISH, ENGLISH_LOWER)
