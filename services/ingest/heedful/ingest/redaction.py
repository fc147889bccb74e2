"""Rules that take personal data out of a text before it reaches a topic. Pure.

Identifiers that the caller gives travel in their own field; what customers say aloud (numbers,
addresses of mail) is replaced by a placeholder. Names and postal addresses need a model and are
masked by nlp. Sources: GB 11643-1999 (resident id, ISO 7064 MOD 11-2 check character),
ISO/IEC 7812-1 (bank card, Luhn check digit), YD/T mobile numbers 1[3-9] + 9 digits.
"""

import re
from collections.abc import Callable

PHONE = "<phone>"
EMAIL = "<email>"
ID_CARD = "<id_card>"
BANK_CARD = "<bank_card>"

# Only digits end a number: letters may touch it, as in "tel13900001234" or "卡号ICBC6222…".
# Digits may be spoken or typed in groups: one space or hyphen between them still counts.
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])"
    r"(?:[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,})+"
)
_ID_CARD = re.compile(r"(?<![0-9])[1-9](?:[ -]?[0-9]){16}[ -]?(?:[Xx]|[0-9](?![0-9]))")
_BANK_CARD = re.compile(r"(?<![0-9])[3-6](?:[ -]?[0-9]){14,18}(?![0-9])")
_PHONE = re.compile(r"(?<![0-9])(?:(?:\+|00)?86[ -]?)?1[ -]?[3-9](?:[ -]?[0-9]){9}(?![0-9])")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_BANK_DIGITS = 15
_DOUBLED = str.maketrans("0123456789", "0246813579")
_TAKEN = "<"

# Full-width forms as Chinese keyboards make them, other spaces and hyphens: one for one.
_NARROW = {
    **{0xFF01 + offset: 0x21 + offset for offset in range(94)},
    **dict.fromkeys((0x3000, 0xA0, 0x2002, 0x2003, 0x2009), 0x20),
    **dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2212), 0x2D),
}
_HINT = re.compile(r"[@＠]|\d(?:[^\w]?\d){6}")

End = Callable[[str], int]
Span = tuple[int, int, str]


def redact(text: str) -> str:
    """Replace e-mail addresses, resident ids, bank cards and mobile numbers."""
    if _HINT.search(text) is None:
        return text
    spans: list[Span] = []
    narrow = text.translate(_NARROW)
    narrow = _take(narrow, _EMAIL, EMAIL, len, spans)
    narrow = _take(narrow, _ID_CARD, ID_CARD, _id_card_end, spans)
    narrow = _take(narrow, _BANK_CARD, BANK_CARD, _bank_card_end, spans)
    _take(narrow, _PHONE, PHONE, len, spans)
    parts: list[str] = []
    done = 0
    for start, end, placeholder in sorted(spans):
        parts += (text[done:start], placeholder)
        done = end
    return "".join((*parts, text[done:]))


def is_id_card(text: str) -> bool:
    """Whether 18 characters are a resident id with a right check character."""
    digits = re.sub(r"[ -]", "", text).upper()
    total = sum(int(digit) * weight for digit, weight in zip(digits[:17], _ID_WEIGHTS, strict=True))
    return _ID_CHECKS[total % 11] == digits[17]


def is_bank_card(text: str) -> bool:
    """Whether the digits pass the Luhn check."""
    digits = text.replace(" ", "").replace("-", "")
    total = sum(map(int, digits[-1::-2])) + sum(map(int, digits[-2::-2].translate(_DOUBLED)))
    return total % 10 == 0


def _take(
    narrow: str, pattern: re.Pattern[str], placeholder: str, end: End, into: list[Span]
) -> str:
    """Note what the pattern finds and `end` confirms; returns the text with it blotted out."""
    at = done = 0
    parts: list[str] = []
    while (found := pattern.search(narrow, at)) is not None:
        start, length = found.start(), end(found[0])
        if length == 0:
            # Not one, but a later group of the same digits may be.
            at = start + 1
            continue
        at = start + length
        into.append((start, at, placeholder))
        parts += (narrow[done:start], _TAKEN * length)
        done = at
    return "".join((*parts, narrow[done:]))


def _id_card_end(text: str) -> int:
    return len(text) if is_id_card(text) else 0


def _bank_card_end(text: str) -> int:
    """The longest run of whole groups that is a card: other digits may follow it."""
    end = len(text)
    digits = end - text.count(" ") - text.count("-")
    while digits >= _BANK_DIGITS:
        if is_bank_card(text[:end]):
            return end
        shorter = max(text.rfind(" ", 0, end), text.rfind("-", 0, end))
        if shorter < 0:
            break
        digits -= end - shorter - 1
        end = shorter
    return 0
