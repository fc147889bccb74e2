"""Numbers of bank cards."""

import re

from heedful.ingest.redaction import checks
from heedful.ingest.redaction.kinds import Kind
from heedful.ingest.redaction.recogniser import Match, Place, Recogniser, Sign
from heedful.ingest.redaction.recognisers.naming import is_called_otherwise

_BRANDS = (
    (re.compile(r"62"), range(16, 20)),  # UnionPay
    (re.compile(r"9558[0-9]"), range(19, 20)),  # older debit cards of ICBC
    (re.compile(r"4"), range(16, 17)),  # Visa
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), range(16, 17)),  # Mastercard
    (re.compile(r"3[47]"), range(15, 16)),  # American Express
    (re.compile(r"35(?:2[89]|[3-8])"), range(16, 17)),  # JCB
    (re.compile(r"6011|64[4-9]|65"), range(16, 17)),  # Discover
)
"""Issuer prefixes and lengths: ISO/IEC 7812-1, https://en.wikipedia.org/wiki/Payment_card_number.
What Visa made with 13 digits is gone, and European article numbers (EAN-13) begin alike."""

_LEAST, _MOST = 15, 19
_MORE = rf"(?:[ -]?[0-9]){{{_LEAST - 1},{_MOST - 1}}}(?![0-9])"


def is_bank_card(digits: str) -> bool:
    """Bare digits: a known issuer's prefix and length, and the Luhn check digit."""
    return _issued(digits) and checks.luhn(digits)


def _issued(digits: str) -> bool:
    return any(len(digits) in lengths and prefix.match(digits) for prefix, lengths in _BRANDS)


def _checked(found: Match) -> Place | None:
    """The longest run of whole groups that is a card: other digits may follow it."""
    start, end = found.span()
    while (digits := _bare(found.string[start:end])) and len(digits) >= _LEAST:
        if is_bank_card(digits):
            return None if is_called_otherwise(found.string, start) else (start, end)
        end = max(found.string.rfind(" ", start, end), found.string.rfind("-", start, end))
        if end < 0:
            break
    return None


def _announced(found: Match) -> Place | None:
    return found.span("value") if _issued(_bare(found["value"])) else None


def _bare(written: str) -> str:
    return written.replace(" ", "").replace("-", "")


BY_CHECK = Recogniser(
    Kind.BANK_CARD,
    re.compile(rf"[2-69](?<![0-9].){_MORE}"),
    _checked,
    needs=Sign.NUMBER | Sign.LONG,
)
"""One number in ten passes the check by chance, so one that is called an order is none."""

BY_CUE = Recogniser(
    Kind.BANK_CARD,
    re.compile(
        r"(?:银行卡|信用卡|借记卡|储蓄卡|贷记卡|credit card|Credit card|debit card|Debit card"
        r"|bank card)"
        rf"[^0-9<。!?\n]{{0,12}}(?P<value>[0-9]{_MORE})"
    ),
    _announced,
    needs=Sign.NUMBER | Sign.LONG,
)
"""With one digit mistyped."""

RECOGNISERS = (BY_CHECK, BY_CUE)
