"""The form in which rules read a text: one code point for one, so that places stay."""

import re

from heedful.ingest.redaction.kinds import Kind

TAKEN = "<"
"""Stands where something was found. No pattern may step over it, however long it is."""

# Full-width forms as Chinese keyboards make them; other spaces, marks that nobody sees, hyphens
# and middle dots.
_BLANKS = (0x9, 0xA0, *range(0x2000, 0x2010), *range(0x202A, 0x2030), 0x2060, 0x3000, 0xFEFF)
_NARROW = {
    **{chr(0xFF01 + offset): chr(0x21 + offset) for offset in range(94)},
    **dict.fromkeys(map(chr, _BLANKS), " "),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    **dict.fromkeys("\u2022\u2027\u22c5\u30fb\uff65", "\u00b7"),
    **dict.fromkeys("\u2018\u2019", "'"),
}
_WIDE = re.compile(f"[{re.escape(''.join(_NARROW))}]")
_PLACEHOLDER = re.compile(rf"<(?:{'|'.join(Kind)})(?:_[0-9]{{1,4}}|:[0-9a-f]{{12}})?>")


def normal_form(text: str) -> str:
    """Half-width, with plain spaces and hyphens; placeholders of an earlier redaction are taken."""
    narrow = text if text.isascii() else _half_width(text)
    if TAKEN not in text:
        return narrow
    # By the text as it came: a placeholder in full-width letters is a customer's words.
    parts: list[str] = []
    done = 0
    for found in _PLACEHOLDER.finditer(text):
        parts += (narrow[done : found.start()], TAKEN * len(found[0]))
        done = found.end()
    return "".join((*parts, narrow[done:]))


def _half_width(text: str) -> str:
    # Few of them stand in a text, each often: quicker than a look at every character.
    for wide in set(_WIDE.findall(text)):
        text = text.replace(wide, _NARROW[wide])
    return text
