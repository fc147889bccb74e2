"""Rules that take personal data out of a text before it reaches a topic. Pure.

Identifiers that the caller gives travel in their own field; what customers say aloud (numbers,
addresses of mail) is replaced by a placeholder. Names and postal addresses need a model and are
masked by nlp. Sources: GB 11643-1999 (resident id, ISO 7064 MOD 11-2 check character),
ISO/IEC 7812-1 (bank card, Luhn check digit), YD/T mobile numbers 1[3-9] + 9 digits.
"""

import re

PHONE = "<phone>"
EMAIL = "<email>"
ID_CARD = "<id_card>"
BANK_CARD = "<bank_card>"

_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
# Digits may be spoken or typed in groups: one space or hyphen between them still counts.
_ID_CARD = re.compile(r"(?<![0-9A-Za-z])[1-9](?:[ -]?\d){16}[ -]?[0-9Xx](?![0-9A-Za-z])")
_BANK_CARD = re.compile(r"(?<![0-9A-Za-z])[3-6](?:[ -]?\d){14,18}(?![0-9A-Za-z])")
_PHONE = re.compile(r"(?<![0-9A-Za-z])(?:(?:\+|00)?86[ -]?)?1[3-9]\d(?:[ -]?\d){8}(?![0-9A-Za-z])")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_NINE = 9


def redact(text: str) -> str:
    """Replace e-mail addresses, resident ids, bank cards and mobile numbers."""
    if not _may_hold(text):
        return text
    text = _EMAIL.sub(EMAIL, text)
    text = _ID_CARD.sub(lambda found: ID_CARD if is_id_card(found[0]) else found[0], text)
    text = _BANK_CARD.sub(lambda found: BANK_CARD if is_bank_card(found[0]) else found[0], text)
    return _PHONE.sub(PHONE, text)


def is_id_card(text: str) -> bool:
    """Whether 18 characters are a resident id with a right check character."""
    digits = re.sub(r"[ -]", "", text).upper()
    total = sum(int(digit) * weight for digit, weight in zip(digits[:17], _ID_WEIGHTS, strict=True))
    return _ID_CHECKS[total % 11] == digits[17]


def is_bank_card(text: str) -> bool:
    """Whether the digits pass the Luhn check."""
    digits = [int(digit) for digit in re.sub(r"[ -]", "", text)]
    total = 0
    for index, digit in enumerate(reversed(digits)):
        doubled = digit * 2 if index % 2 else digit
        total += doubled - _NINE if doubled > _NINE else doubled
    return total % 10 == 0


_HINT = re.compile(r"@|\d[ -]?\d[ -]?\d[ -]?\d[ -]?\d[ -]?\d[ -]?\d")


def _may_hold(text: str) -> bool:
    return _HINT.search(text) is not None
