"""What the author of a mail wrote, without the earlier mails that it quotes.

The forms are those of the mail programs in use in China and elsewhere, in Chinese and English:
lines with `>`, `在…写道：` and `On … wrote:`, `----- 原始邮件 -----`, blocks of 发件人 / From
headers. An answer between or below quoted lines is kept.

`mail-parser-reply` 1.36 has the same aim, calls its Chinese forms untested, and reads 33 of the 86
mails in tests/unit/ingest/mail as a reader would.
"""

import re
from collections.abc import Sequence

from heedful.ingest.mail.html import QUOTE_BELOW

_QUOTED = re.compile(r"\s{0,3}>")
_ATTRIBUTION_END = re.compile(r"(?:wrote|writes|写道|寫道|写到|编写)\s*[:：]\s*$", re.IGNORECASE)
# One of them stands in every line that a program makes, or "他在微信里写道：" would be one.
_ADDRESS_OR_TIME = re.compile(r"[\w.+-]@[\w-]|\b\d{1,2}\s*[:：时]\s*\d{2}")
_ATTRIBUTION_START = re.compile(
    r"\s*(?:On|At|在|于|於|[\"“<\[]|(?:19|20)\d\d\s*[-年/.]|.{0,60}[<＜(].{0,80}@)", re.IGNORECASE
)
_MAX_ATTRIBUTION_LINES = 4
# No line that a mail program makes is longer; the patterns are never tried on more.
_MAX_LINE = 400

_RULE = r"\s*[-_=*—－]{2,}\s*"
_SEPARATOR = re.compile(
    rf"{_RULE}(?:原始邮件|原邮件|原始郵件|原始信件|原始訊息|回复的?原邮件|回复的邮件|回覆的郵件"
    r"|邮件原件|转发的?邮件(?:信息)?|已转发的?邮件|轉寄的?郵件"
    r"|Original(?: (?:Message|Mail|Email|Appointment))?|Replied Message"
    r"|Forward(?:ed|ing) (?:messages?|mail)|Forwarded by .{1,80})"
    rf"{_RULE}",
    re.IGNORECASE,
)
_ANNOUNCEMENT = re.compile(
    r"\s*(?:Begin forwarded message|开始转发的邮件|下面是被转发的邮件|以下是转发的邮件"
    r"|開始轉寄郵件)\s*[:：]\s*",
    re.IGNORECASE,
)
_LONG_RULE = re.compile(r"\s*(?:_{10,}|-{20,}|—{10,})\s*")

_FROM, _SENT, _TO, _SUBJECT = "from", "sent", "to", "subject"
_LABELS = {
    _FROM: r"From|发\s*件\s*人|寄\s*件\s*者|寄\s*件\s*人|發\s*件\s*人",
    _SENT: r"Sent|Date|发\s*送\s*时\s*间|发\s*送\s*日\s*期|发\s*件\s*时\s*间|日\s*期|时\s*间"
    r"|傳\s*送\s*時\s*間|寄\s*件\s*日\s*期|寄\s*件\s*時\s*間|已\s*发\s*送",
    _TO: r"To|收\s*件\s*人|收\s*件\s*者|收\s*信\s*人",
    _SUBJECT: r"Subject|主\s*题|主\s*旨|标\s*题|主\s*題",
}
_HEADER = {
    name: re.compile(rf"\s*[*|]{{0,2}}\s*(?:{labels})\s*\*?\s*[:：]", re.IGNORECASE)
    for name, labels in _LABELS.items()
}
_HEADER_LINES = 8
_HEADERS_NEEDED = 3


def own_words(text: str) -> str:
    """The text without what is quoted in it; empty when all of it is."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept: list[str] = []
    at = 0
    while at < len(lines):
        if _ends_here(lines, at):
            break
        attribution = _attribution_lines(lines, at)
        if attribution:
            if not _quoted_follows(lines, at + attribution):
                break
            at += attribution
        elif _QUOTED.match(lines[at]):
            at += 1
        else:
            kept.append(lines[at])
            at += 1
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _ends_here(lines: Sequence[str], at: int) -> bool:
    """The rest is an earlier mail."""
    line = lines[at]
    if line == QUOTE_BELOW:
        return True
    if len(line) > _MAX_LINE:
        return False
    if _SEPARATOR.fullmatch(line) or _ANNOUNCEMENT.fullmatch(line):
        return True
    if _LONG_RULE.fullmatch(line):
        following = [one for one in range(at + 1, min(at + 4, len(lines))) if lines[one].strip()]
        return bool(following) and _is_header_block(lines, following[0])
    return _is_header_block(lines, at)


def _is_header_block(lines: Sequence[str], at: int) -> bool:
    """Headers of an earlier mail begin at this line: three kinds of them, the sender among them."""
    if not _labels(lines[at]):
        return False
    found = set().union(*(_labels(line) for line in lines[at : at + _HEADER_LINES]))
    return _FROM in found and len(found) >= _HEADERS_NEEDED


def _labels(line: str) -> set[str]:
    return {name for name, pattern in _HEADER.items() if pattern.match(line[:_MAX_LINE])}


def _attribution_lines(lines: Sequence[str], at: int) -> int:
    """How many lines `On … wrote:` takes from this one on; 0 when it does not begin here."""
    if not _ATTRIBUTION_START.match(lines[at][:_MAX_LINE]) and not _ends(lines[at]):
        return 0
    joined = ""
    for count, line in enumerate(lines[at : at + _MAX_ATTRIBUTION_LINES], start=1):
        if not line.strip() or _QUOTED.match(line):
            return 0
        joined = f"{joined} {line[:_MAX_LINE].strip()}"
        if len(joined) > _MAX_LINE:
            return 0
        if _ends(line):
            return count if _ADDRESS_OR_TIME.search(joined) else 0
    return 0


def _ends(line: str) -> bool:
    return _ATTRIBUTION_END.search(line[-40:]) is not None


def _quoted_follows(lines: Sequence[str], at: int) -> bool:
    for line in lines[at : at + 4]:
        if line.strip():
            return _QUOTED.match(line) is not None
    return False
