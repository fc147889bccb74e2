"""The form in which rules read a text: one code point for one, so that places stay."""

import re

from heedful.ingest.redaction.kinds import Kind

TAKEN = "<"
"""Stands where something was found. No pattern may step over it, however long it is."""

# Full-width forms as Chinese keyboards make them; other spaces, marks that nobody sees, hyphens
# and middle dots.
_NARROW = {
    **{0xFF01 + offset: 0x21 + offset for offset in range(94)},
    **dict.fromkeys((0x3000, 0xA0, *range(0x2000, 0x2010), *range(0x202A, 0x2030), 0x2060), 0x20),
    **dict.fromkeys((0xFEFF, 0x9), 0x20),
    **dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2212), 0x2D),
    **dict.fromkeys((0x2022, 0x2027, 0x22C5, 0x30FB, 0xFF65), 0xB7),
    **dict.fromkeys((0x2018, 0x2019), 0x27),
}
_PLACEHOLDER = re.compile(rf"<(?:{'|'.join(Kind)})(?:_[0-9]{{1,4}}|:[0-9a-f]{{12}})?>")


def normal_form(text: str) -> str:
    """Half-width, with plain spaces and hyphens; placeholders of an earlier redaction are taken."""
    narrow = text if text.isascii() else text.translate(_NARROW)
    if TAKEN not in text:
        return narrow
    # By the text as it came: a placeholder in full-width letters is a customer's words.
    parts: list[str] = []
    done = 0
    for found in _PLACEHOLDER.finditer(text):
        parts += (narrow[done : found.start()], TAKEN * len(found[0]))
        done = found.end()
    return "".join((*parts, narrow[done:]))
