"""Which encoding the bytes of a text file have.

Chinese Excel writes CSV in the code page of the system, which is GBK; GB 18030-2022 holds it.
UTF-8 and GB 18030 are checked over the whole file, so a foreign byte in its last row is found
before the first row is taken.
"""

import codecs
import re
from dataclasses import dataclass
from typing import BinaryIO, Final

from heedful.ingest.importing.records import Unreadable

UTF_8, UTF_8_BOM, UTF_16, GB18030 = "utf-8", "utf-8-sig", "utf-16", "gb18030"

SURE: Final = 0.75

UNDECODED: Final = re.compile("[\ud800-\udfff]")
"""A byte that is not of the encoding, as `surrogateescape` leaves it (PEP 383)."""

_MARKS: Final = (
    (codecs.BOM_UTF8, UTF_8_BOM),
    (codecs.BOM_UTF16_LE, UTF_16),
    (codecs.BOM_UTF16_BE, UTF_16),
)
_BLOCK_BYTES: Final = 1 << 20
_SAMPLE_BYTES: Final = 1 << 18
_JUDGED_BYTES: Final = 1 << 15
_ASCII: Final = bytes(range(128))
_FEW: Final = 3
_FEW_SHARE: Final = 0.01
"""So many bad bytes, or this share of all that are not ASCII, are damage; more is another
encoding."""
_USUAL: Final = 0.9
"""Share of GB 2312 among the Chinese of an ordinary text. The rarer characters of GB 18030 are what
Big5 or damaged UTF-8 look like when they are read as such."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """`sure` goes from 0 to 1; `reason` is for the user."""

    name: str
    sure: float
    reason: str


@dataclass(frozen=True, slots=True)
class _Bad:
    """Bytes that are not of an encoding: how many, of how many that are not ASCII, first line."""

    count: int
    of: int
    line: int

    @property
    def few(self) -> bool:
        return self.count <= max(_FEW, self.of * _FEW_SHARE)


def detect(file: BinaryIO) -> Encoding:
    """Look at the whole file, from where it stands.

    Raises:
        Unreadable: it is no text in UTF-8, UTF-16 or GB 18030.
    """
    start = file.tell()
    sample = file.read(_SAMPLE_BYTES)
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return Encoding(name, 1.0, "it begins with the mark of this encoding")
    if sample.count(b"\0") > max(_FEW, len(sample) * _FEW_SHARE):
        raise Unreadable(
            "the file is not text; export it as CSV (UTF-8), Excel (.xlsx) or JSON lines"
        )
    utf_8 = _bad(file, start, UTF_8)
    if utf_8.count == 0:
        return Encoding(UTF_8, 1.0, "every byte of it is UTF-8")
    gb18030 = _bad(file, start, GB18030)
    usual = _usual(sample)
    if utf_8.few and (gb18030.count or usual < _USUAL):
        return _damaged(UTF_8, utf_8)
    if not gb18030.few:
        raise Unreadable(
            f"the text is neither UTF-8 (wrong in line {utf_8.line}) nor GB 18030 (wrong in line "
            f"{gb18030.line}); name its encoding, or save it as CSV UTF-8"
        )
    if usual < _USUAL:
        return Encoding(GB18030, 0.4, "not UTF-8, but unusual as GB 18030 too; perhaps it is Big5")
    if gb18030.count:
        return _damaged(GB18030, gb18030)
    return Encoding(GB18030, 0.9, f"not UTF-8 (line {utf_8.line}); every byte of it is GB 18030")


def known(name: str) -> str:
    """The codec of an encoding that the user names.

    Raises:
        Unreadable: there is no such one.
    """
    try:
        found = codecs.lookup(name).name
        "".encode(found)
    except LookupError as error:
        raise Unreadable(
            "there is no such encoding of text; known are utf-8, gb18030, big5, utf-16 and others"
        ) from error
    # With or without its mark.
    return UTF_8_BOM if found == UTF_8 else found


def _damaged(name: str, bad: _Bad) -> Encoding:
    return Encoding(
        name,
        0.6,
        f"{bad.count} of its bytes are not of it, the first in line {bad.line}; rows that hold "
        "one are rejected",
    )


def _bad(file: BinaryIO, start: int, name: str) -> _Bad:
    count = of = first = 0
    lines = 1
    decoder = codecs.getincrementaldecoder(name)("surrogateescape")
    file.seek(start)
    while block := file.read(_BLOCK_BYTES):
        text = decoder.decode(block)
        if not _encodes(text):
            found = UNDECODED.search(text)
            if not count and found:
                first = lines + text.count("\n", 0, found.start())
            count += len(UNDECODED.findall(text))
        of += len(block.translate(None, _ASCII))
        lines += text.count("\n")
    if not _encodes(decoder.decode(b"", final=True)):
        count, first = count + 1, first or lines
    file.seek(start)
    return _Bad(count, of, first)


def _encodes(text: str) -> bool:
    """As quick as decoding; a search for surrogates takes five times as long."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _usual(sample: bytes) -> float:
    """How much of the Chinese of a text read as GB 18030 is in GB 2312."""
    text = sample[:_JUDGED_BYTES].decode(GB18030, errors="ignore")
    chinese = [char for char in text if char > "\u2e80"]
    known = sum(bool(char.encode("gb2312", errors="ignore")) for char in chinese)
    return known / len(chinese) if chinese else 1.0
