"""Bytes to text when the declared charset may be wrong, as it often is in Chinese mail: GBK sent
as gb2312 (which lacks thousands of characters), UTF-8 sent as gb2312, nothing declared at all.

Names are mapped as the WHATWG Encoding Standard does (https://encoding.spec.whatwg.org/#names-and-labels):
each to the widest charset of its family. Only these are decoded, since Python knows codecs that
are no charsets (`idna`, `punycode`) and take long over long input.
"""

import re
from collections.abc import Iterable, Mapping

_FAMILIES: Mapping[str, str] = {
    "utf_8": "utf-8 utf8 utf8mb4 unicode-1-1-utf-8",
    "gb18030": "gb2312 gb_2312-80 gb2312-80 gbk x-gbk gb18030 cp936 ms936 windows-936 euc-cn",
    "big5hkscs": "big5 big5-hkscs cn-big5 x-x-big5 cp950 big5hkscs",
    "hz": "hz-gb-2312 hz",
    "cp932": "shift_jis shift-jis sjis ms_kanji cp932 windows-31j x-sjis",
    "euc_jp": "euc-jp x-euc-jp",
    "iso2022_jp": "iso-2022-jp",
    "cp949": "euc-kr ks_c_5601-1987 ksc5601 cp949",
    "utf_16": "utf-16 utf16",
    "utf_16_le": "utf-16le",
    "utf_16_be": "utf-16be",
    "utf_7": "utf-7 unicode-1-1-utf-7",
    "cp1252": "us-ascii ascii ansi_x3.4-1968 iso-8859-1 iso8859-1 latin1 l1 windows-1252 cp1252",
    "iso8859_2": "iso-8859-2",
    "cp1250": "windows-1250",
    "cp1251": "windows-1251",
    "iso8859_5": "iso-8859-5",
    "koi8_r": "koi8-r",
    "cp1253": "windows-1253 iso-8859-7",
    "cp1254": "windows-1254 iso-8859-9",
    "iso8859_15": "iso-8859-15",
    "cp874": "tis-620 windows-874",
    "cp1258": "windows-1258",
}
_CODECS = {label: codec for codec, labels in _FAMILIES.items() for label in labels.split()}
# Tried when the declared one does not fit or is none that we know.
_LIKELY = ("utf_8", "gb18030", "big5hkscs", "cp1252")
_STATEFUL = frozenset({"utf_16", "utf_16_le", "utf_16_be", "utf_7", "hz", "iso2022_jp"})
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
# One wrong byte in a long text (a character cut in two) does not make the charset wrong.
_FEW_BROKEN = 0.02
_MUCH = 0.3


class UnknownCharset(ValueError):
    """The bytes are text in no charset that we know."""


def decode(data: bytes, declared: str | None) -> str:
    """The text, by the declared charset unless the bytes say otherwise.

    Raises:
        UnknownCharset: no charset makes text of it.
    """
    if data.isascii() and codec_of(declared) not in _STATEFUL:
        return data.decode("ascii")
    codec = codec_of(declared)
    if codec not in _STATEFUL and _is_utf8_cjk(data):
        return data.decode("utf-8")
    if codec == "cp1252" and _is_mostly_high(data):
        codec = "gb18030"
    for candidate in _candidates(codec):
        text = data.decode(candidate, "replace")
        if text.count("\ufffd") <= len(text) * _FEW_BROKEN:
            return text
    raise UnknownCharset("no known charset makes text of it")


def codec_of(label: str | None) -> str | None:
    """Python's name of the charset; None when the label is missing or unknown."""
    return _CODECS.get((label or "").strip().strip("'\"").lower())


def _candidates(codec: str | None) -> Iterable[str]:
    likely = _LIKELY if codec not in _LIKELY else [one for one in _LIKELY if one != codec]
    return [*([codec] if codec else []), *likely]


def _is_mostly_high(data: bytes) -> bool:
    # In a western language an accented letter stands among plain ones.
    return sum(byte > 0x7F for byte in data) > len(data) * _MUCH


def _is_utf8_cjk(data: bytes) -> bool:
    # Text in GBK that happens to be valid UTF-8 gives two-byte characters, which are not CJK.
    try:
        return _CJK.search(data.decode("utf-8")) is not None
    except UnicodeDecodeError:
        return False
