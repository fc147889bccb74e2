"""One spelling of an identifier: what services compare, and what is hashed.

Phones become E.164 (ITU-T E.164, as Segment and Twilio do before matching). A value that ingest
replaced by a keyed hash stays as it is.
"""

import hmac
import re
import unicodedata
from functools import lru_cache
from typing import Annotated

import phonenumbers
from pydantic import AfterValidator, Field

from heedful.common.contracts import IdentifierType

SECRET = "identifiers"  # noqa: S105  # a name
"""Name of the instance secret under which identifiers are hashed."""

MIN_DIGITS = 5
"""Of a phone; what is shorter is somebody's way to leave a field empty."""

_PREFIX = "hashed:"
_HASHED = re.compile(rf"{_PREFIX}[0-9a-f]{{32}}")
_HEX_DIGITS = 32
_DIALLED = re.compile(r"[+\d\s().\-/]+")
_MASK = re.compile(r"[*•●×]")


def _known(region: str) -> str:
    # With an unknown one every number would keep the spelling that it came in.
    if region not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("no country with a numbering plan has this code")
    return region


PhoneRegion = Annotated[str, Field(pattern="^[A-Z]{2}$"), AfterValidator(_known)]
"""Country (ISO 3166) of phone numbers that are written without a country code."""


def normalised(kind: IdentifierType, value: str, region: str) -> str:
    """One spelling of a value; empty when it names nobody: masked (139****1234), a filler (0000).

    Args:
        region: country of phone numbers without a country code.
    """
    plain = _visible(unicodedata.normalize("NFKC", value)).strip()
    if is_hashed(plain):
        return plain
    if kind is IdentifierType.PHONE:
        return _phone(plain, region)
    if kind is IdentifierType.EMAIL:
        # Not casefold, which would make one address of two: straße@… and strasse@….
        return "" if _MASK.search(plain) else plain.lower()
    return plain


def is_hashed(value: str) -> bool:
    """Whether the value is what `hashed` made."""
    return _HASHED.fullmatch(value) is not None


def hashed(secret: bytes, tenant: str, kind: IdentifierType, value: str) -> str:
    """HMAC-SHA256 of a normalised value: the same for the same value of a tenant, for ever.

    A value that is hashed already, or that names nobody (empty), stays as it is.
    """
    if not value or is_hashed(value):
        return value
    message = f"{tenant}\x1f{kind.value}\x1f{value}".encode()
    return _PREFIX + hmac.digest(secret, message, "sha256").hex()[:_HEX_DIGITS]


def _visible(value: str) -> str:
    # Numbers copied from a phone's contacts carry invisible marks of direction.
    if value.isascii():
        return value
    return "".join(one for one in value if unicodedata.category(one) != "Cf")


@lru_cache(maxsize=8192)
def _phone(value: str, region: str) -> str:
    if not _DIALLED.fullmatch(value):
        named = any(map(str.isdecimal, value)) and not _MASK.search(value)
        return value if named else ""
    digits = "".join(str(unicodedata.decimal(one)) for one in value if one.isdecimal())
    if _filler(digits):
        return ""
    dialled = "+" + digits if value.lstrip("( ").startswith("+") else digits
    try:
        number = phonenumbers.parse(dialled, region)
    except phonenumbers.NumberParseException:
        return dialled
    if _filler(str(number.national_number)):
        return ""
    if not phonenumbers.is_possible_number(number):
        return dialled
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _filler(digits: str) -> bool:
    return len(digits) < MIN_DIGITS or len(set(digits)) == 1
