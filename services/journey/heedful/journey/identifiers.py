"""Identifiers: one spelling per person, and how much each type says.

Phones become E.164 (ITU-T E.164, as Segment and Twilio do before matching). A value that ingest
replaced by a hash stays as it is.
"""

import re
import unicodedata
import uuid
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

from heedful.common.contracts import Identifier, Identifiers, IdentifierType
from heedful.common.events import deterministic_id

STRENGTH: dict[IdentifierType, int] = {
    IdentifierType.CUSTOMER_ID: 0,
    IdentifierType.WECHAT_UNIONID: 1,
    IdentifierType.MEMBER_CARD: 2,
    IdentifierType.EXTERNAL: 3,
    IdentifierType.WECHAT_OPENID: 4,
    IdentifierType.EMAIL: 5,
    IdentifierType.PHONE: 6,
    IdentifierType.DEVICE: 7,
}
"""Strongest first: an event belongs to the customer of its strongest identifier."""

MIN_DIGITS = 5
"""Of a phone; what is shorter is somebody's way to leave a field empty."""

_DIALLED = re.compile(r"[+\d\s().\-/]+")
_MASK = re.compile(r"[*•●×]")


@dataclass(frozen=True, slots=True)
class Node:
    """One identifier of one tenant.

    Attributes:
        id: the same for the same tenant, type, scope and value, for ever.
        scope: the source whose identifier it is; empty where a value means the same everywhere.
    """

    id: uuid.UUID
    tenant: str
    type: IdentifierType
    scope: str
    value: str

    @property
    def strength(self) -> tuple[int, str, str]:
        """Sorts the strongest first; no two identifiers of a tenant are equal."""
        return STRENGTH[self.type], self.value, self.scope


def nodes(tenant: str, source: str, identifiers: Identifiers, region: str) -> tuple[Node, ...]:
    """The distinct identifiers of one event, strongest first; without those that name nobody.

    Args:
        region: country of phone numbers without a country code.
    """
    found = {_node(tenant, source, identifier, region) for identifier in identifiers}
    return tuple(sorted((one for one in found if one.value), key=lambda one: one.strength))


def normalised(kind: IdentifierType, value: str, region: str) -> str:
    """One spelling of a value; empty when it names nobody: masked (139****1234), a filler (0000).

    Args:
        region: country of phone numbers without a country code.
    """
    plain = _visible(unicodedata.normalize("NFKC", value)).strip()
    if kind is IdentifierType.PHONE:
        return _phone(plain, region)
    if kind is IdentifierType.EMAIL:
        # Not casefold, which would make one address of two: straße@… and strasse@….
        return "" if _MASK.search(plain) else plain.lower()
    return plain


def _node(tenant: str, source: str, identifier: Identifier, region: str) -> Node:
    kind = identifier.type
    scope = source if kind is IdentifierType.EXTERNAL else ""
    value = normalised(kind, identifier.value, region)
    return Node(_node_id(tenant, kind, scope, value), tenant, kind, scope, value)


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


@lru_cache(maxsize=8192)
def _node_id(tenant: str, kind: IdentifierType, scope: str, value: str) -> uuid.UUID:
    # The length keeps (scope, value) apart where one of them holds the separator.
    return uuid.UUID(deterministic_id(tenant, "identifier", kind, str(len(scope)), scope, value))
