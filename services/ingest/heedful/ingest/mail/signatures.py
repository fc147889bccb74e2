"""What a mail program adds below the words: signatures, `发自我的 iPhone`, disclaimers.

A signature is cut where its mark says so (RFC 3676, section 4.3: `-- `), and never guessed from
names or closing formulas: a complaint that ends in a telephone number must keep it.
"""

import re

_DELIMITER = re.compile(r"\s?--\s?")
_MAX_SIGNATURE_LINES = 20
_MAX_DEVICE_CHARS = 300
_APP = (
    r"(?:iPhone|iPad|Mac|Windows|Android|安卓|Outlook|Foxmail|Mail|邮箱|邮件|手机|平板|客户端|QQ)"
)
_DEVICE = re.compile(
    r"\s*[-—*]{0,3}\s*(?:"
    rf"(?:发|發|寄|来|來)?(?:送|信)?自(?:我的|於|于)?.{{0,20}}{_APP}.{{0,20}}"
    rf"|从(?:我的.{{0,20}}|.{{0,20}}邮件)(?:发送|发出|寄出)"
    rf"|(?:获取|下载)适用于.{{1,20}}的 ?Outlook"
    r"|签名由\s*网易邮箱大师\s*定制"
    r"|Sent (?:from|via|with) .{1,60}|Get Outlook for .{1,40}"
    r")\s*(?:<?https?://\S{1,200}>?)?\s*[.。]?\s*",
    re.IGNORECASE,
)
_DISCLAIMER = re.compile(
    r"\s*[*_\"“【(（]{0,3}\s*(?:[本此](?:电子)?(?:邮件|郵件|信息)|(?:免责|保密|机密)(?:声明|提示|条款)"
    r"|CONFIDENTIALITY|DISCLAIMER|The information|(?:This|The) (?:e-?mail|message|communication))",
    re.IGNORECASE,
)
# What a disclaimer speaks of; a customer's own sentence about "this mail" does not.
_LEGALESE = re.compile(
    r"保密|机密|机要|专有信息|未经授权|非授权|误收|错误收到|指定收件人|confidential|privileged"
    r"|intended (?:recipient|solely|only)|received (?:this|it) .{0,30}in error",
    re.IGNORECASE,
)


def without_signature(text: str) -> str:
    """The words above the signature; all of them when nothing marks one."""
    lines = text.split("\n")
    lines = lines[: _delimiter(lines)]
    lines = lines[: _disclaimer(lines)]
    while lines and (not lines[-1].strip() or _is_device(lines[-1])):
        lines.pop()
    return "\n".join(lines).strip()


def _delimiter(lines: list[str]) -> int | None:
    """The last `--` line that has words above it and no more below it than a signature has."""
    for at in range(len(lines) - 1, max(len(lines) - _MAX_SIGNATURE_LINES, 0), -1):
        if _DELIMITER.fullmatch(lines[at]):
            return at
    return None


def _disclaimer(lines: list[str]) -> int | None:
    """The first line of a disclaimer, which stands below an empty line or a rule."""
    for at in range(1, len(lines)):
        starts = not lines[at - 1].strip(" -_=*—") and _DISCLAIMER.match(lines[at][:400])
        if starts and _LEGALESE.search(" ".join(lines[at : at + 3])[:1000]):
            return at
    return None


def _is_device(line: str) -> bool:
    return len(line) <= _MAX_DEVICE_CHARS and _DEVICE.fullmatch(line) is not None
