"""Numbers of people and accounts in other countries."""

import re

from heedful.ingest.redaction import checks
from heedful.ingest.redaction.kinds import Kind
from heedful.ingest.redaction.recogniser import Match, Place, Recogniser, Sign, value

SSN = Recogniser(
    Kind.SSN,
    re.compile(
        r"(?:SSN|ssn|Ssn|social security|Social Security|Social security|社会安全号|社安号)"
        r"[^0-9<.!?\n]{0,30}"
        r"(?P<value>(?!000|666|9)[0-9]{3}(?P<gap>[ -]?)(?!00)[0-9]{2}(?P=gap)(?!0000)[0-9]{4})"
        r"(?![0-9]|-[0-9])"
    ),
    value,
    needs=Sign.NUMBER,
)
"""United States: area, group and serial number, none of them zeros, no area 666 or 9xx (SSA,
https://www.ssa.gov/employer/randomization.html). By cue: nine digits are many things."""

_LENGTHS = {
    "AD": 24, "AE": 23, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22,
    "DK": 18, "EE": 20, "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21,
    "HU": 28, "IE": 22, "IL": 23, "IS": 26, "IT": 27, "KZ": 20, "LI": 21, "LT": 20, "LU": 20,
    "LV": 21, "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PT": 25, "QA": 29,
    "RO": 24, "RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TN": 24, "TR": 26,
    "UA": 29, "VA": 22,
}  # fmt: skip


def _iban(found: Match) -> Place | None:
    """As many characters as the country has: other words may follow."""
    wanted = _LENGTHS.get(found[0][:2].upper(), 0)
    bare, end = "", found.start()
    while len(bare) < wanted and end < found.end():
        bare += found.string[end].strip().upper()
        end += 1
    if not wanted or len(bare) < wanted or found.string[end : end + 1].isalnum():
        return None
    return (found.start(), end) if checks.iban(bare) else None


IBAN = Recogniser(
    Kind.IBAN,
    re.compile(r"[A-Za-z](?<![A-Za-z0-9].)[A-Za-z][0-9]{2}(?: ?[A-Za-z0-9]){11,30}"),
    _iban,
    needs=Sign.NUMBER | Sign.LETTER,
)
"""ISO 13616-1: country, two check digits, as many characters as the IBAN registry gives it
(https://www.swift.com/standards/data-standards/iban)."""

RECOGNISERS = (SSN, IBAN)
